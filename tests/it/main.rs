//! The integration tests: one binary, so that the SDK crates are linked once.

mod catalogue;
mod cli;
mod emulator;
mod live;
mod replay;
mod support;
mod sweep;
