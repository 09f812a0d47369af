//! What a failure lists and holds, where its growth makes nothing worse.

/// Every list in the evidence of a failure is either one whose growth makes it worse, or here with the reason why not.
pub const NO_WORSE: &[(&str, &str)] = &[
    ("accessanalyzer_unused_access_reviewed.analyzers", "analyzers are good"),
    ("backup_restore_testing_current.plans", "plans are good"),
    ("cloudtrail_multi_region_trail_enabled.multi_region_trails", "trails are good"),
    ("config_remediation_configured.low_risk_manual", "remediations are good"),
    ("ec2_instance_no_internet_reachable_risk_port.interfaces.addresses", "changes with every start; open is compared"),
    ("ec2_instance_no_internet_reachable_risk_port.interfaces.groups", "open is compared"),
    ("ec2_instance_no_public_ip.public_addresses", "changes with every start"),
    ("ec2_network_and_volumes_orderly.attached_to", "an attachment is good"),
    ("guardduty_compute_protections_enabled.left_off", "a decision"),
    ("guardduty_compute_protections_enabled.on", "what is on is good"),
    ("iam_break_glass_path_exists.alarms", "alarms are good"),
    ("iam_no_long_lived_workload_keys.active_keys", "its last use changes by the day"),
    ("iam_no_privilege_escalation_paths.paths.actions", "paths are compared"),
    ("iam_no_privilege_escalation_paths.paths.policies", "paths are compared"),
    ("iam_roles_and_permissions_used.unused_services", "grows as time passes"),
    ("iam_root_credentials_centrally_managed.enabled_features", "features are good"),
    ("iam_support_role_exists.attached_to", "an attachment is good"),
    ("iam_user_credentials_used.active_keys", "dates"),
    ("iam_user_permissions_via_groups.groups", "groups are good"),
    ("inspector2_cis_scans_scheduled.scans", "scans are good"),
    ("inspector2_enabled_all_types.enabled", "what is on is good"),
    ("inspector2_findings_within_target.overdue.resources", "findings are compared"),
    ("s3_bucket_not_public.access_points", "its texts say what shuts them too"),
    ("s3_service_named_buckets_owned.names", "all names that were asked for"),
    ("securityhub_enabled_with_standards.standards", "standards are good"),
    ("vpc_endpoints_for_used_services.workloads", "missing is compared"),
];

/// Checks with several reasons whose failures are of one kind each, with what that is; every other critical or high one names a list, or
/// has one reason to fail and no list to grow.
pub const ONE_WAY_TO_FAIL: &[(&str, &str)] = &[
    ("accessanalyzer_external_access_analyzer_enabled", "no analyzer that is active and of the organization"),
    ("bedrock_no_long_term_api_keys", "one finding for a key: it expires too late or not at all"),
    ("cloudtrail_multi_region_trail_enabled", "no trail records everything"),
    ("cloudwatch_alarm_root_usage", "nobody is told"),
    ("codebuild_project_isolated", "public, or privileged"),
    ("config_recorder_all_regions", "nothing, or not everything, is recorded"),
    ("ec2_ebs_default_encryption_enabled", "off, or with another key"),
    ("ec2_imds_account_default_v2", "tokens are not the default"),
    (
        "ecr_scanning_configured_and_clean",
        "its newest image is not looked at, or not clean: what is found changes by the day",
    ),
    ("guardduty_enabled_all_regions", "there is no detector that is on"),
    ("iam_human_access_federated", "one finding for a user, one for the account"),
    ("iam_no_long_lived_workload_keys", "one finding for a key: it is used"),
    ("iam_root_hardware_mfa", "no MFA device, or a virtual one; none at all is iam_root_mfa_enabled"),
    ("iam_root_no_access_key", "there is one"),
    ("kms_no_unintended_deletion", "disabled or pending deletion, unexplained"),
    ("macie_sensitive_buckets_protected", "one finding for a bucket: each way it is open is a reason of its own"),
    ("organizations_member_with_all_features", "no organization, or one that only bills"),
    ("securityhub_enabled_with_standards", "no current standard is ready"),
    ("ssm_patch_and_association_compliant", "patches that are missing change by the day"),
];
