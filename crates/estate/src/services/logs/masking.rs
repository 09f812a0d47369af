//! Data protection policies: which sensitive data are looked for in logs, and which are masked.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch-logs-data-protection-policies.html>

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// A policy of the account or of one group.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MaskingPolicy {
    /// JSON; absent where a group has none.
    pub policy_document: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Masking {
    statement: Vec<MaskingStatement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MaskingStatement {
    data_identifier: Vec<String>,
    operation: serde_json::Map<String, Value>,
}

impl MaskingPolicy {
    /// What is both looked for and masked, `EmailAddress`; empty where nothing is.
    ///
    /// # Errors
    /// When the document cannot be read.
    pub fn protected(&self) -> Result<BTreeSet<String>, String> {
        let Some(text) = &self.policy_document else { return Ok(BTreeSet::new()) };
        let masking: Masking = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let by = |operation: &str| -> BTreeSet<&str> {
            let statements = masking.statement.iter().filter(|one| one.operation.contains_key(operation));
            statements.flat_map(|one| &one.data_identifier).map(String::as_str).collect()
        };
        let name = |id: &&str| id.rsplit('/').next().unwrap_or(id).to_owned();
        Ok(by("Audit").intersection(&by("Deidentify")).map(name).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protected(statements: &str) -> Result<BTreeSet<String>, String> {
        MaskingPolicy { policy_document: Some(format!(r#"{{"Version":"2021-06-01","Statement":[{statements}]}}"#)) }
            .protected()
    }

    const AUDIT: &str = r#"{"Sid":"a","DataIdentifier":["arn:aws:dataprotection::aws:data-identifier/EmailAddress","Own"],"Operation":{"Audit":{"FindingsDestination":{}}}}"#;

    #[test]
    fn what_is_looked_for_has_to_be_masked() {
        let mask = |ids: &str| format!(r#"{{"DataIdentifier":[{ids}],"Operation":{{"Deidentify":{{"MaskConfig":{{}}}}}}}}"#);
        let email = mask(r#""arn:aws:dataprotection::aws:data-identifier/EmailAddress""#);
        assert_eq!(protected(&format!("{AUDIT},{email}")).unwrap().into_iter().collect::<Vec<_>>(), ["EmailAddress"]);
        assert!(protected(AUDIT).unwrap().is_empty(), "looked for only");
        assert!(protected(&email).unwrap().is_empty(), "masked only");
        assert!(protected(&format!("{AUDIT},{}", mask(r#""Other""#))).unwrap().is_empty(), "something else is masked");
        assert!(MaskingPolicy { policy_document: None }.protected().unwrap().is_empty());
        assert!(protected(r#"{"Operation":{}}"#).is_err());
    }
}
