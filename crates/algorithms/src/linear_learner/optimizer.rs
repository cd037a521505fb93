//! Steps along a gradient: SGD with momentum, RMSProp and Adam.

/// The rule of the step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    Sgd {
        momentum: f64,
    },
    /// Hinton's lecture 6e; decay 0.9.
    RmsProp,
    /// Kingma and Ba, 2015.
    Adam {
        beta_1: f64,
        beta_2: f64,
    },
}

/// The rule with its running means, one for each parameter.
#[derive(Clone, Debug)]
pub struct Optimizer {
    rule: Rule,
    first: Vec<f64>,
    second: Vec<f64>,
    steps: i32,
}

const EPS: f64 = 1e-8;

impl Optimizer {
    pub fn new(rule: Rule, num_parameters: usize) -> Optimizer {
        Optimizer { rule, first: vec![0.0; num_parameters], second: vec![0.0; num_parameters], steps: 0 }
    }

    /// Moves the parameters against the gradient.
    pub fn step(&mut self, parameters: &mut [f64], gradient: &[f64], learning_rate: f64) {
        self.steps += 1;
        let state = self.first.iter_mut().zip(&mut self.second);
        for ((p, g), (first, second)) in parameters.iter_mut().zip(gradient).zip(state) {
            *p -= match self.rule {
                Rule::Sgd { momentum } => {
                    *first = momentum * *first + learning_rate * g;
                    *first
                }
                Rule::RmsProp => {
                    *second = 0.9 * *second + 0.1 * g * g;
                    learning_rate * g / (second.sqrt() + EPS)
                }
                Rule::Adam { beta_1, beta_2 } => {
                    *first = beta_1 * *first + (1.0 - beta_1) * g;
                    *second = beta_2 * *second + (1.0 - beta_2) * g * g;
                    let mean = *first / (1.0 - beta_1.powi(self.steps));
                    let square = *second / (1.0 - beta_2.powi(self.steps));
                    learning_rate * mean / (square.sqrt() + EPS)
                }
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: Rule) {
        let mut optimizer = Optimizer::new(rule, 2);
        let mut at = [3.0, -2.0];
        for _ in 0..2000 {
            let gradient = [2.0 * (at[0] - 1.0), 2.0 * (at[1] - 0.5)];
            optimizer.step(&mut at, &gradient, 0.01);
        }
        assert!((at[0] - 1.0).abs() < 0.02 && (at[1] - 0.5).abs() < 0.02, "{rule:?} ended at {at:?}");
    }

    #[test]
    fn each_rule_finds_the_bottom_of_a_bowl() {
        check(Rule::Sgd { momentum: 0.0 });
        check(Rule::Sgd { momentum: 0.9 });
        check(Rule::RmsProp);
        check(Rule::Adam { beta_1: 0.9, beta_2: 0.999 });
    }
}
