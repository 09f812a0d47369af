//! What rules of AWS Config watch, by the identifiers of AWS's managed rules. What a rule of one's own watches does not show.
//! <https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html>

use aws_sdk_config::types::{ConfigRule, ConfigRuleState, Owner};

/// Something that has to be watched.
#[derive(Debug)]
pub struct Watched {
    pub name: &'static str,
    /// Managed rules that do, one of which is enough.
    rules: &'static [&'static str],
}

/// What data and the network need.
pub static WATCHED: [Watched; 4] = [
    Watched {
        name: "storage encryption",
        rules: &[
            "BACKUP_RECOVERY_POINT_ENCRYPTED",
            "DOCDB_CLUSTER_ENCRYPTED",
            "DYNAMODB_TABLE_ENCRYPTED_KMS",
            "DYNAMODB_TABLE_ENCRYPTION_ENABLED",
            "EC2_EBS_ENCRYPTION_BY_DEFAULT",
            "EFS_ENCRYPTED_CHECK",
            "ELASTICSEARCH_ENCRYPTED_AT_REST",
            "ENCRYPTED_VOLUMES",
            "KINESIS_STREAM_ENCRYPTED",
            "NEPTUNE_CLUSTER_ENCRYPTED",
            "OPENSEARCH_ENCRYPTED_AT_REST",
            "RDS_CLUSTER_ENCRYPTED_AT_REST",
            "RDS_SNAPSHOT_ENCRYPTED",
            "RDS_STORAGE_ENCRYPTED",
            "REDSHIFT_CLUSTER_CONFIGURATION_CHECK",
            "REDSHIFT_CLUSTER_KMS_ENABLED",
            "S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED",
            "S3_DEFAULT_ENCRYPTION_KMS",
        ],
    },
    Watched {
        name: "transport encryption",
        rules: &[
            "ALB_HTTP_TO_HTTPS_REDIRECTION_CHECK",
            "CLOUDFRONT_NO_DEPRECATED_SSL_PROTOCOLS",
            "CLOUDFRONT_TRAFFIC_TO_ORIGIN_ENCRYPTED",
            "CLOUDFRONT_VIEWER_POLICY_HTTPS",
            "DMS_ENDPOINT_SSL_CONFIGURED",
            "ELASTICACHE_REPL_GRP_ENCRYPTED_IN_TRANSIT",
            "ELASTICSEARCH_NODE_TO_NODE_ENCRYPTION_CHECK",
            "ELBV2_ACM_CERTIFICATE_REQUIRED",
            "ELB_ACM_CERTIFICATE_REQUIRED",
            "ELB_CUSTOM_SECURITY_POLICY_SSL_CHECK",
            "ELB_PREDEFINED_SECURITY_POLICY_SSL_CHECK",
            "ELB_TLS_HTTPS_LISTENERS_ONLY",
            "MSK_IN_CLUSTER_NODE_REQUIRE_TLS",
            "OPENSEARCH_HTTPS_REQUIRED",
            "OPENSEARCH_NODE_TO_NODE_ENCRYPTION_CHECK",
            "REDSHIFT_REQUIRE_TLS_SSL",
            "S3_BUCKET_SSL_REQUESTS_ONLY",
        ],
    },
    Watched {
        name: "security groups",
        rules: &[
            "INCOMING_SSH_DISABLED",
            "RESTRICTED_INCOMING_TRAFFIC",
            "VPC_DEFAULT_SECURITY_GROUP_CLOSED",
            "VPC_SG_OPEN_ONLY_TO_AUTHORIZED_PORTS",
            "VPC_SG_PORT_RESTRICTION_CHECK",
        ],
    },
    Watched {
        name: "public exposure",
        rules: &[
            "AUTOSCALING_LAUNCH_CONFIG_PUBLIC_IP_DISABLED",
            "DMS_REPLICATION_NOT_PUBLIC",
            "EBS_SNAPSHOT_PUBLIC_RESTORABLE_CHECK",
            "EC2_INSTANCE_NO_PUBLIC_IP",
            "EKS_ENDPOINT_NO_PUBLIC_ACCESS",
            "ELASTICSEARCH_IN_VPC_ONLY",
            "EMR_MASTER_NO_PUBLIC_IP",
            "LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED",
            "OPENSEARCH_IN_VPC_ONLY",
            "RDS_INSTANCE_PUBLIC_ACCESS_CHECK",
            "RDS_SNAPSHOTS_PUBLIC_PROHIBITED",
            "REDSHIFT_CLUSTER_PUBLIC_ACCESS_CHECK",
            "S3_ACCESS_POINT_PUBLIC_ACCESS_BLOCKS",
            "S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS",
            "S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC",
            "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED",
            "S3_BUCKET_PUBLIC_READ_PROHIBITED",
            "S3_BUCKET_PUBLIC_WRITE_PROHIBITED",
            "SAGEMAKER_NOTEBOOK_NO_DIRECT_INTERNET_ACCESS",
            "SSM_DOCUMENT_NOT_PUBLIC",
            "SUBNET_AUTO_ASSIGN_PUBLIC_IP_DISABLED",
        ],
    },
];

impl Watched {
    /// Whether a managed rule watches it.
    pub fn is_watched_by(&self, rule: &ConfigRule) -> bool {
        let identifier = rule.source().and_then(|source| source.source_identifier());
        is_managed(rule) && identifier.is_some_and(|identifier| self.rules.contains(&identifier))
    }
}

fn is_managed(rule: &ConfigRule) -> bool {
    rule.source().is_some_and(|source| *source.owner() == Owner::Aws)
}

/// Whether what a rule watches shows only in its code.
pub fn is_own(rule: &ConfigRule) -> bool {
    !is_managed(rule)
}

/// Whether a rule judges; `None` where its state is not told or not known.
/// <https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigRule.html>
pub fn is_active(rule: &ConfigRule) -> Option<bool> {
    match rule.config_rule_state()? {
        ConfigRuleState::Active | ConfigRuleState::Evaluating => Some(true),
        ConfigRuleState::Deleting | ConfigRuleState::DeletingResults => Some(false),
        _ => None,
    }
}
