//! Checks on Amazon Inspector.

checks! { inspector2;
    region findings_within_target,
}
