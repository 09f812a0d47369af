//! Everything between a question to AWS and its answer: credentials, the transport, tapes, and what goes wrong on the way.

pub mod answer;
mod checked;
pub mod credentials;
mod environment;
pub mod fault;
pub mod http;
pub mod integrity;
pub(crate) mod mfa;
pub mod model;
mod profiles;
pub mod reading;
mod redaction;
pub mod role;
pub mod service;
pub mod tape;
pub mod transport;
