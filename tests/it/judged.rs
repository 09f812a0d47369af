//! A card may leave a case to another check only where that one judges it: two checks that leave a case to each other leave it to
//! nobody. Each check that a card names stands in the list below, with what shows that the sentence is true.

use crate::replay::{RECORDED, replay};
use crate::support::{Report, repo};
use aws_posture::catalogue::checks;
use std::collections::BTreeSet;

/// What shows that the check which a card names does what the card says of it.
enum Shown {
    /// The recorded accounts: it fails something with these words, and the card's own check does not fail the same.
    Left(&'static str),
    /// The same, where the card's check judges something else of the same resource.
    Also(&'static str),
    /// A unit test, as `module::name`.
    Test(&'static str),
    /// Nothing is left to it: the card points to it for its explanation, its settings or as a remedy.
    Mentioned,
}
use Shown::{Also, Left, Mentioned, Test};

const LEFT: &[(&str, &str, Shown)] = &[
    ("cloudtrail_bucket_access_logging", "cloudtrail_s3_data_events_recorded", Mentioned),
    ("cloudtrail_bucket_access_logging", "s3_bucket_access_logging", Mentioned),
    ("cloudtrail_bucket_not_public", "s3_bucket_block_public_access", Mentioned),
    ("cloudtrail_bucket_not_public", "s3_bucket_not_public", Mentioned),
    ("cloudtrail_s3_data_events_recorded", "cloudtrail_bucket_access_logging", Mentioned),
    ("codepipeline_source_private", "s3_bucket_not_public", Left("bucket acme-website")),
    ("config_remediation_configured", "config_conformance_pack_deployed", Left("has no conformance pack")),
    ("config_remediation_configured", "config_recorder_all_regions", Left("has no Config recorder")),
    ("ec2_ebs_default_encryption_enabled", "ec2_ebs_volumes_and_snapshots_encrypted", Left("is not encrypted")),
    ("ec2_image_and_snapshot_block_public_access", "ec2_ami_not_public", Left("is public")),
    ("ec2_imds_account_default_v2", "ec2_instance_imdsv2_required", Left("answers IMDSv1 requests")),
    (
        "ec2_instance_no_public_ip",
        "ec2_instance_no_internet_reachable_risk_port",
        Test("network/internet::every_interface_and_family_counts"),
    ),
    ("ec2_nacl_no_open_admin_ports", "ec2_sg_and_nacl_in_use", Left("guards no subnet")),
    ("ec2_sg_no_open_admin_ports", "ec2_sg_open_only_on_authorized_ports", Also("every tcp port")),
    ("ec2_sg_no_open_admin_ports", "ec2_sg_rules_tight", Test("sg_rules_tight::wide_public_ranges")),
    ("ec2_sg_no_open_high_risk_ports", "ec2_sg_no_open_admin_ports", Left("tcp/3389")),
    (
        "ec2_sg_no_open_high_risk_ports",
        "ec2_sg_open_only_on_authorized_ports",
        Test("sg_open_only_on_authorized_ports::other_ports"),
    ),
    ("ec2_sg_open_only_on_authorized_ports", "ec2_sg_rules_tight", Test("sg_rules_tight::wide_public_ranges")),
    ("eventbridge_automates_response", "config_remediation_configured", Mentioned),
    ("iam_access_keys_rotated", "iam_root_no_access_key", Left("the root user has an access key")),
    ("iam_administrator_policies_limited", "iam_no_admin_star_policies", Left("acme-break-everything")),
    ("iam_administrator_policies_limited", "iam_no_privilege_escalation_paths", Left("policy acme-create-roles")),
    ("iam_administrator_policies_limited", "iam_no_service_wildcards", Left("inline policy everything-in-s3")),
    ("iam_break_glass_path_exists", "cloudwatch_alarm_root_usage", Mentioned),
    (
        "iam_break_glass_path_exists",
        "eventbridge_watches_breakglass_and_pipelines",
        Left("no rule in eu-west-1 takes AssumeRole of arn:aws:iam::111122223333:role/break-glass-audit"),
    ),
    ("iam_cloudshell_full_access_not_attached", "iam_administrator_policies_limited", Left("AdministratorAccess")),
    ("iam_cloudshell_full_access_not_attached", "iam_no_service_wildcards", Mentioned),
    (
        "iam_no_long_lived_workload_keys",
        "iam_user_credentials_used",
        Test("user_credentials_used::a_key_that_was_never_used_ages_from_its_creation"),
    ),
    ("iam_no_privilege_escalation_paths", "iam_administrator_policies_limited", Left("user backup-job has")),
    ("iam_no_privilege_escalation_paths", "iam_no_admin_star_policies", Left("to user backup-job, group admins")),
    ("iam_no_service_wildcards", "iam_administrator_policies_limited", Left("PowerUserAccess")),
    (
        "iam_permissions_boundaries_used",
        "iam_administrator_policies_limited",
        Test("administrator_policies_limited::a_listed_role_of_a_function_or_an_instance_fails"),
    ),
    ("iam_roles_and_permissions_used", "iam_user_credentials_used", Left("the password was last used 200 days ago")),
    ("iam_root_credentials_centrally_managed", "iam_root_not_used_recently", Mentioned),
    ("iam_root_mfa_enabled", "iam_root_hardware_mfa", Test("root_hardware_mfa::a_virtual_device_of_root_fails")),
    (
        "iam_third_party_trust_external_id",
        "iam_trust_no_wildcard_principal",
        Left("role partner-upload trusts everyone"),
    ),
    ("iam_user_console_mfa", "iam_user_mfa_all_and_phishing_resistant", Left("user ci-runner has no MFA")),
    ("iam_user_mfa_all_and_phishing_resistant", "iam_no_privilege_escalation_paths", Mentioned),
    ("identitycenter_session_duration_limited", "identitycenter_permission_sets_least_privilege", Mentioned),
    ("kms_key_admin_and_use_separated", "iam_no_admin_star_policies", Left("to user backup-job, group admins")),
    (
        "kms_key_admin_and_use_separated",
        "kms_key_policy_not_public",
        Test("key_policy_not_public::a_service_on_the_way_is_no_limit_but_the_caller_account_is"),
    ),
    (
        "kms_key_policy_not_public",
        "kms_key_admin_and_use_separated",
        Test("key_admin_and_use_separated::everyone_under_a_condition_is_whom_the_condition_names"),
    ),
    ("organizations_scp_guardrails_attached", "iam_root_credentials_centrally_managed", Mentioned),
    ("s3_access_points_block_public", "s3_account_block_public_access", Mentioned),
    ("s3_bucket_block_public_access", "s3_bucket_not_public", Also("is public: statement 1")),
    ("s3_bucket_mfa_delete_or_object_lock", "s3_bucket_encryption_kms", Mentioned),
    (
        "s3_bucket_versioning_enabled",
        "s3_bucket_lifecycle_configured",
        Test("bucket_lifecycle_configured::with_versions_noncurrent_ones_must"),
    ),
    (
        "secretsmanager_rotated_in_time",
        "secretsmanager_rotation_enabled",
        Test("rotation_enabled::a_secret_rotates_or_is_listed"),
    ),
    (
        "secretsmanager_rotation_enabled",
        "secretsmanager_rotated_in_time",
        Test("rotated_in_time::a_rotation_that_did_not_come_is_overdue"),
    ),
];

/// What a card has in back quotes that looks like the id of a check.
fn named(card: &str) -> BTreeSet<&str> {
    let services: BTreeSet<&str> = checks().iter().map(|check| check.service).collect();
    let like_an_id = |word: &&str| {
        let letters = word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        letters && word.split_once('_').is_some_and(|(service, _)| services.contains(service))
    };
    card.split('`').filter(like_an_id).collect()
}

#[test]
fn every_check_that_a_card_names_is_there_and_what_is_left_to_it_is_shown() {
    let ids: BTreeSet<&str> = checks().iter().map(|check| check.id).collect();
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    for check in checks() {
        // Not "ec2_instance_…" of other tools' names in the front matter.
        let stem = check.id.trim_start_matches(check.service).trim_start_matches('_');
        let card = std::fs::read_to_string(repo(&format!("checks/{}/{stem}.md", check.service))).unwrap();
        let prose = card.split_once("\n# ").unwrap().1;
        for other in named(prose).into_iter().filter(|other| *other != check.id) {
            if !ids.contains(other) {
                wrong.push(format!("{} names {other}, which is no check", check.id));
            } else if !LEFT.iter().any(|(card, to, _)| (*card, *to) == (check.id, other)) {
                wrong.push(format!(
                    "{} names {other}: show in LEFT that it judges what the card leaves to it",
                    check.id
                ));
            }
            seen.insert((check.id, other.to_owned()));
        }
    }
    let unsaid = LEFT.iter().filter(|(card, to, _)| !seen.contains(&(*card, (*to).to_owned())));
    wrong.extend(unsaid.map(|(card, to, _)| format!("{card} names {to} no more")));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_case_that_a_card_leaves_to_another_check_is_judged_there() {
    // semantics 124
    let reports: Vec<Report> = RECORDED.iter().map(|name| replay(name).report()).collect();
    let tests = crate::semantics::tests();
    let fails = |check: &str, words: &str| -> Vec<(String, String)> {
        let all = reports.iter().flat_map(Report::findings);
        all.filter(|f| f["check_id"] == check && f["status"] == "fail")
            .filter(|f| f["message"].as_str().is_some_and(|message| message.contains(words)))
            .map(|f| (f["resource"]["arn"].to_string(), f["region"].to_string()))
            .collect()
    };
    let mut wrong = Vec::new();
    for (card, to, shown) in LEFT {
        let is_shown = match shown {
            Left(words) => {
                let own = fails(card, "");
                fails(to, words).iter().any(|place| !own.contains(place))
            }
            Also(words) => !fails(to, words).is_empty(),
            Test(name) => tests.iter().any(|test| test.is(name)),
            Mentioned => true,
        };
        if !is_shown {
            wrong.push(format!("{card} leaves a case to {to}, and nothing shows that it judges it"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
