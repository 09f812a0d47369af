//! The network as it is laid out: who reaches what.

pub mod addresses;
pub mod internet;
pub mod layers;
pub mod peering;
pub mod reach;
pub mod uses;
pub mod workloads;
