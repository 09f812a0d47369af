//! `posture`: an AWS account posture scanner.
//!
//! The crates below say what policies mean (`posture_policy`), what AWS says (`posture_estate`) and what is good (`posture_checks`). Here each room
//! uses only those before it: [`catalogue`] reads and selects checks, [`record`] is the data of a report, [`scan`] runs probes, [`report`] is the
//! model of what they found, [`gate`] judges it, [`formats`] renders it, [`config`] is what `posture.toml` says, [`run`] is a scan from
//! end to end without a command line, [`push`] sends its report away, and [`cli`] turns arguments into exit codes.

pub mod catalogue;
pub mod cli;
pub mod config;
pub mod formats;
pub mod gate;
pub mod push;
pub mod record;
pub mod report;
pub mod run;
pub mod scan;
