//! Checks on Security Hub CSPM.

checks! { securityhub;
    organization aggregated_across_regions,
}
