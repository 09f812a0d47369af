//! A finding that waits to be archived: what this product says of it, as Security Hub had it.

use super::HubFinding;
use serde_json::{Value, json};

/// Keys that Security Hub adds and takes from nobody.
const RESERVED: &str = "aws/";

/// Members that belong to the users of Security Hub, or to itself.
const OF_OTHERS: [&str; 10] = [
    "Confidence",
    "Criticality",
    "Note",
    "ProcessedAt",
    "Region",
    "RelatedFindings",
    "UserDefinedFields",
    "VerificationState",
    "Workflow",
    "WorkflowState",
];

/// What this product says of a resource; of its details, the others.
const OF_RESOURCE: [&str; 6] = ["Details", "Id", "Partition", "Region", "Tags", "Type"];

/// The finding as it is to be sent to archive it.
pub fn archived(mut finding: HubFinding, at: &str) -> HubFinding {
    finding.retain(|name, _| !OF_OTHERS.contains(&name.as_str()));
    finding.insert("RecordState".into(), "ARCHIVED".into());
    finding.insert("UpdatedAt".into(), at.into());
    if let Some(Value::Object(fields)) = finding.get_mut("ProductFields") {
        fields.retain(|key, _| !key.starts_with(RESERVED));
    }
    if let Some(Value::Array(resources)) = finding.get_mut("Resources") {
        for resource in resources.iter_mut().filter_map(Value::as_object_mut) {
            resource.retain(|name, _| OF_RESOURCE.contains(&name.as_str()));
            if let Some(details) = resource.get_mut("Details") {
                *details = details.get("Other").map_or_else(|| json!({}), |other| json!({ "Other": other }));
            }
        }
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::archived;
    use serde_json::json;

    #[test]
    fn what_belongs_to_others_is_left_out() {
        let had = json!({
            "Id": "posture/1", "RecordState": "ACTIVE", "UpdatedAt": "2026-11-22T07:00:00Z", "Workflow": { "Status": "NOTIFIED" },
            "Note": { "Text": "ours" }, "UserDefinedFields": { "a": "b" }, "Region": "eu-west-1", "Title": "t",
            "ProductFields": { "posture/Version": "1", "aws/securityhub/ProductName": "posture" },
            "Resources": [{ "Id": "b", "Type": "AwsS3Bucket", "ApplicationName": "x",
                "Details": { "AwsS3Bucket": { "Name": "b" }, "Other": { "Name": "b" } } }],
        });
        let had = had.as_object().unwrap().clone();
        let sent = json!({
            "Id": "posture/1", "RecordState": "ARCHIVED", "UpdatedAt": "2026-11-23T07:00:00Z", "Title": "t",
            "ProductFields": { "posture/Version": "1" },
            "Resources": [{ "Id": "b", "Type": "AwsS3Bucket", "Details": { "Other": { "Name": "b" } } }],
        });
        assert_eq!(serde_json::Value::Object(archived(had, "2026-11-23T07:00:00Z")), sent);
    }
}
