//! Checks on Macie.

mod looks;
mod session;
mod sharing;

checks! { macie;
    region discovery_active,
    region enabled,
    region sensitive_buckets_protected,
}
