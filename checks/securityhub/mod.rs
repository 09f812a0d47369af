//! Checks on Security Hub CSPM.

mod administration;
mod aggregation;
mod automated;
mod home;
mod receivers;
mod waiting;

checks! { securityhub;
    organization aggregated_across_regions,
    region critical_findings_worked,
    region enabled_with_standards,
    region findings_enriched_and_automated,
}
