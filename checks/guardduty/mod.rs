//! Checks on GuardDuty.

mod administration;
mod protections;
mod uploads;

checks! { guardduty;
    region compute_protections_enabled,
    region data_protections_enabled,
    region detections_tuned,
    region enabled_all_regions,
    region high_findings_handled,
    organization organization_managed,
}
