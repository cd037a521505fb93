//! What the palette reaches: everything with a name and an address, best match first.

use crate::calls::files::Workspace;
use atelier_store::{ListQuery, Sort, Store, StoreError};
use atelier_wire::studio::home::Resource;
use serde::de::IgnoredAny;

/// Kinds of documents, with the word that stands before their state.
const KINDS: &[(&str, &str)] =
    &[("training-job", "Training job"), ("transform-job", "Transform job"), ("endpoint", "Endpoint")];

/// Newest documents looked at of each kind, and files of the workspace: a palette answers while one types.
const MAX_DOCUMENTS: usize = 1000;
const MAX_FILES: usize = 20_000;
const MAX_ANSWERS: usize = 200;

/// Resources whose name matches `query`, best first; all of them, newest first, when it is empty.
pub fn find(store: &Store, workspace: &Workspace, query: &str, limit: usize) -> Result<Vec<Resource>, StoreError> {
    let mut found = Vec::new();
    let mut add = |kind: &str, name: &str, detail: String| {
        if let Some(score) = score(query, name) {
            let address = format!("atelier://{kind}/{name}");
            found.push((score, Resource { address, title: name.to_owned(), detail }));
        }
    };
    for (kind, word) in KINDS {
        let newest = ListQuery { sort: Sort::Modified, descending: true, limit: MAX_DOCUMENTS, ..ListQuery::default() };
        for doc in store.list::<IgnoredAny>(kind, &newest)?.docs {
            add(kind, &doc.name, format!("{word} · {}", doc.status));
        }
    }
    for bucket in store.buckets().list()? {
        add("bucket", &bucket.name, "Bucket".to_owned());
    }
    for path in workspace.walk(MAX_FILES) {
        add("file", &path, "File".to_owned());
    }
    // Stable: equal matches stay newest first, and jobs before files.
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    Ok(found.into_iter().take(limit.min(MAX_ANSWERS)).map(|(_, resource)| resource).collect())
}

/// How well `name` answers `query`, without regard to case; `None` for not at all. In falling order: the name or its
/// last part is the query, starts with it, has a word that starts with it, contains it, has its letters in order.
fn score(query: &str, name: &str) -> Option<i32> {
    let query = query.trim().to_lowercase();
    let name = name.to_lowercase();
    if query.is_empty() {
        return Some(0);
    }
    let last = name.rsplit('/').next().unwrap_or(&name);
    let brevity = -i32::try_from(name.chars().count().min(99)).unwrap_or(99);
    let class = if name == query || last == query {
        5
    } else if name.starts_with(&query) || last.starts_with(&query) {
        4
    } else if name.match_indices(&query).any(|(at, _)| name[..at].ends_with(|c: char| !c.is_alphanumeric())) {
        3
    } else if name.contains(&query) {
        2
    } else {
        let mut letters = name.chars();
        query.chars().all(|wanted| letters.any(|c| c == wanted)).then_some(1)?
    };
    Some(class * 100 + brevity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_match_scores_more() {
        let check = |query: &str, better: &str, worse: &str| {
            assert!(
                score(query, better) > score(query, worse),
                "{query}: {better} {:?}, {worse} {:?}",
                score(query, better),
                score(query, worse)
            );
        };
        check("churn", "churn", "churn-2");
        check("churn", "data/churn", "data/churn.csv");
        check("churn", "churn-model", "my-churn");
        check("churn", "my-churn", "unchurned");
        check("churn", "unchurned", "c-h-u-r-n");
        check("xgb", "XGBoost-1", "mixgbx");
        check("job", "job-1", "job-12");
        check("jb", "job", "nothing");
        assert_eq!(score("zz", "job"), None);
        assert_eq!(score("", "job"), Some(0));
    }

    #[test]
    fn all_kinds_are_found() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("work")).unwrap();
        std::fs::write(dir.path().join("work/churn.ipynb"), "{}").unwrap();
        let store = Store::open(&dir.path().join("home")).unwrap();
        store.insert("training-job", "churn-xgboost", "Completed", &1).unwrap();
        store.insert("endpoint", "churn", "InService", &1).unwrap();
        store.insert("model", "churn", "", &1).unwrap();
        store.buckets().create("churn-data").unwrap();
        let workspace = Workspace::open(&dir.path().join("work")).unwrap();
        let find = |query: &str, limit| find(&store, &workspace, query, limit).unwrap();
        let addresses: Vec<_> = find("churn", 10).into_iter().map(|r| r.address).collect();
        assert_eq!(
            addresses,
            [
                "atelier://endpoint/churn",
                "atelier://bucket/churn-data",
                "atelier://file/churn.ipynb",
                "atelier://training-job/churn-xgboost"
            ]
        );
        assert_eq!(find("churn", 1)[0].detail, "Endpoint · InService");
        assert_eq!(find("", 10).len(), 4);
        assert_eq!(find("nothing", 10), []);
    }
}
