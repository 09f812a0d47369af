//! Everything between a question to AWS and its answer: sessions, clients, the transport and what goes wrong on it.

pub mod actions;
pub mod gap;
pub mod grant;
pub mod integrity;
mod mfa;
pub mod model;
pub mod organization;
pub mod role;
pub mod session;
pub mod session_policy;
pub mod tape;
pub mod transport;
