//! IAM: root, users and their credentials, groups, roles and policies.

mod data_reads;
mod emergency_alarm;
mod emergency_use;
mod outsiders;
mod reached_services;
mod responder_trust;
mod unused_services;
mod ways_in;

checks! { iam;
    account access_keys_rotated,
    account administrator_policies_limited,
    account break_glass_path_exists,
    account cloudshell_full_access_not_attached,
    account human_access_federated,
    account incident_responder_role_exists,
    account kms_decrypt_scoped,
    account no_admin_star_policies,
    account no_long_lived_workload_keys,
    account no_privilege_escalation_paths,
    account no_service_wildcards,
    account oidc_trust_restricted,
    account password_policy_strong,
    account permissions_boundaries_used,
    account roles_and_permissions_used,
    account root_credentials_centrally_managed,
    account root_hardware_mfa,
    account root_mfa_enabled,
    account root_no_access_key,
    account root_not_used_recently,
    account server_certificates_valid,
    account service_role_confused_deputy,
    account support_role_exists,
    account third_party_trust_external_id,
    account trust_no_wildcard_principal,
    account user_console_mfa,
    account user_credentials_used,
    account user_keys_minimal,
    account user_mfa_all_and_phishing_resistant,
    account user_permissions_via_groups,
}
