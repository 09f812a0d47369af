//! `posture`: an AWS account posture scanner.
//!
//! `checks/` is the catalogue, everything here is the engine, and each room uses only those before it: [`aws`] carries requests (and
//! records, replays, limits and guards them), [`estate`] is the memoised view of an account that a probe sees, [`catalogue`] reads and
//! selects checks, [`record`] is the data of a report, [`scan`] runs probes, [`report`] is the model of what they found, [`gate`] judges
//! it, [`formats`] renders it, [`config`] is what `posture.toml` says, [`run`] is a scan from end to end without a command line,
//! [`push`] sends its report away, and [`cli`] turns arguments into exit codes.

pub mod aws;
pub mod catalogue;
#[path = "../checks/mod.rs"]
pub mod checks;
pub mod cli;
pub mod config;
pub mod day;
pub mod estate;
pub mod finding;
pub mod formats;
pub mod gate;
pub mod policy;
pub mod prelude;
pub mod push;
pub mod record;
pub mod report;
pub mod run;
pub mod scan;
