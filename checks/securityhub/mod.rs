//! Checks on Security Hub CSPM.

mod administration;

checks! { securityhub;
    organization aggregated_across_regions,
}
