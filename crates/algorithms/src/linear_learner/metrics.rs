//! What is measured of a trained model, and the threshold of a binary classifier.

use super::settings::Criterion;

/// Hits and misses at a threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Confusion {
    pub true_positive: f64,
    pub false_positive: f64,
    pub false_negative: f64,
    pub true_negative: f64,
}

fn ratio(a: f64, b: f64) -> f64 {
    if b > 0.0 { a / b } else { 0.0 }
}

impl Confusion {
    pub fn at(scores: &[f64], labels: &[f32], threshold: f64) -> Confusion {
        let mut all = Confusion::default();
        for (score, label) in scores.iter().zip(labels) {
            let place = match (*score >= threshold, *label > 0.5) {
                (true, true) => &mut all.true_positive,
                (true, false) => &mut all.false_positive,
                (false, true) => &mut all.false_negative,
                (false, false) => &mut all.true_negative,
            };
            *place += 1.0;
        }
        all
    }

    pub fn accuracy(&self) -> f64 {
        let right = self.true_positive + self.true_negative;
        ratio(right, right + self.false_positive + self.false_negative)
    }

    pub fn precision(&self) -> f64 {
        ratio(self.true_positive, self.true_positive + self.false_positive)
    }

    pub fn recall(&self) -> f64 {
        ratio(self.true_positive, self.true_positive + self.false_negative)
    }

    pub fn f_beta(&self, beta: f64) -> f64 {
        let square = beta * beta;
        let (precision, recall) = (self.precision(), self.recall());
        ratio((1.0 + square) * precision * recall, square * precision + recall)
    }

    /// How well the criterion is met: targets first, then what is maximised.
    fn merit(&self, criterion: Criterion) -> (bool, f64) {
        match criterion {
            Criterion::Accuracy | Criterion::LossFunction => (true, self.accuracy()),
            Criterion::FBeta(beta) => (true, self.f_beta(beta)),
            Criterion::PrecisionAtRecall(target) => (self.recall() >= target, self.precision()),
            Criterion::RecallAtPrecision(target) => (self.precision() >= target, self.recall()),
        }
    }
}

/// The threshold that meets the criterion best on these scores, halfway between two neighbours. Ties are broken
/// towards `usual`.
pub fn threshold(scores: &[f64], labels: &[f32], criterion: Criterion, usual: f64) -> f64 {
    if criterion == Criterion::LossFunction || scores.is_empty() {
        return usual;
    }
    let mut order: Vec<(f64, bool)> = scores.iter().copied().zip(labels.iter().map(|l| *l > 0.5)).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let positives = order.iter().filter(|(_, positive)| *positive).count() as f64;
    let mut now =
        Confusion { false_negative: positives, true_negative: order.len() as f64 - positives, ..Confusion::default() };
    let (mut best, mut merit) = (usual, Confusion::at(scores, labels, usual).merit(criterion));
    for (i, (score, positive)) in order.iter().enumerate() {
        match positive {
            true => (now.true_positive, now.false_negative) = (now.true_positive + 1.0, now.false_negative - 1.0),
            false => (now.false_positive, now.true_negative) = (now.false_positive + 1.0, now.true_negative - 1.0),
        }
        let next = order.get(i + 1).map(|(score, _)| *score);
        if next == Some(*score) {
            continue;
        }
        let here = now.merit(criterion);
        if here.partial_cmp(&merit).is_some_and(std::cmp::Ordering::is_gt) {
            (best, merit) = (next.map_or(*score, |next| (score + next) / 2.0), here);
        }
    }
    best
}

/// Area under the ROC curve by ranks (Mann and Whitney, 1947), ties counted half.
pub fn roc_auc(scores: &[f64], labels: &[f32]) -> f64 {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    let (mut rank_sum, mut at) = (0.0, 0);
    while at < order.len() {
        let tied = order[at..].iter().take_while(|i| scores[**i] == scores[order[at]]).count();
        let rank = at as f64 + (tied as f64 + 1.0) / 2.0;
        rank_sum += rank * order[at..at + tied].iter().filter(|i| labels[**i] > 0.5).count() as f64;
        at += tied.max(1);
    }
    let positives = labels.iter().filter(|l| **l > 0.5).count() as f64;
    let negatives = labels.len() as f64 - positives;
    ratio(rank_sum - positives * (positives + 1.0) / 2.0, positives * negatives)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCORES: [f64; 6] = [0.1, 0.4, 0.35, 0.8, 0.8, 0.05];
    const LABELS: [f32; 6] = [0., 0., 1., 1., 0., 0.];

    #[test]
    fn area_under_the_curve_is_scikit_learns() {
        assert_eq!(roc_auc(&SCORES, &LABELS), 0.6875);
        assert_eq!(roc_auc(&[0.1, 0.9], &[0., 1.]), 1.0);
        assert_eq!(roc_auc(&[0.1, 0.9], &[1., 1.]), 0.0);
    }

    fn check(criterion: Criterion, expected: f64) {
        let found = threshold(&SCORES, &LABELS, criterion, 0.5);
        assert!((found - expected).abs() < 1e-12, "{criterion:?} gave {found}");
    }

    #[test]
    fn thresholds_follow_the_criterion() {
        check(Criterion::Accuracy, 0.5);
        check(Criterion::LossFunction, 0.5);
        check(Criterion::PrecisionAtRecall(0.9), (0.35 + 0.1) / 2.0);
        check(Criterion::RecallAtPrecision(0.5), (0.35 + 0.1) / 2.0);
        check(Criterion::FBeta(1.0), (0.35 + 0.1) / 2.0);
    }
}
