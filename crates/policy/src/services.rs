//! Services that say for whom they call: which of them send `aws:SourceArn` or `aws:SourceAccount`, and where.
//!
//! AWS has no one list of them. Each name here stands for a page of the service's own guide that tells to use the keys, most of them
//! "Cross-service confused deputy prevention"; a service whose page shows its policies without them is not here, since a condition on a key that
//! a service does not send locks it out (<https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>).

/// The day as of which the lists were drawn up from the services' documentation.
pub(super) const DATE: &str = "2026-11-26";

/// In resource policies (buckets, topics, queues, keys, functions, repositories). For example
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html>,
/// <https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html>,
/// <https://docs.aws.amazon.com/iot/latest/developerguide/cross-service-confused-deputy-prevention.html>,
/// <https://docs.aws.amazon.com/appstream2/latest/developerguide/example-elastic-fleets.html>,
/// <https://docs.aws.amazon.com/connect/latest/adminguide/cross-service-confused-deputy-prevention.html> (`profile`),
/// <https://docs.aws.amazon.com/sms-voice/latest/userguide/configuration-sets-sns.html>,
/// <https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/application-custom-image.html>,
/// <https://docs.aws.amazon.com/omics/latest/dev/permissions-resource.html>,
/// <https://docs.aws.amazon.com/iot-fleetwise/latest/developerguide/data-encryption.html>.
pub const IN_RESOURCE_POLICIES: &[&str] = &[
    "apigateway",
    "appflow",
    "appstream",
    "aps",
    "bcm-data-exports",
    "bedrock",
    "bedrock-agentcore",
    "billingreports",
    "budgets",
    "cloudfront",
    "cloudtrail",
    "cloudwatch",
    "codecommit",
    "codestar-notifications",
    "cognito-idp",
    "config",
    "connect",
    "costalerts",
    "delivery.logs",
    "devops-guru",
    "elasticloadbalancing",
    "emr-serverless",
    "events",
    "guardduty",
    "inspector2",
    "iot",
    "iotfleetwise",
    "lambda.alarms.cloudwatch",
    "lex",
    "lexv2",
    "logging.s3",
    "logs",
    "macie",
    "mediapipelines.chime",
    "omics",
    "pinpoint",
    "profile",
    "redshift",
    "s3",
    "scheduler",
    "secretsmanager",
    "securitylake",
    "serverlessrepo",
    "ses",
    "sms-voice",
    "sns",
    "ssm",
    "storage-lens.s3",
    "transfer",
];

/// In the trust policies of the roles that they take on. For example
/// <https://docs.aws.amazon.com/personalize/latest/dg/cross-service-confused-deputy-prevention.html>,
/// <https://docs.aws.amazon.com/frauddetector/latest/ug/confused-deputy-prevention.html>,
/// <https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-iam-role-automatic-scaling.html>,
/// <https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html> (`sts:ExternalId` instead),
/// <https://docs.aws.amazon.com/batch/latest/userguide/cross-service-confused-deputy-prevention.html>,
/// <https://docs.aws.amazon.com/mwaa/latest/userguide/cross-service-confused-deputy-prevention.html> (`airflow`, `airflow-env`),
/// <https://docs.aws.amazon.com/mediaconvert/latest/ug/cross-service-confused-deputy-prevention.html>,
/// <https://docs.aws.amazon.com/appstream2/latest/developerguide/example-fleet-machine.html>,
/// <https://docs.aws.amazon.com/filegateway/latest/files3/cross-service-confused-deputy-prevention.html> (`storagegateway`),
/// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/cross-service-confused-deputy-prevention.html>,
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-fleet-prerequisites.html> (`spotfleet`),
/// <https://docs.aws.amazon.com/redshift/latest/mgmt/cross-service-confused-deputy-prevention.html>,
/// <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/cross-service-confused-deputy-prevention.html> (`es`),
/// <https://docs.aws.amazon.com/lake-formation/latest/dg/cross-service-confused-deputy-prevention.html>,
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cross-service-confused-deputy-prevention.html>
/// (`resources.cloudformation`), <https://docs.aws.amazon.com/deadline-cloud/latest/userguide/cross-service-confused-deputy-prevention.html>,
/// <https://docs.aws.amazon.com/mgn/latest/ug/cross-service-confused-deputy-prevention.html>,
/// <https://docs.aws.amazon.com/pcs/latest/userguide/cross-service-confused-deputy-prevention.html>,
/// <https://docs.aws.amazon.com/connect/latest/adminguide/cross-service-confused-deputy-prevention.html> (`voiceid`),
/// <https://docs.aws.amazon.com/iotevents/latest/developerguide/cross-service-confused-deputy-prevention.html>,
/// <https://docs.aws.amazon.com/lookoutmetrics/latest/dev/cross-service-confused-deputy-prevention.html>,
/// <https://docs.aws.amazon.com/msk/latest/developerguide/cross-service-confused-deputy-prevention.html> (`kafkaconnect`),
/// <https://docs.aws.amazon.com/guardduty/latest/ug/malware-protection-s3-iam-policy-prerequisite.html>,
/// <https://docs.aws.amazon.com/sms-voice/latest/userguide/configuration-sets-cloud-watch-creating-role.html>.
///
/// Those whose pages show trust policies without the keys are not here: EC2, Lambda, CodePipeline
/// (<https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create-service-role-cli.html>), CodeDeploy, of which one page has them
/// and the one that makes the role has not (<https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html>),
/// RDS's export of snapshots, and CloudTrail's role for CloudWatch Logs, of which AWS says that it "doesn't support the use of aws:SourceArn and aws:SourceAccount"
/// (<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html>).
pub const IN_TRUST_POLICIES: &[&str] = &[
    "airflow",
    "airflow-env",
    "amplify",
    "appstream",
    "appsync",
    "autoscaling",
    "batch",
    "bedrock",
    "bedrock-agentcore",
    "cloudformation",
    "codebuild",
    "comprehend",
    "config",
    "credentials.deadline",
    "datasync",
    "deadline",
    "dlm",
    "dms",
    "drs",
    "ecs-tasks",
    "elasticmapreduce",
    "es",
    "events",
    "firehose",
    "fis",
    "forecast",
    "frauddetector",
    "glue",
    "grafana",
    "greengrass",
    "healthlake",
    "iot",
    "iotevents",
    "iotsitewise",
    "kafkaconnect",
    "kendra",
    "kinesisanalytics",
    "lakeformation",
    "lex",
    "lexv2",
    "logs",
    "lookoutmetrics",
    "malware-protection-plan.guardduty",
    "mediaconvert",
    "mediapipelines.chime",
    "mgn",
    "monitoring.rds",
    "omics",
    "osis",
    "pcs",
    "personalize",
    "pinpoint",
    "pipes",
    "qbusiness",
    "rds",
    "redshift",
    "redshift-serverless",
    "rekognition",
    "resources.cloudformation",
    "sagemaker",
    "scheduler",
    "ses",
    "sms-voice",
    "spotfleet",
    "ssm",
    "states",
    "storagegateway",
    "textract",
    "timestream",
    "transcribe",
    "transfer",
    "translate",
    "voiceid",
    "vpc-flow-logs",
];

/// How service principals end, by partition (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>).
const SUFFIXES: &[&str] = &[".amazonaws.com.cn", ".amazonaws.com", ".amazonaws.eu", ".c2s.ic.gov", ".sc2s.sgov.gov"];

/// The name of a service principal without the partition's ending and without a region.
pub fn short(principal: &str) -> String {
    let name = SUFFIXES.iter().find_map(|suffix| principal.strip_suffix(suffix)).unwrap_or(principal);
    let region = |part: &str| {
        let words: Vec<&str> = part.split('-').collect();
        let number = words.last().is_some_and(|last| !last.is_empty() && last.chars().all(|c| c.is_ascii_digit()));
        words.len() > 2 && matches!(words[0].len(), 2 | 4) && number
    };
    name.split('.').filter(|part| !region(part)).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_has_one_name_in_every_partition_and_region() {
        for principal in [
            "states.amazonaws.com",
            "states.amazonaws.com.cn",
            "states.us-east-1.amazonaws.com",
            "states.us-gov-west-1.amazonaws.com",
            "states.cn-north-1.amazonaws.com.cn",
            "states.amazonaws.eu",
        ] {
            assert_eq!(short(principal), "states", "{principal}");
        }
        assert_eq!(short("delivery.logs.amazonaws.com"), "delivery.logs");
        assert_eq!(short("storage-lens.s3.amazonaws.com"), "storage-lens.s3");
        assert_eq!(short("vpc-flow-logs.amazonaws.com"), "vpc-flow-logs");
    }

    #[test]
    fn the_lists_are_sorted_and_hold_each_service_once() {
        for list in [IN_RESOURCE_POLICIES, IN_TRUST_POLICIES] {
            assert!(list.windows(2).all(|pair| pair[0] < pair[1]), "{list:?}");
            assert!(list.iter().all(|name| short(&format!("{name}.amazonaws.com")) == **name));
        }
    }
}
