//! Tags of any resource that has an ARN: what it was made with, until `AddTags` or `DeleteTags` changes it.

use crate::{Context, arn, error};
use atelier_store::{Doc, ListQuery, Transaction};
use atelier_wire::Error;
use atelier_wire::aws::Empty;
use atelier_wire::aws::types::{
    AddTagsInput, AddTagsOutput, DeleteTagsInput, DeleteTagsOutput, ListTagsInput, ListTagsOutput, Tag,
};
use serde_json::Value;

const KIND: &str = "tags";

/// AWS's limit.
const MAX_TAGS: usize = 50;

pub fn add_tags(ctx: &Context, request: AddTagsInput) -> Result<AddTagsOutput, Error> {
    let tags = change(ctx, &request.resource_arn, move |tags| {
        for tag in request.tags {
            match tags.iter_mut().find(|old| old.key == tag.key) {
                Some(old) => *old = tag,
                None => tags.push(tag),
            }
        }
    })?;
    Ok(AddTagsOutput { tags: Some(tags) })
}

pub fn list_tags(ctx: &Context, request: ListTagsInput) -> Result<ListTagsOutput, Error> {
    let tags = read(ctx, &request.resource_arn)?;
    Ok(ListTagsOutput { tags: Some(tags), next_token: None })
}

pub fn delete_tags(ctx: &Context, request: DeleteTagsInput) -> Result<DeleteTagsOutput, Error> {
    change(ctx, &request.resource_arn, move |tags| tags.retain(|tag| !request.tag_keys.contains(&tag.key)))?;
    Ok(DeleteTagsOutput {})
}

/// Removes a thing and its tags together, or says in AWS's words that `what` is not there.
pub(super) fn delete_tagged(ctx: &Context, kind: &'static str, what: &str, name: String) -> Result<Empty, Error> {
    let arn = ctx.arn(kind, &name);
    let tagged = arn.clone();
    let gone = ctx.store.transaction(move |transaction| {
        forget(transaction, &tagged)?;
        transaction.delete(kind, &name)
    });
    match gone.map_err(error::store)? {
        true => Ok(Empty {}),
        false => Err(error::could_not_find(what, &arn)),
    }
}

/// Forgets the tags of a resource that is about to go.
pub(crate) fn forget(transaction: &Transaction<'_>, arn: &str) -> Result<(), atelier_store::StoreError> {
    transaction.delete(KIND, arn).map(|_| ())
}

fn read(ctx: &Context, resource_arn: &str) -> Result<Vec<Tag>, Error> {
    let made_with = made_with(ctx, resource_arn)?;
    let changed = ctx.store.get::<Vec<Tag>>(KIND, resource_arn).map_err(error::store)?;
    Ok(changed.map_or(made_with, |doc| doc.body))
}

fn change(
    ctx: &Context,
    resource_arn: &str,
    edit: impl FnOnce(&mut Vec<Tag>) + Send + 'static,
) -> Result<Vec<Tag>, Error> {
    let made_with = made_with(ctx, resource_arn)?;
    let arn = resource_arn.to_owned();
    let changed = ctx.store.transaction(move |transaction| {
        let old = transaction.get::<Vec<Tag>>(KIND, &arn)?;
        let is_new = old.is_none();
        let mut tags = old.map_or(made_with, |doc| doc.body);
        edit(&mut tags);
        if tags.len() > MAX_TAGS {
            return Ok(None);
        }
        match is_new {
            true => transaction.insert(KIND, &arn, "", &tags)?,
            false => transaction.update::<Vec<Tag>, ()>(KIND, &arn, |doc| doc.body.clone_from(&tags)).map(|_| ())?,
        }
        Ok(Some(tags))
    });
    changed
        .map_err(error::store)?
        .ok_or_else(|| error::validation(format!("A resource cannot have more than {MAX_TAGS} tags.")))
}

/// The tags in the request that made the resource. Names in ARNs are in lower case, the names of resources are not.
fn made_with(ctx: &Context, resource_arn: &str) -> Result<Vec<Tag>, Error> {
    let missing = || error::could_not_find("resource", resource_arn);
    let (kind, name) = arn::split(resource_arn).ok_or_else(missing)?;
    let exact = ctx.store.get::<Value>(kind, name).map_err(error::store)?;
    let doc = match exact {
        Some(doc) => doc,
        None => find_any_case(ctx, kind, name)?.ok_or_else(missing)?,
    };
    let tags = &doc.body["request"]["Tags"];
    match tags.is_null() {
        true => Ok(Vec::new()),
        false => serde_json::from_value(tags.clone()).map_err(|error| {
            Error::new("InternalFailure", format!("The tags of {name} cannot be read back: {error}.")).with_status(500)
        }),
    }
}

fn find_any_case(ctx: &Context, kind: &str, name: &str) -> Result<Option<Doc<Value>>, Error> {
    let mut query = ListQuery { limit: 1000, ..ListQuery::default() };
    loop {
        let page = ctx.store.list::<Value>(kind, &query).map_err(error::store)?;
        if let Some(doc) = page.docs.into_iter().find(|doc| doc.name.eq_ignore_ascii_case(name)) {
            return Ok(Some(doc));
        }
        if page.next.is_none() {
            return Ok(None);
        }
        query.after = page.next;
    }
}
