//! `posture`: an AWS account posture scanner.
//!
//! `checks/` is the catalogue, everything here is the engine: [`catalogue`] reads and selects checks, [`aws`] carries
//! requests (and records, replays, limits and guards them), [`estate`] is the memoised view of an account that a probe
//! sees, [`scan`] runs probes, [`config`] is what `posture.toml` says, [`report`] renders what they found and [`cli`] turns arguments into exit codes.

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
pub mod scan;
