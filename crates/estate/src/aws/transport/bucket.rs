//! A bucket of tokens that learns: it fills at the rate that AWS is known to allow, at half of it after a throttled answer,
//! and finds back to it slowly.
//!
//! Time is a parameter, so that it is tested without waiting.

use std::time::Duration;

/// At the first throttled answer, and at each one to a request that was sent after the last cut.
const CUT: f64 = 0.5;
/// Below this share of its rate a bucket does not fall.
const LOWEST: f64 = 1.0 / 32.0;
/// What a bucket gets back each second, as a share of its rate: from one half to the whole in 25 seconds.
const RECOVERY: f64 = 0.02;

#[derive(Clone, Debug)]
pub(super) struct Bucket {
    rate: f64,
    burst: f64,
    /// The share of rate and burst that is used at present.
    level: f64,
    tokens: f64,
    /// The moment that `tokens` and `level` are of.
    at: Duration,
    cut_at: Option<Duration>,
}

impl Bucket {
    /// A full one. A burst is one token at least, or nothing would ever pass.
    pub(super) fn new(rate: f64, burst: f64, now: Duration) -> Bucket {
        let burst = burst.max(1.0);
        Bucket { rate, burst, level: 1.0, tokens: burst, at: now, cut_at: None }
    }

    /// Takes a token, or says after what time there will be one.
    pub(super) fn take(&mut self, now: Duration) -> Result<(), Duration> {
        self.fill(now);
        // What is a millionth short for the inaccuracy of sums is there.
        if self.tokens >= 1.0 - 1e-6 {
            self.tokens -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64((1.0 - self.tokens) / (self.rate * self.level)))
    }

    /// A request that was sent at `sent` was throttled: half the rate, and nothing at once. One that was sent before the last
    /// cut says nothing about the rate since. Says whether there was a cut.
    pub(super) fn throttled(&mut self, sent: Duration, now: Duration) -> bool {
        if self.cut_at.is_some_and(|cut| sent <= cut) {
            return false;
        }
        self.fill(now);
        self.level = (self.level * CUT).max(LOWEST);
        self.tokens = self.tokens.min(0.0);
        self.cut_at = Some(now);
        true
    }

    fn fill(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.at).as_secs_f64();
        self.at = self.at.max(now);
        self.tokens += self.rate * self.level * passed;
        self.level = (self.level + RECOVERY * passed).min(1.0);
        self.tokens = self.tokens.min((self.burst * self.level).max(1.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    /// How many pass within the time, when as many as possible are sent.
    fn passed(bucket: &mut Bucket, from: f64, to: f64) -> usize {
        let (mut now, mut count) = (at(from), 0);
        while now < at(to) {
            match bucket.take(now) {
                Ok(()) => count += 1,
                Err(wait) => now += wait.max(Duration::from_nanos(1)),
            }
        }
        count
    }

    #[test]
    fn a_full_bucket_gives_its_burst_and_then_its_rate() {
        let mut bucket = Bucket::new(10.0, 50.0, at(0.0));
        assert_eq!(passed(&mut bucket, 0.0, 0.05), 50);
        assert_eq!(passed(&mut bucket, 0.05, 10.05), 100);
        assert_eq!(passed(&mut bucket, 1000.0, 1000.05), 50, "no more than a burst is saved up");
    }

    #[test]
    fn a_throttled_answer_halves_the_rate_and_it_comes_back_slowly() {
        let mut bucket = Bucket::new(10.0, 50.0, at(0.0));
        assert!(bucket.throttled(at(0.0), at(1.0)));
        let first = passed(&mut bucket, 1.0, 2.0);
        assert!((4..=6).contains(&first), "half the rate and no burst, not {first}");
        passed(&mut bucket, 2.0, 40.0);
        assert_eq!(passed(&mut bucket, 40.0, 50.0), 100, "the whole rate again");
    }

    #[test]
    fn answers_to_what_was_sent_before_the_cut_do_not_cut_again() {
        let mut bucket = Bucket::new(10.0, 50.0, at(0.0));
        assert!(bucket.throttled(at(0.9), at(1.0)));
        assert!(!bucket.throttled(at(0.95), at(1.1)) && !bucket.throttled(at(1.0), at(1.2)));
        assert!(bucket.throttled(at(1.3), at(1.4)));
        assert!((bucket.level - 0.25).abs() < 0.01, "{}", bucket.level);
    }

    #[test]
    fn it_never_stops_altogether() {
        let mut bucket = Bucket::new(10.0, 50.0, at(0.0));
        for second in 1..100_u32 {
            bucket.throttled(at(f64::from(second)), at(f64::from(second) + 0.5));
        }
        assert!(passed(&mut bucket, 100.0, 110.0) >= 3);
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing_away() {
        let mut bucket = Bucket::new(1.0, 1.0, at(10.0));
        assert!(bucket.take(at(10.0)).is_ok());
        assert!(bucket.take(at(5.0)).is_err());
        assert!(bucket.take(at(10.5)).is_err());
        assert!(bucket.take(at(11.0)).is_ok());
    }
}
