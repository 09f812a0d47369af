//! The resource of a finding, under the names that ASFF has for its type.
//! <https://docs.aws.amazon.com/securityhub/latest/userguide/asff-resources.html>

use super::limits::text;
use super::model::{Resource, ResourceDetails};
use crate::record::Record;
use crate::report::Head;
use serde_json::Value;
use std::collections::BTreeMap;

/// CloudFormation's name and ASFF's; what is not here is `Other`.
pub const TYPES: &[(&str, &str)] = &[
    ("AWS::::Account", "AwsAccount"),
    ("AWS::ApiGateway::RestApi", "AwsApiGatewayRestApi"),
    ("AWS::ApiGateway::Stage", "AwsApiGatewayStage"),
    ("AWS::ApiGatewayV2::Api", "AwsApiGatewayV2Api"),
    ("AWS::ApiGatewayV2::Stage", "AwsApiGatewayV2Stage"),
    ("AWS::AutoScaling::AutoScalingGroup", "AwsAutoScalingAutoScalingGroup"),
    ("AWS::AutoScaling::LaunchConfiguration", "AwsAutoScalingLaunchConfiguration"),
    ("AWS::Backup::BackupPlan", "AwsBackupBackupPlan"),
    ("AWS::Backup::BackupVault", "AwsBackupBackupVault"),
    ("AWS::CertificateManager::Certificate", "AwsCertificateManagerCertificate"),
    ("AWS::CloudFormation::Stack", "AwsCloudFormationStack"),
    ("AWS::CloudFront::Distribution", "AwsCloudFrontDistribution"),
    ("AWS::CloudTrail::Trail", "AwsCloudTrailTrail"),
    ("AWS::CloudWatch::Alarm", "AwsCloudWatchAlarm"),
    ("AWS::CodeBuild::Project", "AwsCodeBuildProject"),
    ("AWS::DMS::ReplicationInstance", "AwsDmsReplicationInstance"),
    ("AWS::DynamoDB::Table", "AwsDynamoDbTable"),
    ("AWS::EC2::ClientVpnEndpoint", "AwsEc2ClientVpnEndpoint"),
    ("AWS::EC2::EIP", "AwsEc2Eip"),
    ("AWS::EC2::Instance", "AwsEc2Instance"),
    ("AWS::EC2::LaunchTemplate", "AwsEc2LaunchTemplate"),
    ("AWS::EC2::NetworkAcl", "AwsEc2NetworkAcl"),
    ("AWS::EC2::NetworkInterface", "AwsEc2NetworkInterface"),
    ("AWS::EC2::RouteTable", "AwsEc2RouteTable"),
    ("AWS::EC2::SecurityGroup", "AwsEc2SecurityGroup"),
    ("AWS::EC2::Subnet", "AwsEc2Subnet"),
    ("AWS::EC2::TransitGateway", "AwsEc2TransitGateway"),
    ("AWS::EC2::VPC", "AwsEc2Vpc"),
    ("AWS::EC2::VPCEndpointService", "AwsEc2VpcEndpointService"),
    ("AWS::EC2::VPCPeeringConnection", "AwsEc2VpcPeeringConnection"),
    ("AWS::EC2::VPNConnection", "AwsEc2VpnConnection"),
    ("AWS::EC2::Volume", "AwsEc2Volume"),
    ("AWS::ECR::Repository", "AwsEcrRepository"),
    ("AWS::ECS::Cluster", "AwsEcsCluster"),
    ("AWS::ECS::Service", "AwsEcsService"),
    ("AWS::ECS::TaskDefinition", "AwsEcsTaskDefinition"),
    ("AWS::EFS::AccessPoint", "AwsEfsAccessPoint"),
    ("AWS::EKS::Cluster", "AwsEksCluster"),
    ("AWS::ElasticBeanstalk::Environment", "AwsElasticBeanstalkEnvironment"),
    ("AWS::ElasticLoadBalancing::LoadBalancer", "AwsElbLoadBalancer"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "AwsElbv2LoadBalancer"),
    ("AWS::Events::EventBus", "AwsEventsEventbus"),
    ("AWS::GuardDuty::Detector", "AwsGuardDutyDetector"),
    ("AWS::IAM::Group", "AwsIamGroup"),
    ("AWS::IAM::ManagedPolicy", "AwsIamPolicy"),
    ("AWS::IAM::Role", "AwsIamRole"),
    ("AWS::IAM::User", "AwsIamUser"),
    ("AWS::KMS::Key", "AwsKmsKey"),
    ("AWS::Kinesis::Stream", "AwsKinesisStream"),
    ("AWS::Lambda::Function", "AwsLambdaFunction"),
    ("AWS::Lambda::LayerVersion", "AwsLambdaLayerVersion"),
    ("AWS::MSK::Cluster", "AwsMskCluster"),
    ("AWS::NetworkFirewall::Firewall", "AwsNetworkFirewallFirewall"),
    ("AWS::NetworkFirewall::FirewallPolicy", "AwsNetworkFirewallFirewallPolicy"),
    ("AWS::OpenSearchService::Domain", "AwsOpenSearchServiceDomain"),
    ("AWS::RDS::DBCluster", "AwsRdsDbCluster"),
    ("AWS::RDS::DBClusterSnapshot", "AwsRdsDbClusterSnapshot"),
    ("AWS::RDS::DBInstance", "AwsRdsDbInstance"),
    ("AWS::RDS::DBSnapshot", "AwsRdsDbSnapshot"),
    ("AWS::Redshift::Cluster", "AwsRedshiftCluster"),
    ("AWS::Route53::HostedZone", "AwsRoute53HostedZone"),
    ("AWS::S3::AccessPoint", "AwsS3AccessPoint"),
    ("AWS::S3::AccountPublicAccessBlock", "AwsS3AccountPublicAccessBlock"),
    ("AWS::S3::Bucket", "AwsS3Bucket"),
    ("AWS::S3::Object", "AwsS3Object"),
    ("AWS::SNS::Topic", "AwsSnsTopic"),
    ("AWS::SQS::Queue", "AwsSqsQueue"),
    ("AWS::SageMaker::NotebookInstance", "AwsSageMakerNotebookInstance"),
    ("AWS::SecretsManager::Secret", "AwsSecretsManagerSecret"),
    ("AWS::StepFunctions::StateMachine", "AwsStepFunctionStateMachine"),
    ("AWS::WAFv2::RuleGroup", "AwsWafv2RuleGroup"),
    ("AWS::WAFv2::WebACL", "AwsWafv2WebAcl"),
];

/// Pairs that a map may have.
const PAIRS: usize = 50;

pub fn of(head: &Head, record: &Record, region: &str) -> Resource {
    let resource = &record.resource;
    let known = TYPES.iter().find(|(cloudformation, _)| *cloudformation == resource.kind);
    let kind = known.map_or("Other", |(_, asff)| asff);
    let id = match kind {
        // As Security Hub names accounts in its own findings.
        "AwsAccount" => format!("AWS::::Account:{}", record.account_id),
        _ if resource.arn.is_empty() => resource.id.clone(),
        _ => resource.arn.clone(),
    };
    let partition = match head.partition(record) {
        "aws" => Some("aws"),
        "aws-cn" => Some("aws-cn"),
        "aws-us-gov" => Some("aws-us-gov"),
        "aws-iso" => Some("aws-us-iso"),
        "aws-iso-b" => Some("aws-us-iso-b"),
        _ => None,
    };
    let (tags, blank) = tags(&resource.tags);
    let mut other = BTreeMap::from([("ResourceType".to_owned(), text(&resource.kind, 1023))]);
    if let Some(name) = &resource.name {
        other.insert("ResourceName".into(), text(name, 1023));
    }
    if !blank.is_empty() {
        other.insert("TagsWithoutValue".into(), text(&blank.join(", "), 1023));
    }
    for (key, value) in record.evidence.as_object().into_iter().flatten() {
        if other.len() >= PAIRS {
            break;
        }
        other.entry(text(key, 127)).or_insert_with(|| detail(value));
    }
    let details = ResourceDetails { other };
    Resource { kind, id: text(&id, 512), partition, region: text(region, 16), tags, details }
}

/// Tags within AWS's limits, and the names of those without a value, which ASFF does not take.
fn tags(given: &BTreeMap<String, String>) -> (BTreeMap<String, String>, Vec<&str>) {
    let (mut tags, mut blank) = (BTreeMap::new(), Vec::new());
    for (key, value) in given {
        if value.trim().is_empty() {
            blank.push(key.as_str());
        } else if tags.len() < PAIRS {
            tags.insert(text(key, 128), text(value, 256));
        }
    }
    (tags, blank)
}

/// A value of the evidence: words as they are, the rest as JSON.
fn detail(value: &Value) -> String {
    match value {
        Value::String(words) if !words.trim().is_empty() => text(words, 1023),
        other => text(&other.to_string(), 1023),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_listed_once_and_in_order() {
        assert!(TYPES.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn tags_without_value_are_named() {
        let given = [("a", "1"), ("b", ""), ("c", " ")].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let (tags, blank) = tags(&given);
        assert_eq!((tags.len(), blank), (1, vec!["b", "c"]));
    }
}
