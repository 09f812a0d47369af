//! The integration tests: one binary, so that the SDK crates are linked once.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says so by panicking")]

mod access_points;
mod browser;
mod catalogue;
mod cli;
mod config;
mod docs;
mod emulator;
mod environment;
mod errors;
mod exports;
mod faults;
mod fixes;
mod formats;
mod fuzz;
mod gate;
mod house;
mod judged;
mod library;
mod live;
mod many;
mod models;
mod models_proof;
mod network;
mod organization;
mod policy;
mod practices;
mod push;
mod reasons;
mod replay;
mod semantics;
mod settings;
#[path = "../../benches/aws/mod.rs"]
mod simulated;
mod snapshots;
mod structs;
mod support;
mod suppressions;
mod sweep;
mod synthesis;
