//! The number of CPU threads that libtorch uses.

/// Finds the fastest number of threads during training. Beside other busy processes, fewer threads are up to twice as
/// fast, since each matrix product waits for its last thread. Must only be used if the number does not affect results.
pub struct ThreadTuner {
    /// The candidates in descending order; empty if the number is fixed.
    counts: Vec<i32>,
    /// The index of the current number; during a trial, of the number to compare with.
    chosen: usize,
    /// The index of the number being tried.
    tried: Option<usize>,
    /// The index of the number tried last; the candidates take turns.
    last: usize,
    /// Steps since the last change, seconds since the last trial, and average seconds per token.
    steps: usize,
    seconds: f64,
    pace: f64,
    /// The seconds per token of the chosen number in the last comparison.
    reference: f64,
    /// Steps between trials.
    interval: usize,
}

impl ThreadTuner {
    /// Steps of a trial, after one in which threads are started.
    const TRIAL: usize = 4;
    const MIN_INTERVAL: usize = 16;
    /// A trial ends early if its seconds per token exceed this multiple of the reference.
    const MAX_SLOWDOWN: f64 = 1.3;
    const MAX_INTERVAL: usize = 1024;
    /// The minimum time in seconds between two trials, so that runs with long steps spend few of them on trials.
    const MIN_SECONDS: f64 = 5.0;

    /// Chooses among the current number of threads and its halves.
    pub fn adaptive() -> Self {
        let all = tch::get_num_threads();
        let counts = std::iter::successors(Some(all), |count| (*count > 1).then_some(count / 2)).collect();
        Self::among(counts)
    }

    /// Keeps the current number of threads.
    pub fn fixed() -> Self {
        Self::among(Vec::new())
    }

    fn among(counts: Vec<i32>) -> Self {
        let interval = Self::MIN_INTERVAL;
        Self { counts, chosen: 0, tried: None, last: 0, steps: 0, seconds: 0.0, pace: 0.0, reference: 0.0, interval }
    }

    /// Runs `f` with all threads. The last bit of a product in 32 bits may depend on the number of threads, but an
    /// evaluation must not depend on the load of the machine.
    pub fn with_all<T>(&self, f: impl FnOnce() -> T) -> T {
        let Some(&all) = self.counts.first() else { return f() };
        let before = tch::get_num_threads();
        tch::set_num_threads(all);
        let result = f();
        tch::set_num_threads(before);
        result
    }

    /// Records that a step over this many tokens took `seconds`, and may change the number of threads.
    pub fn record(&mut self, seconds: f64, tokens: usize) {
        self.seconds += seconds;
        if let Some(count) = self.next(seconds / tokens as f64) {
            tch::set_num_threads(count);
        }
    }

    /// Returns the new number of threads, or None if unchanged.
    fn next(&mut self, pace: f64) -> Option<i32> {
        if self.counts.len() < 2 {
            return None;
        }
        self.steps += 1;
        if self.steps == 1 {
            return None; // includes starting the threads
        }
        // A moving average over about as many steps as a trial has.
        let new = 1.0 / (self.steps - 1).min(Self::TRIAL) as f64;
        self.pace += new * (pace - self.pace);
        match self.tried {
            Some(tried) if self.steps > Self::TRIAL && self.pace < 0.95 * self.reference => {
                (self.chosen, self.reference, self.tried) = (tried, self.pace, None);
                self.interval = Self::MIN_INTERVAL;
                None
            }
            // The trial failed: it is not faster, or slow enough to end early.
            Some(_) if self.steps > Self::TRIAL || self.pace > Self::MAX_SLOWDOWN * self.reference => {
                self.tried = None;
                self.interval = (2 * self.interval).min(Self::MAX_INTERVAL);
                (self.steps, self.pace) = (0, 0.0);
                Some(self.counts[self.chosen])
            }
            Some(_) => None,
            None => {
                let is_changed = self.reference > 0.0 && (self.pace / self.reference - 1.0).abs() > 0.3;
                let is_due = is_changed || (self.steps >= self.interval && self.seconds >= Self::MIN_SECONDS);
                if self.steps < Self::MIN_INTERVAL || !is_due {
                    return None;
                }
                if is_changed {
                    self.interval = Self::MIN_INTERVAL;
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

    /// Simulates steps whose pace depends on the number of threads. Returns the number in each step.
    fn counts(tuner: &mut ThreadTuner, steps: usize, pace: impl Fn(i32) -> f64) -> Vec<i32> {
        let mut count = tuner.counts[tuner.tried.unwrap_or(tuner.chosen)];
        let mut all = Vec::new();
        for _ in 0..steps {
            all.push(count);
            tuner.seconds += 1.0;
            count = tuner.next(pace(count)).unwrap_or(count);
        }
        all
    }

    #[test]
    fn the_fastest_number_is_found_again_when_the_load_changes() {
        let mut tuner = ThreadTuner::among(vec![8, 4, 2, 1]);
        // Among the last thousand steps.
        let fraction =
            |all: &[i32], count| all.iter().rev().take(1000).filter(|&&c| c == count).count() as f64 / 1000.0;
        let alone = counts(&mut tuner, 4000, |count| 1.0 / f64::from(count));
        assert!(fraction(&alone, 8) > 0.97, "{}", fraction(&alone, 8));
        let busy = counts(&mut tuner, 4000, |count| if count > 2 { 2.0 } else { 1.0 / f64::from(count) });
        assert!(fraction(&busy, 2) > 0.9, "{}", fraction(&busy, 2));
        let alone = counts(&mut tuner, 4000, |count| 1.0 / f64::from(count));
        assert!(fraction(&alone, 8) > 0.9, "{}", fraction(&alone, 8));
    }

    #[test]
    fn one_core_and_a_fixed_number_are_left_alone() {
        for counts in [vec![], vec![1]] {
            let mut tuner = ThreadTuner::among(counts);
            assert!((0..100).all(|step| tuner.next(f64::from(step)).is_none()));
        }
    }
}
