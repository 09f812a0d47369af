//! The catalogue of checks: a folder per service, two files and one line per check.
//!
//! `checks! { s3; account bucket_not_public, … }` in `checks/s3/mod.rs` declares the module `bucket_not_public` (its
//! probe) and reads `bucket_not_public.md` (its card): the id is `s3_bucket_not_public`. A missing file does not
//! compile, and tests hold folder, list and cards against each other.

use posture_estate::check::Entry;

macro_rules! checks {
    ($service:ident; $($scope:ident $name:ident),+ $(,)?) => {
        $(mod $name;)+

        /// The checks of this folder, by name.
        pub(super) static ENTRIES: &[posture_estate::check::Entry] = &[
            $(posture_estate::check::Entry {
                id: concat!(stringify!($service), "_", stringify!($name)),
                service: stringify!($service),
                card: include_str!(concat!(stringify!($name), ".md")),
                probe: checks!(@probe $scope $name),
            }),+
        ];
    };
    (@probe account $name:ident) => {
        posture_estate::check::Probe::Account(|at| Box::pin($name::probe(at)))
    };
    (@probe region $name:ident) => {
        posture_estate::check::Probe::Region(|at| Box::pin($name::probe(at)))
    };
    (@probe organization $name:ident) => {
        posture_estate::check::Probe::Organization(|at| Box::pin($name::probe(at)))
    };
}

mod classes;
mod prelude;
mod public;
mod strangers;

/// Declares the folders and collects their lists.
macro_rules! folders {
    ($($folder:ident),+ $(,)?) => {
        $(mod $folder;)+

        /// Every folder.
        pub static FOLDERS: &[&[Entry]] = &[$($folder::ENTRIES),+];
    };
}

folders! {
    accessanalyzer,
    account,
    autoscaling,
    backup,
    bedrock,
    cloudformation,
    cloudtrail,
    cloudwatch,
    codeartifact,
    codebuild,
    codepipeline,
    config,
    ec2,
    ecr,
    eventbridge,
    guardduty,
    iam,
    identitycenter,
    inspector2,
    kms,
    logs,
    macie,
    organizations,
    rds,
    resourcetags,
    s3,
    secretsmanager,
    securityhub,
    sns,
    ssm,
    vpc,
    wellarchitected,
}
