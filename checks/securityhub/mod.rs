//! Checks on Security Hub CSPM.

mod administration;
mod aggregation;

checks! { securityhub;
    organization aggregated_across_regions,
}
