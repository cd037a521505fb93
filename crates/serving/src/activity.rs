//! Counts and latencies of an endpoint: totals, and the last 15 minutes in buckets of 5 seconds.
//!
//! Everything is atomic counters in a ring, so that a request adds to it without a lock and without an allocation.
//! Latencies go to a histogram with eight steps to an octave (an error of at most 6 %).

use atelier_wire::studio::deploy::ActivityBucket;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

const BUCKET_S: u64 = 5;
const NUM_BUCKETS: usize = 180;
/// Latencies from 1 us to 2^27 us (134 s) at eight steps to an octave.
const NUM_STEPS: usize = 27 * 8;

struct Bucket {
    /// Which 5 seconds since the epoch this bucket counts now.
    slot: AtomicU64,
    invocations: AtomicU32,
    errors: AtomicU32,
    steps: [AtomicU32; NUM_STEPS],
}

/// Counters of one endpoint.
pub(crate) struct Activity {
    pub invocations: AtomicU64,
    pub errors_4xx: AtomicU64,
    pub errors_5xx: AtomicU64,
    buckets: Vec<Bucket>,
}

fn step_of(latency_us: u64) -> usize {
    let us = latency_us.max(1);
    let octave = us.ilog2() as u64;
    let within = if octave >= 3 { (us >> (octave - 3)) & 7 } else { (us << (3 - octave)) & 7 };
    ((octave * 8 + within) as usize).min(NUM_STEPS - 1)
}

/// The middle of a step, in milliseconds.
fn middle_ms(step: usize) -> f64 {
    let octave = (step / 8) as i32;
    let within = (step % 8) as f64 + 0.5;
    2f64.powi(octave) * (1.0 + within / 8.0) / 1000.0
}

impl Activity {
    pub fn new() -> Activity {
        let bucket = || Bucket {
            slot: AtomicU64::new(0),
            invocations: AtomicU32::new(0),
            errors: AtomicU32::new(0),
            steps: [const { AtomicU32::new(0) }; NUM_STEPS],
        };
        Activity {
            invocations: AtomicU64::new(0),
            errors_4xx: AtomicU64::new(0),
            errors_5xx: AtomicU64::new(0),
            buckets: (0..NUM_BUCKETS).map(|_| bucket()).collect(),
        }
    }

    /// Adds one request that ended at `now_s` (seconds since the epoch) with an HTTP status.
    pub fn add(&self, now_s: u64, latency_us: u64, status: u16) {
        self.invocations.fetch_add(1, Relaxed);
        let failed = status >= 400;
        if failed {
            let errors = if status < 500 { &self.errors_4xx } else { &self.errors_5xx };
            errors.fetch_add(1, Relaxed);
        }
        let slot = now_s / BUCKET_S;
        let bucket = &self.buckets[(slot % NUM_BUCKETS as u64) as usize];
        let seen = bucket.slot.load(Relaxed);
        if seen != slot && bucket.slot.compare_exchange(seen, slot, Relaxed, Relaxed).is_ok() {
            // Whoever turns the ring clears the bucket. A request that lands in between may be lost from the
            // histogram; the totals above are exact.
            bucket.invocations.store(0, Relaxed);
            bucket.errors.store(0, Relaxed);
            bucket.steps.iter().for_each(|step| step.store(0, Relaxed));
        }
        bucket.invocations.fetch_add(1, Relaxed);
        if failed {
            bucket.errors.fetch_add(1, Relaxed);
        }
        bucket.steps[step_of(latency_us)].fetch_add(1, Relaxed);
    }

    /// The buckets of the last 15 minutes that saw a request, oldest first.
    pub fn buckets(&self, now_s: u64) -> Vec<ActivityBucket> {
        let newest = now_s / BUCKET_S;
        let oldest = (newest + 1).saturating_sub(NUM_BUCKETS as u64);
        let mut rows: Vec<(u64, &Bucket)> = self.buckets.iter().map(|b| (b.slot.load(Relaxed), b)).collect();
        rows.retain(|(slot, bucket)| *slot >= oldest && *slot <= newest && bucket.invocations.load(Relaxed) > 0);
        rows.sort_by_key(|(slot, _)| *slot);
        rows.iter().map(|(slot, bucket)| bucket.row(*slot)).collect()
    }
}

impl Bucket {
    fn row(&self, slot: u64) -> ActivityBucket {
        let steps: Vec<u32> = self.steps.iter().map(|s| s.load(Relaxed)).collect();
        ActivityBucket {
            at: (slot * BUCKET_S) as f64,
            invocations: u64::from(self.invocations.load(Relaxed)),
            errors: u64::from(self.errors.load(Relaxed)),
            p50_ms: quantile_ms(&steps, 0.5),
            p90_ms: quantile_ms(&steps, 0.9),
            p99_ms: quantile_ms(&steps, 0.99),
        }
    }
}

fn quantile_ms(steps: &[u32], q: f64) -> f64 {
    let total: u64 = steps.iter().map(|n| u64::from(*n)).sum();
    let rank = (total as f64 * q).ceil().max(1.0) as u64;
    let mut seen = 0;
    for (step, n) in steps.iter().enumerate() {
        seen += u64::from(*n);
        if seen >= rank {
            return middle_ms(step);
        }
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_is_read_back_within_seven_percent() {
        for us in [1u64, 2, 3, 7, 10, 99, 1_000, 12_345, 900_000, 60_000_000] {
            let back = middle_ms(step_of(us)) * 1000.0;
            assert!((back - us as f64).abs() <= 0.5 + 0.07 * us as f64, "{us} us came back as {back}");
        }
        assert_eq!(step_of(u64::MAX), NUM_STEPS - 1);
    }

    #[test]
    fn buckets_are_of_five_seconds_and_forget_after_fifteen_minutes() {
        let activity = Activity::new();
        for n in 0..100 {
            activity.add(10_000, 1_000 + n, 200);
        }
        activity.add(10_004, 1_000_000, 500);
        activity.add(10_007, 2_000, 415);
        let rows = activity.buckets(10_007);
        assert_eq!(
            rows.iter().map(|r| (r.at, r.invocations, r.errors)).collect::<Vec<_>>(),
            [(10_000.0, 101, 1), (10_005.0, 1, 1)]
        );
        assert!((rows[0].p50_ms - 1.05).abs() < 0.1 && rows[0].p99_ms < 2.0, "{:?}", rows[0]);
        assert_eq!(activity.buckets(10_000 + 901).len(), 1);
        assert_eq!(activity.buckets(12_000).len(), 0);
        activity.add(10_000 + 900, 5, 200);
        assert_eq!(activity.buckets(10_900).iter().map(|r| r.at).collect::<Vec<_>>(), [10_005.0, 10_900.0]);
        assert_eq!(activity.invocations.load(Relaxed), 103);
        assert_eq!((activity.errors_4xx.load(Relaxed), activity.errors_5xx.load(Relaxed)), (1, 1));
    }
}
