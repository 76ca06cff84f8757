//! How the CPU threads of libtorch behave.

use rnn_tools::error::{Error, Result};

/// Sets the number of threads, where one is given.
pub fn set_num_threads(count: Option<usize>) -> Result<()> {
    if let Some(count) = count {
        let count = i32::try_from(count).ok().filter(|&count| count > 0);
        tch::set_num_threads(count.ok_or_else(|| Error::usage("--threads must be at least 1"))?);
    }
    Ok(())
}

/// Finds the number of threads that is fastest while training goes on: beside other busy processes fewer threads are
/// up to twice as fast, since each product waits for its last thread. Only for a training in which the number has no influence on the
/// result.
pub struct ThreadTuner {
    /// Numbers to choose from, falling; none where the number is not ours to choose.
    counts: Vec<i32>,
    /// The one that is in use, or, while another is tried, the one it is measured against.
    chosen: usize,
    /// The one that is tried.
    tried: Option<usize>,
    /// The one that was tried last: each has its turn.
    last: usize,
    /// Steps since the last change, seconds since the last trial, and seconds a token.
    steps: usize,
    seconds: f64,
    pace: f64,
    /// Pace of the chosen number when it was measured against another.
    reference: f64,
    /// Steps until another is tried.
    interval: usize,
}

impl ThreadTuner {
    /// Steps in which a number is measured, after one in which its threads are started.
    const TRIAL: usize = 4;
    const SHORTEST: usize = 16;
    /// So many times the pace of the chosen number is reason enough to end a trial early.
    const BAD: f64 = 1.3;
    const LONGEST: usize = 1024;
    /// Least time between two trials, so that few long steps are not spent on them.
    const SECONDS: f64 = 5.0;

    /// For a CPU whose number of threads nobody has set.
    pub fn free() -> Self {
        let all = tch::get_num_threads();
        let counts = std::iter::successors(Some(all), |count| (*count > 1).then_some(count / 2)).collect();
        Self::among(counts)
    }

    /// Leaves the number as it is.
    pub fn fixed() -> Self {
        Self::among(Vec::new())
    }

    fn among(counts: Vec<i32>) -> Self {
        let interval = Self::SHORTEST;
        Self { counts, chosen: 0, tried: None, last: 0, steps: 0, seconds: 0.0, pace: 0.0, reference: 0.0, interval }
    }

    /// Runs `f` with all threads. A product in 32 bits may differ in its last bit with the number of threads, and an
    /// evaluation must not depend on how busy the machine was.
    pub fn with_all<T>(&self, f: impl FnOnce() -> T) -> T {
        let Some(&all) = self.counts.first() else { return f() };
        let before = tch::get_num_threads();
        tch::set_num_threads(all);
        let result = f();
        tch::set_num_threads(before);
        result
    }

    /// A step over so many tokens took `seconds`.
    pub fn took(&mut self, seconds: f64, tokens: usize) {
        self.seconds += seconds;
        if let Some(count) = self.next(seconds / tokens as f64) {
            tch::set_num_threads(count);
        }
    }

    /// The number for the steps from now on, where it changes.
    fn next(&mut self, pace: f64) -> Option<i32> {
        if self.counts.len() < 2 {
            return None;
        }
        self.steps += 1;
        if self.steps == 1 {
            return None; // threads start
        }
        // Over about as many steps as a trial has.
        let new = 1.0 / (self.steps - 1).min(Self::TRIAL) as f64;
        self.pace += new * (pace - self.pace);
        match self.tried {
            Some(tried) if self.steps > Self::TRIAL && self.pace < 0.95 * self.reference => {
                (self.chosen, self.reference, self.tried) = (tried, self.pace, None);
                self.interval = Self::SHORTEST;
                None
            }
            // A trial that goes badly ends at once.
            Some(_) if self.steps > Self::TRIAL || self.pace > Self::BAD * self.reference => {
                self.tried = None;
                self.interval = (2 * self.interval).min(Self::LONGEST);
                (self.steps, self.pace) = (0, 0.0);
                Some(self.counts[self.chosen])
            }
            Some(_) => None,
            None => {
                let is_changed = self.reference > 0.0 && (self.pace / self.reference - 1.0).abs() > 0.3;
                let is_due = is_changed || (self.steps >= self.interval && self.seconds >= Self::SECONDS);
                if self.steps < Self::SHORTEST || !is_due {
                    return None;
                }
                if is_changed {
                    self.interval = Self::SHORTEST;
                }
                let mut others = (1..=self.counts.len()).map(|turn| (self.last + turn) % self.counts.len());
                let tried = others.find(|&other| other != self.chosen)?;
                self.last = tried;
                (self.tried, self.reference, self.seconds) = (Some(tried), self.pace, 0.0);
                (self.steps, self.pace) = (0, 0.0);
                Some(self.counts[tried])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs steps whose pace follows from the number of threads; gives the number for each.
    fn counts(balance: &mut ThreadTuner, steps: usize, pace: impl Fn(i32) -> f64) -> Vec<i32> {
        let mut count = balance.counts[balance.tried.unwrap_or(balance.chosen)];
        let mut all = Vec::new();
        for _ in 0..steps {
            all.push(count);
            balance.seconds += 1.0;
            count = balance.next(pace(count)).unwrap_or(count);
        }
        all
    }

    #[test]
    fn the_fastest_number_is_found_and_found_again_when_neighbours_come_and_go() {
        let mut balance = ThreadTuner::among(vec![8, 4, 2, 1]);
        // Of the last thousand steps.
        let share = |all: &[i32], count| all.iter().rev().take(1000).filter(|&&c| c == count).count() as f64 / 1000.0;
        let alone = counts(&mut balance, 4000, |count| 1.0 / f64::from(count));
        assert!(share(&alone, 8) > 0.97, "{}", share(&alone, 8));
        let busy = counts(&mut balance, 4000, |count| if count > 2 { 2.0 } else { 1.0 / f64::from(count) });
        assert!(share(&busy, 2) > 0.9, "{}", share(&busy, 2));
        let alone = counts(&mut balance, 4000, |count| 1.0 / f64::from(count));
        assert!(share(&alone, 8) > 0.9, "{}", share(&alone, 8));
    }

    #[test]
    fn one_core_and_a_fixed_number_are_left_alone() {
        for counts in [vec![], vec![1]] {
            let mut balance = ThreadTuner::among(counts);
            assert!((0..100).all(|step| balance.next(f64::from(step)).is_none()));
        }
    }
}
