//! The session policy of an assumed role: the reads of the selected checks, within the 2,048 characters that AWS takes, so
//! that the session can do no more than the scan, whatever the role allows.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session>

use std::collections::{BTreeMap, BTreeSet};

/// Characters of a session policy. Some room is left: AWS also holds the packed form, tags included, against a limit.
const LIMIT: usize = 1_900;

/// Verbs that never hand out what is stored, only what is configured: a wildcard behind them stays a read of settings.
const CONFIGURATION: [&str; 2] = ["Describe", "List"];

/// How far the actions of a service are drawn together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Width {
    /// `s3:GetBucketPolicy`
    Exact,
    /// `s3:GetBucket*`
    Noun,
    /// `ec2:Describe*`; other verbs stay at `Noun`.
    Verb,
}

/// The policy: exact actions where they fit, else those of the services with the most of them drawn together.
pub fn session_policy(actions: &BTreeSet<String>) -> String {
    let mut services: BTreeMap<&str, (Width, BTreeSet<&str>)> = BTreeMap::new();
    for (service, name) in actions.iter().filter_map(|action| action.split_once(':')) {
        services.entry(service).or_insert((Width::Exact, BTreeSet::new())).1.insert(name);
    }
    for width in [Width::Noun, Width::Verb] {
        let mut order: Vec<(usize, &str)> = services
            .iter()
            .map(|(service, (_, names))| (names.iter().map(|name| name.len()).sum(), *service))
            .collect();
        order.sort_unstable_by_key(|(length, service)| (std::cmp::Reverse(*length), *service));
        for (_, service) in order {
            if document(&services).len() <= LIMIT {
                break;
            }
            if let Some(entry) = services.get_mut(service) {
                entry.0 = width;
            }
        }
    }
    document(&services)
}

fn document(services: &BTreeMap<&str, (Width, BTreeSet<&str>)>) -> String {
    let patterns: BTreeSet<String> = services
        .iter()
        .flat_map(|(service, (width, names))| {
            names.iter().map(move |name| format!("{service}:{}", pattern(names, name, *width)))
        })
        .collect();
    let list = serde_json::Value::from(patterns.into_iter().collect::<Vec<_>>());
    format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{list},"Resource":"*"}}]}}"#)
}

/// A wildcard only where it stands for several of the service's actions.
fn pattern(names: &BTreeSet<&str>, name: &str, width: Width) -> String {
    let words = |count: usize| {
        let starts = name.char_indices().skip(1).filter(|(_, c)| c.is_ascii_uppercase()).map(|(at, _)| at);
        starts.into_iter().nth(count - 1).map(|at| &name[..at])
    };
    let verb = words(1).filter(|verb| width == Width::Verb && CONFIGURATION.contains(verb));
    let noun = words(2).filter(|_| width >= Width::Noun);
    let several = |prefix: &&str| names.iter().filter(|name| name.starts_with(prefix)).count() > 1;
    match verb.or(noun).filter(several) {
        Some(prefix) => format!("{prefix}*"),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::grant;
    use crate::catalogue::{checks, reads};

    fn matches(policy: &str, action: &str) -> bool {
        let policy: serde_json::Value = serde_json::from_str(policy).unwrap();
        policy["Statement"][0]["Action"].as_array().unwrap().iter().any(|pattern| {
            let pattern = pattern.as_str().unwrap();
            pattern.strip_suffix('*').map_or(pattern == action, |prefix| action.starts_with(prefix))
        })
    }

    #[test]
    fn the_whole_catalogue_fits_and_stays_a_read_of_settings() {
        let actions = grant::actions(reads(checks()).iter().map(String::as_str));
        let policy = session_policy(&actions);
        assert!(policy.len() <= LIMIT, "{} characters", policy.len());
        for action in &actions {
            assert!(matches(&policy, action), "{action}");
        }
        for action in
            ["s3:GetObject", "s3:PutBucketPolicy", "iam:CreateUser", "kms:Decrypt", "iam:PassRole", "sts:AssumeRole"]
        {
            assert!(!matches(&policy, action), "{action}: {policy}");
        }
    }

    #[test]
    fn what_fits_is_exact() {
        let actions = ["s3:GetBucketPolicy", "s3:GetBucketAcl", "iam:ListUsers"].map(str::to_owned).into();
        let policy = session_policy(&actions);
        assert!(policy.contains(r#"["iam:ListUsers","s3:GetBucketAcl","s3:GetBucketPolicy"]"#), "{policy}");
    }
}
