//! The network as it is laid out: who reaches what.

pub mod addresses;
mod admission;
pub mod internet;
pub mod layers;
mod openings;
pub mod peering;
pub mod reach;
pub mod routing;
pub mod workloads;
