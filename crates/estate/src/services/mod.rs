//! A file per service, with a method for each question that a check asks of it.

pub mod access_analyzer;
pub mod account;
pub mod cloudtrail;
pub mod config;
pub mod ec2;
pub mod guardduty;
pub mod iam;
pub mod kms;
pub mod organizations;
pub mod s3;
pub mod securityhub;
pub mod sts;
