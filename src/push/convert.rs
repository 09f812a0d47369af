//! ASFF as the SDK has it.

use crate::formats::asff;
use aws_sdk_securityhub::types::{
    AwsSecurityFinding, Compliance, ComplianceStatus, FindingProviderFields, FindingProviderSeverity, Note, Partition,
    Recommendation, RecordState, Remediation, Resource, ResourceDetails, Severity, SeverityLabel, StatusReason,
    Workflow, WorkflowStatus,
};
use std::collections::HashMap;

/// Keys that Security Hub adds and takes from nobody.
const RESERVED: &str = "aws/";

/// A finding to import.
pub fn finding(from: &asff::Finding) -> AwsSecurityFinding {
    let label = SeverityLabel::from(from.severity.label);
    let provider = FindingProviderSeverity::builder().label(label.clone()).original(from.severity.original).build();
    let note = from
        .note
        .as_ref()
        .map(|note| Note::builder().text(&note.text).updated_by(note.updated_by).updated_at(&note.updated_at).build());
    let resources = from.resources.iter().map(resource).collect();
    AwsSecurityFinding::builder()
        .schema_version(from.schema_version)
        .id(&from.id)
        .product_arn(&from.product_arn)
        .product_name(from.product_name)
        .company_name(from.company_name)
        .generator_id(&from.generator_id)
        .aws_account_id(&from.aws_account_id)
        .set_aws_account_name(from.aws_account_name.clone())
        .set_types(Some(from.types.clone()))
        .first_observed_at(&from.first_observed_at)
        .last_observed_at(&from.last_observed_at)
        .created_at(&from.created_at)
        .updated_at(&from.updated_at)
        .severity(Severity::builder().label(label).original(from.severity.original).build())
        .title(&from.title)
        .description(&from.description)
        .set_remediation(from.remediation.as_ref().map(remediation))
        .set_product_fields(Some(from.product_fields.clone().into_iter().collect()))
        .set_resources(Some(resources))
        .compliance(compliance(&from.compliance))
        .workflow(Workflow::builder().status(WorkflowStatus::from(from.workflow.status)).build())
        .record_state(RecordState::from(from.record_state))
        .set_note(note)
        .finding_provider_fields(
            FindingProviderFields::builder()
                .severity(provider)
                .set_types(Some(from.finding_provider_fields.types.clone()))
                .build(),
        )
        .build()
}

fn remediation(from: &asff::Remediation) -> Remediation {
    let advice = &from.recommendation;
    let advice = Recommendation::builder().text(&advice.text).set_url(advice.url.clone()).build();
    Remediation::builder().recommendation(advice).build()
}

fn resource(from: &asff::Resource) -> Resource {
    let map = |pairs: &std::collections::BTreeMap<String, String>| -> HashMap<String, String> {
        pairs.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    let details = ResourceDetails::builder().set_other(Some(map(&from.details.other))).build();
    Resource::builder()
        .r#type(from.kind)
        .id(&from.id)
        .set_partition(from.partition.map(Partition::from))
        .region(&from.region)
        .set_tags((!from.tags.is_empty()).then(|| map(&from.tags)))
        .details(details)
        .build()
}

fn compliance(from: &asff::Compliance) -> Compliance {
    let mut built = Compliance::builder()
        .status(ComplianceStatus::from(from.status))
        .set_related_requirements(Some(from.related_requirements.clone()));
    for reason in &from.status_reasons {
        let reason = StatusReason::builder().reason_code(reason.reason_code).description(&reason.description);
        built = built.status_reasons(reason.build());
    }
    built.build()
}

/// A finding that waits to be archived. The SDK's resource is 31 KB however empty, so that of many findings is kept apart.
#[derive(Clone, Debug)]
pub struct Past {
    finding: AwsSecurityFinding,
    resources: Vec<Kept>,
}

/// What this product says of a resource.
#[derive(Clone, Debug)]
struct Kept {
    kind: Option<String>,
    id: Option<String>,
    partition: Option<Partition>,
    region: Option<String>,
    tags: Option<HashMap<String, String>>,
    other: Option<HashMap<String, String>>,
}

impl Past {
    /// Leaves out what belongs to the users of Security Hub.
    pub fn of(mut finding: AwsSecurityFinding, at: &str) -> Past {
        let kept = |resource: Resource| Kept {
            kind: resource.r#type,
            id: resource.id,
            partition: resource.partition,
            region: resource.region,
            tags: resource.tags,
            other: resource.details.and_then(|details| details.other),
        };
        let resources = finding.resources.take().unwrap_or_default().into_iter().map(kept).collect();
        finding.record_state = Some(RecordState::Archived);
        finding.updated_at = Some(at.to_owned());
        finding.workflow = None;
        finding.workflow_state = None;
        finding.note = None;
        finding.user_defined_fields = None;
        finding.verification_state = None;
        finding.confidence = None;
        finding.criticality = None;
        finding.related_findings = None;
        finding.processed_at = None;
        finding.region = None;
        if let Some(fields) = &mut finding.product_fields {
            fields.retain(|key, _| !key.starts_with(RESERVED));
        }
        Past { finding, resources }
    }

    /// The finding as it is to be sent.
    pub fn archived(self) -> AwsSecurityFinding {
        let whole = |kept: Kept| {
            Resource::builder()
                .set_type(kept.kind)
                .set_id(kept.id)
                .set_partition(kept.partition)
                .set_region(kept.region)
                .set_tags(kept.tags)
                .set_details(kept.other.map(|other| ResourceDetails::builder().set_other(Some(other)).build()))
                .build()
        };
        let mut finding = self.finding;
        finding.resources = Some(self.resources.into_iter().map(whole).collect());
        finding
    }
}
