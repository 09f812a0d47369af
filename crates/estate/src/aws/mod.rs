//! Everything between a question to AWS and its answer: credentials, the transport, tapes, and what goes wrong on the way.

pub mod answer;
pub mod credentials;
pub mod fault;
pub mod integrity;
pub mod model;
pub(crate) mod mfa;
pub mod role;
pub mod tape;
pub mod transport;
