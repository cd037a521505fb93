//! Losses of a linear score and their derivatives by it.

/// A loss with its constants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Loss {
    Squared,
    Absolute,
    /// Zero within `eps` of the label.
    EpsSquared(f64),
    EpsAbsolute(f64),
    /// Pinball loss (Koenker and Bassett, 1978).
    Quantile(f64),
    Huber(f64),
    /// Cross entropy; label 0 or 1.
    Logistic,
    /// Label 0 or 1, with its margin.
    Hinge(f64),
    /// Cross entropy over several scores; label is the class.
    Softmax,
}

impl Loss {
    /// The loss of one row; writes the derivative by each score over the scores.
    pub fn step(self, scores: &mut [f64], label: f64) -> f64 {
        if self == Loss::Softmax {
            let class = label as usize;
            softmax(scores);
            let p = scores[class];
            scores[class] -= 1.0;
            return -p.max(1e-15).ln();
        }
        let score = scores[0];
        let d = score - label;
        let (loss, slope) = match self {
            Loss::Squared => (d * d, 2.0 * d),
            Loss::Absolute => (d.abs(), sign(d)),
            Loss::EpsSquared(eps) => {
                let beyond = (d.abs() - eps).max(0.0);
                (beyond * beyond, 2.0 * beyond * sign(d))
            }
            Loss::EpsAbsolute(eps) => ((d.abs() - eps).max(0.0), if d.abs() > eps { sign(d) } else { 0.0 }),
            // d < 0 is a score below the label, which costs `q` a unit.
            Loss::Quantile(q) => {
                if d < 0.0 {
                    (-q * d, -q)
                } else {
                    ((1.0 - q) * d, 1.0 - q)
                }
            }
            Loss::Huber(delta) => match d.abs() <= delta {
                true => (0.5 * d * d, d),
                false => (delta * (d.abs() - 0.5 * delta), delta * sign(d)),
            },
            Loss::Logistic => {
                // ln(1 + e^s) without overflow.
                let softplus = score.max(0.0) + (-score.abs()).exp().ln_1p();
                (softplus - label * score, sigmoid(score) - label)
            }
            Loss::Hinge(margin) => {
                let side = 2.0 * label - 1.0;
                let short = margin - side * score;
                if short > 0.0 { (short, -side) } else { (0.0, 0.0) }
            }
            Loss::Softmax => unreachable!("returned above"),
        };
        scores[0] = slope;
        loss
    }

    /// The name in the metric lines.
    pub fn objective(self) -> &'static str {
        match self {
            Loss::Squared => "mse_objective",
            Loss::Absolute => "absolute_loss_objective",
            Loss::EpsSquared(_) => "eps_insensitive_squared_loss_objective",
            Loss::EpsAbsolute(_) => "eps_insensitive_absolute_loss_objective",
            Loss::Quantile(_) => "quantile_loss_objective",
            Loss::Huber(_) => "huber_loss_objective",
            Loss::Logistic => "binary_classification_cross_entropy_objective",
            Loss::Hinge(_) => "hinge_loss_objective",
            Loss::Softmax => "multiclass_cross_entropy_objective",
        }
    }
}

/// -1, 0 or 1; `f64::signum` has no 0.
fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

pub fn softmax(scores: &mut [f64]) {
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    scores.iter_mut().for_each(|s| *s = (*s - most).exp());
    let sum: f64 = scores.iter().sum();
    scores.iter_mut().for_each(|s| *s /= sum);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(loss: Loss, scores: &[f64], label: f64) {
        let value = |scores: &[f64]| loss.step(&mut scores.to_vec(), label);
        let mut slopes = scores.to_vec();
        loss.step(&mut slopes, label);
        for i in 0..scores.len() {
            let h = 1e-6;
            let (mut up, mut down) = (scores.to_vec(), scores.to_vec());
            up[i] += h;
            down[i] -= h;
            let numeric = (value(&up) - value(&down)) / (2.0 * h);
            assert!((numeric - slopes[i]).abs() < 1e-4, "{loss:?} at {scores:?}: {numeric} against {}", slopes[i]);
        }
    }

    #[test]
    fn derivatives_agree_with_differences() {
        for loss in [
            Loss::Squared,
            Loss::Absolute,
            Loss::EpsSquared(0.1),
            Loss::EpsAbsolute(0.1),
            Loss::Quantile(0.3),
            Loss::Huber(1.0),
        ] {
            for score in [-2.0, 0.3, 0.55, 4.0] {
                check(loss, &[score], 0.5);
            }
        }
        for label in [0.0, 1.0] {
            for score in [-30.0, -0.4, 0.7, 800.0] {
                check(Loss::Logistic, &[score], label);
                check(Loss::Hinge(1.0), &[score], label);
            }
        }
        check(Loss::Softmax, &[0.1, -2.0, 3.0], 1.0);
    }
}
