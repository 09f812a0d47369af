//! Checks on CodePipeline: where code comes from, what it passes on its way, and with whose rights it is deployed.

#[cfg(test)]
mod fixtures;
mod listed;
mod names;
mod scanners;

checks! { codepipeline;
    region approval_before_production,
    region roles_not_admin,
    region security_test_stage,
    region source_private,
}
