//! Models trained by the real XGBoost, scored by it and by us: the same numbers.

mod library;

use atelier_algorithms::{
    data::{Features, Table},
    xgboost::{Library, model::Model},
};

/// Pseudo-random numbers in [0, 1), the same in every run (Numerical Recipes' quick generator).
struct Random(u32);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / (1 << 24) as f32
    }
}

const WIDTH: usize = 7;

/// Rows with gaps, and labels that `label` makes from a smooth function of them (about 0 to 4).
fn table(rows: usize, gaps: bool, label: impl Fn(f32) -> f32) -> Table {
    let mut random = Random(7);
    let mut values = Vec::new();
    let mut labels = Vec::new();
    for _ in 0..rows {
        let row: Vec<f32> = (0..WIDTH).map(|_| random.next() * 4.0 - 2.0).collect();
        labels.push(label((row[0] * row[1] + row[2].abs() + row[3].sin() + 2.0).clamp(0.0, 4.0)));
        values.extend(row.iter().map(|v| if gaps && random.next() < 0.15 { f32::NAN } else { *v }));
    }
    Table { num_columns: WIDTH, labels, weights: Vec::new(), features: Features::Dense(values) }
}

fn check(parameters: &[(&str, &str)], table: &Table) {
    let Some(path) = library::path() else { return };
    let library = Library::open(&path).expect("the library");
    let matrix = library.matrix(table).expect("a matrix");
    let booster = library.booster(&[&matrix]).expect("a booster");
    for (name, value) in parameters {
        booster.set_param(name, value).expect(name);
    }
    for round in 0..12 {
        booster.update(round, &matrix).expect("a round");
    }
    let expected = booster.predict(&matrix, false).expect("predictions");
    let rows = table.dense(f32::NAN);
    for format in ["json", "ubj"] {
        let model = Model::parse(&booster.save(format).expect("a model file")).expect("a model");
        let mut margins = vec![0.0; model.num_groups];
        let outputs = model.objective.outputs(model.num_groups);
        assert_eq!(expected.len(), outputs * rows.len(), "{parameters:?}");
        for (i, (row, expected)) in rows.iter().zip(expected.chunks_exact(outputs)).enumerate() {
            model.margins(row, &mut margins);
            let n = model.objective.transform(&mut margins);
            for (ours, theirs) in margins[..n].iter().zip(expected) {
                let most = 1e-6 * theirs.abs().max(1.0);
                assert!((ours - theirs).abs() <= most, "{parameters:?} {format} row {i}: {ours} is not {theirs}");
            }
        }
    }
}

fn whole(x: f32) -> f32 {
    x.round()
}

fn half(x: f32) -> f32 {
    f32::from(x > 2.0)
}

#[test]
fn regression() {
    let table = table(300, true, |x| x);
    for objective in
        ["reg:squarederror", "reg:absoluteerror", "reg:pseudohubererror", "reg:squaredlogerror", "reg:tweedie"]
    {
        check(&[("objective", objective)], &table);
    }
    check(&[("objective", "reg:squarederror"), ("base_score", "1.25"), ("max_depth", "3")], &table);
    check(
        &[
            ("objective", "reg:squarederror"),
            ("tree_method", "exact"),
            ("num_parallel_tree", "3"),
            ("subsample", "0.5"),
        ],
        &table,
    );
    check(&[("objective", "reg:squarederror"), ("grow_policy", "lossguide"), ("max_leaves", "9")], &table);
}

#[test]
fn labels_above_zero() {
    let table = table(300, true, |x| x + 0.1);
    for objective in ["reg:gamma", "count:poisson", "survival:cox"] {
        check(&[("objective", objective)], &table);
    }
}

#[test]
fn two_classes() {
    let table = table(300, true, half);
    for objective in ["binary:logistic", "binary:logitraw", "binary:hinge", "reg:logistic"] {
        check(&[("objective", objective)], &table);
    }
    check(&[("objective", "binary:logistic"), ("base_score", "0.3"), ("scale_pos_weight", "2")], &table);
}

#[test]
fn several_classes() {
    let table = table(300, true, whole);
    for objective in ["multi:softprob", "multi:softmax"] {
        check(&[("objective", objective), ("num_class", "5")], &table);
        check(&[("objective", objective), ("num_class", "5"), ("booster", "dart"), ("rate_drop", "0.3")], &table);
    }
}

#[test]
fn other_boosters() {
    let table = table(300, true, half);
    check(&[("booster", "dart"), ("rate_drop", "0.5"), ("one_drop", "1"), ("objective", "binary:logistic")], &table);
    check(&[("booster", "gblinear"), ("objective", "binary:logistic"), ("updater", "coord_descent")], &table);
    check(
        &[("booster", "gblinear"), ("objective", "reg:squarederror"), ("updater", "coord_descent")],
        &self::table(300, false, |x| x),
    );
}

#[test]
fn ranking_and_sparse_rows() {
    let mut table = table(300, false, whole);
    for objective in ["rank:pairwise", "rank:ndcg"] {
        check(&[("objective", objective)], &table);
    }
    let Features::Dense(values) = &table.features else { unreachable!("made dense above") };
    let kept: Vec<(usize, f32)> = values.iter().copied().enumerate().filter(|(i, _)| i % 3 != 0).collect();
    table.features = Features::Sparse {
        starts: (0..=300u64).map(|row| kept.iter().filter(|(i, _)| i / WIDTH < row as usize).count() as u64).collect(),
        columns: kept.iter().map(|(i, _)| (i % WIDTH) as u32).collect(),
        values: kept.iter().map(|(_, v)| *v).collect(),
    };
    check(&[("objective", "reg:squarederror")], &table);
}
