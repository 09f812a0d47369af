//! STS: who asks.

use crate::aws::fault::Fault;
use crate::place::{Account, Answer};
use serde::{Deserialize, Serialize};

/// The principal behind the credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    pub arn: String,
    pub account: String,
}

impl Account {
    /// `sts:GetCallerIdentity`.
    pub async fn caller(&self) -> Answer<Caller> {
        self.ask("sts:GetCallerIdentity", "", async {
            let identity = self.sts().get_caller_identity().send().await?;
            match (identity.arn, identity.account) {
                (Some(arn), Some(account)) => Ok(Caller { arn, account }),
                _ => Err(Fault::malformed("the answer has no Arn or Account")),
            }
        })
        .await
    }
}
