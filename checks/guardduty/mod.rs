//! Checks on GuardDuty.

mod administration;

checks! { guardduty;
    organization organization_managed,
}
