//! The steps of a table with their undo. Pure.

use atelier_wire::studio::data::recipe::Step;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    pub steps: Vec<Step>,
    undone: Vec<Vec<Step>>,
    before: Vec<Vec<Step>>,
}

impl Plan {
    pub fn of(steps: Vec<Step>) -> Self {
        Self { steps, ..Self::default() }
    }

    /// The steps that count.
    pub fn applied(&self) -> Vec<Step> {
        self.steps.iter().filter(|step| !step.disabled).cloned().collect()
    }

    /// The steps that count before number `at`.
    pub fn applied_before(&self, at: usize) -> Vec<Step> {
        self.steps.iter().take(at).filter(|step| !step.disabled).cloned().collect()
    }

    fn change(&mut self, work: impl FnOnce(&mut Vec<Step>)) {
        let before = self.steps.clone();
        work(&mut self.steps);
        if self.steps != before {
            self.before.push(before);
            self.undone.clear();
        }
    }

    pub fn push(&mut self, step: Step) {
        self.change(|steps| steps.push(step));
    }

    pub fn insert(&mut self, at: usize, step: Step) {
        self.change(|steps| steps.insert(at.min(steps.len()), step));
    }

    pub fn replace(&mut self, at: usize, step: Step) {
        self.change(|steps| {
            if let Some(old) = steps.get_mut(at) {
                *old = step
            }
        });
    }

    pub fn remove(&mut self, at: usize) {
        self.change(|steps| {
            if at < steps.len() {
                steps.remove(at);
            }
        });
    }

    pub fn toggle(&mut self, at: usize) {
        self.change(|steps| {
            if let Some(step) = steps.get_mut(at) {
                step.disabled = !step.disabled
            }
        });
    }

    /// Moves a step to the place of another.
    pub fn move_to(&mut self, from: usize, to: usize) {
        self.change(|steps| {
            if from < steps.len() && to < steps.len() {
                let step = steps.remove(from);
                steps.insert(to, step);
            }
        });
    }

    /// Puts other steps in their place, as one step of undo.
    pub fn put(&mut self, new: Vec<Step>) {
        self.change(|steps| *steps = new);
    }

    pub fn can_undo(&self) -> bool {
        !self.before.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    pub fn undo(&mut self) {
        if let Some(before) = self.before.pop() {
            self.undone.push(std::mem::replace(&mut self.steps, before));
        }
    }

    pub fn redo(&mut self) {
        if let Some(after) = self.undone.pop() {
            self.before.push(std::mem::replace(&mut self.steps, after));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_can_be_undone() {
        let step = |op: &str| Step { op: op.into(), ..Step::default() };
        let ops = |plan: &Plan| plan.applied().iter().map(|step| step.op.clone()).collect::<String>();
        let mut plan = Plan::default();
        "abc".chars().for_each(|op| plan.push(step(&op.to_string())));
        plan.move_to(2, 0);
        assert_eq!(ops(&plan), "cab");
        plan.toggle(1);
        assert_eq!((ops(&plan), plan.applied_before(2).len()), ("cb".into(), 1));
        plan.remove(9);
        plan.undo();
        plan.undo();
        assert_eq!((ops(&plan), plan.can_redo()), ("abc".into(), true));
        plan.redo();
        plan.replace(0, step("x"));
        assert_eq!((ops(&plan), plan.can_redo()), ("xab".into(), false));
        (0..9).for_each(|_| plan.undo());
        assert!(ops(&plan).is_empty() && !plan.can_undo());
    }
}
