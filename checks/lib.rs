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

mod prelude;

mod accessanalyzer;
mod account;
mod bedrock;
mod cloudtrail;
mod config;
mod ec2;
mod guardduty;
mod iam;
mod kms;
mod organizations;
mod s3;
mod securityhub;
mod vpc;

/// Every folder.
pub static SERVICES: &[&[Entry]] = &[
    accessanalyzer::ENTRIES,
    account::ENTRIES,
    bedrock::ENTRIES,
    cloudtrail::ENTRIES,
    config::ENTRIES,
    ec2::ENTRIES,
    guardduty::ENTRIES,
    iam::ENTRIES,
    kms::ENTRIES,
    organizations::ENTRIES,
    s3::ENTRIES,
    securityhub::ENTRIES,
    vpc::ENTRIES,
];
