//! Network activity events: calls through VPC endpoints, of the services for which CloudTrail records them.

use aws_sdk_ec2::types::VpcEndpoint;

/// What a VPC endpoint's service name ends with, and the event source of its network activity events.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-network-events-with-cloudtrail.html>
const NETWORK_SOURCES: &[(&str, &str)] = &[
    ("cloudtrail", "cloudtrail.amazonaws.com"),
    ("ec2", "ec2.amazonaws.com"),
    ("kms", "kms.amazonaws.com"),
    ("s3", "s3.amazonaws.com"),
    ("secretsmanager", "secretsmanager.amazonaws.com"),
];

/// The event source of what goes through an endpoint; `None` for services whose network activity is not recorded.
pub fn event_source(endpoint: &VpcEndpoint) -> Option<&'static str> {
    let service = endpoint.service_name()?.rsplit('.').next()?;
    NETWORK_SOURCES.iter().find(|(name, _)| *name == service).map(|(_, source)| *source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_matched_by_service() {
        let endpoint = |service: &str| VpcEndpoint::builder().service_name(service).build();
        assert_eq!(event_source(&endpoint("com.amazonaws.eu-west-1.s3")), Some("s3.amazonaws.com"));
        assert_eq!(event_source(&endpoint("com.amazonaws.eu-west-1.ecr.dkr")), None);
        assert_eq!(event_source(&endpoint("com.amazonaws.vpce.eu-west-1.vpce-svc-1")), None);
    }
}
