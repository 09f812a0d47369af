//! Network activity events: calls through VPC endpoints, of the services for which CloudTrail records them.
//!
//! What an endpoint leads to is in its service name, `com.amazonaws.REGION.SERVICE` (`aws.api.REGION.SERVICE` for newer ones), and is
//! the first label of the event source but for a few. <https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html>

use aws_sdk_ec2::types::VpcEndpoint;

/// The day as of which [`SOURCES`] was drawn up.
pub const SOURCES_DATE: &str = "2026-11-26";

/// The event sources that a selector may name, without `.amazonaws.com`: the values on the first page, and of the services that only the
/// second page names those whose source is their endpoint's name.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-network-events-with-cloudtrail.html>,
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-events.html#cloudtrail-network-events>
const SOURCES: &[&str] = &[
    "aco-automation", "appconfig", "application-signals", "appmesh", "athena", "autoscaling", "b2bi", "backup-gateway",
    "bcm-data-exports", "bcm-pricing-calculator", "bedrock", "bedrock-agentcore", "billing", "cassandra", "ce",
    "cloudcontrolapi", "cloudformation", "cloudhsm", "cloudoptimization", "cloudtrail", "codedeploy", "comprehend",
    "comprehendmedical", "config", "ds", "dsql", "dynamodb", "ec2", "ecs", "elasticfilesystem", "elasticloadbalancing",
    "events", "firehose", "frauddetector", "freetier", "fsx", "glue", "healthlake", "identitystore", "invoicing", "iot",
    "iotfleetwise", "iotsecuredtunneling", "iotsitewise", "kms", "lakeformation", "lambda", "license-manager",
    "lookoutequipment", "lookoutvision", "monitoring", "nova-act", "personalize", "qbusiness", "quicksight", "rds",
    "rekognition", "rolesanywhere", "s3", "s3vectors", "sagemaker", "scheduler", "secretsmanager", "servicediscovery",
    "sns", "sqs", "ssm", "ssm-contacts", "states", "storagegateway", "sts", "swf", "textract", "transcribe",
    "transcribestreaming", "transfer", "transform", "transform-agents", "transform-custom", "translate",
    "user-subscriptions", "verifiedpermissions", "voiceid", "workmail", "workmailmessageflow",
];

/// Endpoints that are not called as their event source is.
const ENDPOINTS: &[(&str, &str)] = &[
    ("bedrock-agent", "bedrock"),
    ("bedrock-agent-runtime", "bedrock"),
    ("bedrock-runtime", "bedrock"),
    ("cloudhsmv2", "cloudhsm"),
    ("kinesis-firehose", "firehose"),
    ("sagemaker.api", "sagemaker"),
    ("sagemaker.runtime", "sagemaker"),
];

/// The event source of what goes through an endpoint, without `.amazonaws.com`; `None` for services whose network activity is not
/// recorded.
pub fn event_source(endpoint: &VpcEndpoint) -> Option<&'static str> {
    let name = endpoint.service_name()?;
    let name = name.strip_prefix("cn.").unwrap_or(name);
    let (_, service) = name.strip_prefix("com.amazonaws.").or_else(|| name.strip_prefix("aws.api."))?.split_once('.')?;
    let service = service.strip_suffix("-fips").unwrap_or(service);
    let service = ENDPOINTS.iter().find(|(endpoint, _)| *endpoint == service).map_or(service, |(_, source)| source);
    SOURCES.iter().copied().find(|source| *source == service)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(service: &str) -> Option<&'static str> {
        event_source(&VpcEndpoint::builder().service_name(service).build())
    }

    #[test]
    fn endpoints_are_matched_by_service() {
        assert_eq!(source("com.amazonaws.eu-west-1.s3"), Some("s3"));
        assert_eq!(source("cn.com.amazonaws.cn-north-1.kms"), Some("kms"));
        assert_eq!(source("com.amazonaws.us-east-1.kms-fips"), Some("kms"));
        assert_eq!(source("com.amazonaws.us-east-1.bedrock-runtime"), Some("bedrock"));
        assert_eq!(source("com.amazonaws.us-east-1.sagemaker.api"), Some("sagemaker"));
        assert_eq!(source("aws.api.us-east-1.freetier"), Some("freetier"));
        assert_eq!(source("com.amazonaws.eu-west-1.ecr.dkr"), None);
        assert_eq!(source("com.amazonaws.eu-west-1.ec2messages"), None);
        assert_eq!(source("com.amazonaws.vpce.eu-west-1.vpce-svc-1"), None);
        assert_eq!(source("com.example.s3"), None);
    }

    #[test]
    fn services_that_aws_added_later_are_known() {
        for service in ["dynamodb", "lambda", "sns", "sqs", "ssm", "sts", "ecs", "monitoring", "events", "rds"] {
            assert_eq!(source(&format!("com.amazonaws.eu-west-1.{service}")), Some(service));
        }
    }

    #[test]
    fn every_endpoint_has_a_source_and_each_stands_once() {
        assert!(SOURCES.is_sorted() && SOURCES.windows(2).all(|two| two[0] != two[1]));
        assert!(ENDPOINTS.iter().all(|(endpoint, source)| SOURCES.contains(source) && !SOURCES.contains(endpoint)));
    }
}
