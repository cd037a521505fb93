//! What was read of a notebook and what was told of it since, brought into one order. Answers and events come to a
//! window by ways of their own, so either may be first; each has the number of the last change that is in it.

/// How far a reader is.
pub struct Order<T> {
    progress: Progress<T>,
    /// Whether each change is told to this reader: then a number that is left out is a change that was lost.
    hears_all: bool,
}

enum Progress<T> {
    /// An answer is on its way; what was told meanwhile, by its number.
    Reading(Vec<(u64, T)>),
    /// Everything up to this number has been taken in.
    Upto(u64),
    /// Nothing could be read, so nothing that is told means anything.
    Lost,
}

#[derive(Debug, PartialEq)]
pub enum Heard<T> {
    /// To be taken in now.
    Next(T),
    /// Known already, or kept until the answer is there.
    Nothing,
    /// A change is missing: all is to be read again.
    Gap,
}

impl<T> Order<T> {
    /// For a reader of all changes, who is about to read.
    pub fn of_all() -> Self {
        Self { progress: Progress::Reading(Vec::new()), hears_all: true }
    }

    /// For a reader who is told of some changes only.
    pub fn of_some() -> Self {
        Self { hears_all: false, ..Self::of_all() }
    }

    /// The notebook is being read, perhaps once more.
    pub fn read(&mut self) {
        if !matches!(self.progress, Progress::Reading(_)) {
            self.progress = Progress::Reading(Vec::new());
        }
    }

    pub fn hear(&mut self, number: u64, change: T) -> Heard<T> {
        match &mut self.progress {
            Progress::Reading(kept) => kept.push((number, change)),
            Progress::Upto(last) if number <= *last => {}
            Progress::Upto(last) if self.hears_all && number > *last + 1 => {
                self.progress = Progress::Reading(vec![(number, change)]);
                return Heard::Gap;
            }
            Progress::Upto(last) => {
                *last = number;
                return Heard::Next(change);
            }
            Progress::Lost => {}
        }
        Heard::Nothing
    }

    /// An answer with everything up to `number` is there. What was told and is not in it, to be heard once the answer is
    /// shown; `None` for an answer that is older than what is shown.
    pub fn answer(&mut self, number: u64) -> Option<Vec<(u64, T)>> {
        if self.upto() > number {
            return None;
        }
        match std::mem::replace(&mut self.progress, Progress::Upto(number)) {
            Progress::Reading(kept) => Some(kept),
            Progress::Upto(_) | Progress::Lost => Some(Vec::new()),
        }
    }

    pub fn fail(&mut self) {
        self.progress = Progress::Lost;
    }

    /// The number of the last change that was taken in; 0 while that is not known.
    pub fn upto(&self) -> u64 {
        match self.progress {
            Progress::Upto(number) => number,
            Progress::Reading(_) | Progress::Lost => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes in what is heard, as a panel does. True if it has to read again.
    fn hear(order: &mut Order<char>, shown: &mut String, told: impl IntoIterator<Item = (u64, char)>) -> bool {
        let mut gap = false;
        for (number, change) in told {
            match order.hear(number, change) {
                Heard::Next(change) => shown.push(change),
                Heard::Nothing => {}
                Heard::Gap => gap = true,
            }
        }
        gap
    }

    fn answer(order: &mut Order<char>, shown: &mut String, all: &str, number: u64) -> bool {
        let Some(kept) = order.answer(number) else { return false };
        *shown = all[..number as usize].to_owned();
        hear(order, shown, kept)
    }

    /// Change number n is the n-th letter. Whatever is told before, around and after the answer, all is shown once.
    #[test]
    fn each_change_is_shown_once_wherever_the_answer_comes() {
        let all = "abcdef";
        let told: Vec<(u64, char)> = (1..).zip(all.chars()).collect();
        for from in 0..=6 {
            for answered in 0..=6 {
                // The answer holds what was told before the reader listened, at least.
                for number in from..=6 {
                    let (mut order, mut shown) = (Order::of_all(), String::new());
                    let split = answered.max(from);
                    let mut gap = hear(&mut order, &mut shown, told[from..split].iter().copied());
                    gap |= answer(&mut order, &mut shown, all, number as u64);
                    gap |= hear(&mut order, &mut shown, told[split..].iter().copied());
                    assert!(!gap && shown == all, "from {from}, {answered} told, answer {number}: {shown}");
                }
            }
        }
    }

    #[test]
    fn what_was_lost_is_read_again() {
        let (mut order, mut shown) = (Order::of_all(), String::new());
        answer(&mut order, &mut shown, "abcdef", 1);
        assert!(hear(&mut order, &mut shown, [(2, 'b'), (4, 'd')]));
        // Further changes ask for nothing more: the answer is on its way.
        assert!(!hear(&mut order, &mut shown, [(5, 'e')]));
        assert_eq!((shown.as_str(), order.upto()), ("ab", 0));
        assert!(!answer(&mut order, &mut shown, "abcdef", 4));
        assert_eq!((shown.as_str(), order.upto()), ("abcde", 5));
        // An answer that was lost on its way, and comes late.
        assert!(order.answer(3).is_none());
        // A reader of some changes misses none by the others' numbers.
        let mut some = Order::of_some();
        assert_eq!(some.answer(1), Some(Vec::new()));
        assert_eq!(some.hear(7, 'g'), Heard::Next('g'));
    }

    #[test]
    fn what_cannot_be_read_asks_for_nothing() {
        let mut order = Order::of_all();
        order.fail();
        assert_eq!(order.hear(9, 'i'), Heard::Nothing);
        order.read();
        assert_eq!(order.hear(10, 'j'), Heard::Nothing);
        assert_eq!(order.answer(9), Some(vec![(10, 'j')]));
    }
}
