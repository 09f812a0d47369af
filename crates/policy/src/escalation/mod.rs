//! Which of the known paths to more power are open to an identity.
//!
//! Five kinds: actions on every resource of a kind (among which one with more power is found), several actions on one and the same
//! resource (which the attacker fills with power and takes on), actions on what the identity's own rights hang on, its permissions boundary
//! taken off ([`own`]), and, where the account's other identities are known ([`super::targets`]), what is open on one of them ([`named`]).

mod documents;
mod making;
mod named;
mod own;
mod steps;
mod walk;
mod ways;
mod weigh;

pub use ways::{escalations, sheds_boundary};
pub use weigh::weighed;
