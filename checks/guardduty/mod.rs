//! Checks on GuardDuty.

checks! { guardduty;
    organization organization_managed,
}
