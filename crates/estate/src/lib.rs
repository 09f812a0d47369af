//! The estate: what AWS says of an account, as a probe sees it.
//!
//! From the ground up: words and files; findings; settings; the way to AWS and back ([`aws`]); an account and its regions
//! with the answers so far ([`place`]); what each service is asked ([`services`]); what several services say together; and what a
//! check is ([`check`]). Each module uses only those below it.

pub mod access_records;
pub mod arn;
pub mod aws;
pub mod check;
pub mod day;
pub mod emergency;
pub mod exposure;
pub mod files;
pub mod finding;
pub mod group_uses;
pub mod identities;
pub mod key_powers;
mod lock;
pub mod network;
pub mod organization;
pub mod organizations;
pub mod place;
pub mod regions;
pub mod services;
pub mod session;
pub mod settings;
pub mod text;
