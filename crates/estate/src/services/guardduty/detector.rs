//! What a detector watches.

use serde::Deserialize;

/// A detector. What it watches beyond the foundation is said in `Features`; `DataSources` is the older list, which knows three of them.
/// <https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetDetector.html>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Detector {
    /// `ENABLED`, or `DISABLED` where somebody suspended it.
    pub status: String,
    pub features: Option<Vec<DetectorFeature>>,
    pub data_sources: Option<OldDataSources>,
}

/// A feature, and the agents that GuardDuty manages for it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DetectorFeature {
    pub name: Option<String>,
    /// `ENABLED`, `DISABLED`
    pub status: Option<String>,
    #[serde(default)]
    pub additional_configuration: Vec<ManagedAgent>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ManagedAgent {
    pub name: Option<String>,
    pub status: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OldDataSources {
    #[serde(rename = "S3Logs")]
    s3_logs: Option<DataSource>,
    kubernetes: Option<Kubernetes>,
    malware_protection: Option<MalwareProtection>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DataSource {
    status: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Kubernetes {
    audit_logs: Option<DataSource>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MalwareProtection {
    scan_ec2_instance_with_findings: Option<ScanOnFinding>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScanOnFinding {
    ebs_volumes: Option<DataSource>,
}

impl Detector {
    pub fn is_enabled(&self) -> bool {
        self.status == "ENABLED"
    }

    /// The status of a feature, `ENABLED` or `DISABLED`; `None` where the Region does not tell.
    pub fn feature(&self, name: &str) -> Option<&str> {
        let told = self.named(name).and_then(|feature| feature.status.as_deref());
        told.or_else(|| self.data_sources.as_ref()?.status(name))
    }

    /// The status of an agent that GuardDuty puts where a feature needs it.
    pub fn agent(&self, feature: &str, name: &str) -> Option<&str> {
        let agents = &self.named(feature)?.additional_configuration;
        agents.iter().find(|agent| agent.name.as_deref() == Some(name))?.status.as_deref()
    }

    fn named(&self, name: &str) -> Option<&DetectorFeature> {
        self.features.as_ref()?.iter().find(|feature| feature.name.as_deref() == Some(name))
    }
}

impl OldDataSources {
    fn status(&self, feature: &str) -> Option<&str> {
        let source = match feature {
            "S3_DATA_EVENTS" => self.s3_logs.as_ref(),
            "EKS_AUDIT_LOGS" => self.kubernetes.as_ref()?.audit_logs.as_ref(),
            "EBS_MALWARE_PROTECTION" => {
                self.malware_protection.as_ref()?.scan_ec2_instance_with_findings.as_ref()?.ebs_volumes.as_ref()
            }
            _ => None,
        };
        source?.status.as_deref()
    }
}

/// A plan that scans what is put into a bucket.
/// <https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetMalwareProtectionPlan.html>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct MalwarePlan {
    /// `ACTIVE`, `WARNING`, `ERROR`
    pub status: Option<String>,
    protected_resource: Option<Protected>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Protected {
    s3_bucket: Option<ScannedBucket>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScannedBucket {
    bucket_name: Option<String>,
    #[serde(default)]
    object_prefixes: Vec<String>,
}

impl MalwarePlan {
    /// The bucket that it scans.
    pub fn bucket(&self) -> Option<&str> {
        self.protected_resource.as_ref()?.s3_bucket.as_ref()?.bucket_name.as_deref()
    }

    /// Below which prefixes it scans; everything where it names none.
    pub fn prefixes(&self) -> &[String] {
        let bucket = self.protected_resource.as_ref().and_then(|it| it.s3_bucket.as_ref());
        bucket.map_or(&[], |bucket| &bucket.object_prefixes)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PlanId {
    pub(super) malware_protection_plan_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_feature_is_read_from_the_new_list_and_else_from_the_old() {
        let detector = |text| serde_json::from_value::<Detector>(text).unwrap();
        let old = json!({ "S3Logs": { "Status": "DISABLED" }, "Kubernetes": { "AuditLogs": { "Status": "ENABLED" } },
            "MalwareProtection": { "ScanEc2InstanceWithFindings": { "EbsVolumes": { "Status": "ENABLED" } } } });
        let both = detector(json!({ "Status": "ENABLED", "DataSources": old,
            "Features": [{ "Name": "S3_DATA_EVENTS", "Status": "ENABLED" }] }));
        assert_eq!(both.feature("S3_DATA_EVENTS"), Some("ENABLED"), "the new list is the one that counts");
        assert_eq!(both.feature("EKS_AUDIT_LOGS"), Some("ENABLED"));
        assert_eq!(both.feature("EBS_MALWARE_PROTECTION"), Some("ENABLED"));
        assert_eq!(both.feature("RDS_LOGIN_EVENTS"), None, "the old list does not know it");
        let old = detector(json!({ "Status": "ENABLED", "DataSources": old }));
        assert_eq!(old.feature("S3_DATA_EVENTS"), Some("DISABLED"));
        assert!(old.is_enabled() && !detector(json!({ "Status": "DISABLED" })).is_enabled());
    }

    #[test]
    fn an_agent_belongs_to_its_feature() {
        let detector: Detector = serde_json::from_value(json!({ "Status": "ENABLED", "Features": [
            { "Name": "RUNTIME_MONITORING", "Status": "ENABLED", "AdditionalConfiguration": [
                { "Name": "EC2_AGENT_MANAGEMENT", "Status": "ENABLED" }] }] }))
        .unwrap();
        assert_eq!(detector.agent("RUNTIME_MONITORING", "EC2_AGENT_MANAGEMENT"), Some("ENABLED"));
        assert_eq!(detector.agent("RUNTIME_MONITORING", "EKS_ADDON_MANAGEMENT"), None);
        assert_eq!(detector.agent("EKS_RUNTIME_MONITORING", "EC2_AGENT_MANAGEMENT"), None);
    }

    #[test]
    fn a_plan_names_its_bucket() {
        let plan: MalwarePlan = serde_json::from_value(json!({ "Status": "ACTIVE",
            "ProtectedResource": { "S3Bucket": { "BucketName": "b", "ObjectPrefixes": ["in/"] } } }))
        .unwrap();
        assert_eq!((plan.bucket(), plan.prefixes().len()), (Some("b"), 1));
        assert_eq!(MalwarePlan::default().bucket(), None);
    }
}
