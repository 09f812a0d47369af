//! Lambda, for what its functions name: a function that has been idle keeps its security groups, but no network interface.

use crate::aws::reading::items;
use crate::aws::service::{Service, Wire};
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::json;

service! {
    /// Lambda in a region.
    lambda => Lambda model "lambda": Service {
        // Environment variables of functions.
        secrets: &["Variables"],
        reads: &[("ListFunctions", |v| items::<Function>(v, "Functions"))],
        ..Service::new("lambda", "Lambda", Wire::RestJson)
    }
}

/// A version of a function (<https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html>).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Function {
    vpc_config: Option<VpcConfig>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VpcConfig {
    #[serde(default)]
    security_group_ids: Vec<String>,
}

impl Function {
    /// The ids of the security groups that its interfaces get.
    pub fn security_groups(&self) -> &[String] {
        self.vpc_config.as_ref().map(|config| config.security_group_ids.as_slice()).unwrap_or_default()
    }
}

impl Lambda<'_, Region> {
    /// `lambda:ListFunctions`, every page, with every published version: each keeps the groups that it was published with.
    pub async fn functions(self) -> Answer<Vec<Function>> {
        self.ask("ListFunctions", "ALL", async move {
            Ok(self.client()?.items("ListFunctions", json!({ "FunctionVersion": "ALL" }), "Functions").await?)
        })
        .await
    }
}
