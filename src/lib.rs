//! `posture`: an AWS account posture scanner.
//!
//! The crates below say what AWS says (`posture_estate`), what policies mean (`posture_policy`) and what is good
//! (`posture_checks`). Here [`catalogue`] reads and selects checks, [`scan`] runs probes, [`config`] is what `posture.toml` says, [`report`] renders what
//! they found and [`cli`] turns arguments into exit codes.

pub mod catalogue;
pub mod cli;
pub mod config;
pub mod formats;
pub mod gate;
pub mod push;
pub mod record;
pub mod report;
pub mod scan;
