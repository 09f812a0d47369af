//! Checks on Amazon Inspector.

mod members;
mod overdue;
mod targets;

checks! { inspector2;
    region cis_scans_scheduled,
    region enabled_all_types,
    region findings_within_target,
}
