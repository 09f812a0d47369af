//! STS: who asks.

use crate::aws::service::{Quota, Service, Wire};
use crate::place::service;
use crate::aws::fault::Fault;
use crate::place::{Account, Answer};
use serde::{Deserialize, Serialize};

service! {
    /// STS at an account.
    sts => Sts by aws_sdk_sts: Service {
        // <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
        free: &["GetCallerIdentity"],
        // AssumeRole, GetCallerIdentity and four others together.
        // <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
        quota: Quota::of_service(600.0, 600.0),
        ..Service::new("sts", "STS", Wire::Query)
    }
}

/// The principal behind the credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    pub arn: String,
    pub account: String,
}

impl Sts<'_, Account> {
    /// `sts:GetCallerIdentity`.
    pub async fn caller(self) -> Answer<Caller> {
        self.ask("GetCallerIdentity", "", async move {
            let identity = self.client().get_caller_identity().send().await?;
            match (identity.arn, identity.account) {
                (Some(arn), Some(account)) => Ok(Caller { arn, account }),
                _ => Err(Fault::malformed("the answer has no Arn or Account")),
            }
        })
        .await
    }
}
