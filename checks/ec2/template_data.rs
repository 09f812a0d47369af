//! The user data of launch template versions, each with what it is called.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::LaunchTemplateVersion;

/// The user data of each, in the order of their numbers.
pub(super) fn of_versions(versions: Vec<&LaunchTemplateVersion>) -> Vec<(String, Option<&str>)> {
    let numbered = versions.into_iter().map(|version| (version.version_number().unwrap_or_default(), version));
    BTreeMap::from_iter(numbered)
        .into_iter()
        .map(|(number, it)| (format!("version {number}"), it.launch_template_data().and_then(|data| data.user_data())))
        .collect()
}
