//! IAM: root, users and their credentials, groups, roles and policies.

checks! { iam;
    account access_keys_rotated,
    account cloudshell_full_access_not_attached,
    account no_long_lived_workload_keys,
    account password_policy_strong,
    account roles_and_permissions_used,
    account root_credentials_centrally_managed,
    account root_hardware_mfa,
    account root_mfa_enabled,
    account root_no_access_key,
    account root_not_used_recently,
    account server_certificates_valid,
    account support_role_exists,
    account user_console_mfa,
    account user_credentials_used,
    account user_keys_minimal,
    account user_mfa_all_and_phishing_resistant,
    account user_permissions_via_groups,
}
