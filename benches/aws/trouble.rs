//! What goes wrong: quotas of each account, region and service, and faults at random, the same ones for the same seed.

use super::{Asked, lock};
use posture_estate::services::of_call;
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Mutex;
use std::time::Duration;

#[derive(Clone, Debug, Default)]
pub struct Trouble {
    /// How much of AWS's quotas an account has left; `None` for no quotas at all.
    pub quota_share: Option<f64>,
    /// Chances of a throttled answer, a connection that is cut, and status 500.
    pub throttles: f64,
    pub resets: f64,
    pub errors: f64,
    /// Faults at random for one question at most: the third attempt is the last.
    pub at_most: u32,
    pub seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Throttle,
    Internal,
    CutBefore,
    CutWithin,
}

/// Tokens left, and since when.
type Bucket = (f64, Duration);

#[derive(Debug)]
pub struct Troubles {
    trouble: Trouble,
    attempts: Mutex<HashMap<Asked, u32>>,
    buckets: Mutex<HashMap<(String, String, String), Bucket>>,
}

impl Troubles {
    pub fn new(trouble: Trouble) -> Troubles {
        Troubles { trouble, attempts: Mutex::default(), buckets: Mutex::default() }
    }

    /// What goes wrong with this request.
    pub fn next(&self, asked: &Asked, now: Duration) -> Option<Kind> {
        if let Some(share) = self.trouble.quota_share
            && !self.within_quota(asked, share, now)
        {
            return Some(Kind::Throttle);
        }
        self.at_random(asked)
    }

    fn at_random(&self, asked: &Asked) -> Option<Kind> {
        let Trouble { throttles, resets, errors, at_most, seed, .. } = self.trouble;
        if throttles + resets + errors <= 0.0 {
            return None;
        }
        let mut attempts = lock(&self.attempts);
        let attempt = attempts.entry(asked.clone()).or_default();
        if *attempt >= at_most {
            return None;
        }
        let mut hasher = DefaultHasher::new();
        (seed, &asked, *attempt).hash(&mut hasher);
        let hash = hasher.finish();
        #[expect(clippy::cast_precision_loss, reason = "a die needs no 64 bits")]
        let die = (hash >> 11) as f64 / (1_u64 << 53) as f64;
        let kind = if die < throttles {
            Kind::Throttle
        } else if die < throttles + errors {
            Kind::Internal
        } else if die < throttles + errors + resets {
            if hash & 1 == 0 { Kind::CutBefore } else { Kind::CutWithin }
        } else {
            return None;
        };
        *attempt += 1;
        Some(kind)
    }

    fn within_quota(&self, asked: &Asked, share: f64, now: Duration) -> bool {
        let operation = asked.operation();
        let call = format!("{}:{operation}", asked.service);
        let Some((service, _)) = of_call(&call) else { return true };
        let quota = service.quota(&operation);
        let what = if quota.per_operation { format!("{}:{operation}", asked.service) } else { asked.service.clone() };
        let (rate, burst) = (quota.rate * share, (quota.burst * share).max(1.0));
        let mut buckets = lock(&self.buckets);
        let (tokens, at) = buckets.entry((asked.account.clone(), asked.region.clone(), what)).or_insert((burst, now));
        *tokens = (*tokens + rate * now.saturating_sub(*at).as_secs_f64()).min(burst);
        *at = now;
        let within = *tokens >= 1.0;
        if within {
            *tokens -= 1.0;
        }
        within
    }
}
