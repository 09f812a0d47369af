//! The session policies of an assumed role: the reads of the selected checks, within the 2,048 characters that AWS takes, so
//! that the sessions can do no more than the scan, whatever the role allows. What does not fit into one is split by services, a session
//! for each part.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session>

use posture_estate::session::Narrowed;
use std::collections::{BTreeMap, BTreeSet};

/// The names of actions by service, and how far they are drawn together.
type Services<'a> = BTreeMap<&'a str, (Width, BTreeSet<&'a str>)>;

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

/// As few sessions as the actions need: exact actions where they fit, else those of the services with the most of them drawn together,
/// else one more session.
pub fn session_policies(actions: &BTreeSet<String>) -> Vec<Narrowed> {
    let mut services: Services<'_> = BTreeMap::new();
    for (service, name) in actions.iter().filter_map(|action| action.split_once(':')) {
        services.entry(service).or_insert((Width::Exact, BTreeSet::new())).1.insert(name);
    }
    let most = services.len().max(1);
    for count in 1..=most {
        let parts: Vec<Services<'_>> = split(&services, count).into_iter().map(drawn_together).collect();
        if count == most || parts.iter().all(|part| document(part).len() <= LIMIT) {
            let narrowed = |part: &Services<'_>| Narrowed {
                services: part.keys().map(|service| (*service).to_owned()).collect(),
                policy: document(part),
            };
            return parts.iter().map(narrowed).collect();
        }
    }
    Vec::new()
}

/// Each service goes to the part that is the shortest so far, the longest first.
fn split<'a>(services: &Services<'a>, count: usize) -> Vec<Services<'a>> {
    let mut order: Vec<_> = services.iter().collect();
    let length = |service: &str, entry: &(Width, BTreeSet<&str>)| {
        document(&BTreeMap::from([(service, (Width::Verb, entry.1.clone()))])).len()
    };
    order.sort_by_key(|(service, entry)| (std::cmp::Reverse(length(service, entry)), **service));
    let mut parts: Vec<(usize, Services<'a>)> = vec![(0, BTreeMap::new()); count];
    for (service, entry) in order {
        if let Some(part) = parts.iter_mut().min_by_key(|(length, _)| *length) {
            part.0 += length(service, entry);
            part.1.insert(service, entry.clone());
        }
    }
    parts.into_iter().map(|(_, part)| part).collect()
}

/// Wider where it is too long, until it is not.
fn drawn_together(mut services: Services<'_>) -> Services<'_> {
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
    services
}

fn document(services: &Services<'_>) -> String {
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

    /// Whether exactly the session of the action's service lets it through.
    fn allowed(sessions: &[Narrowed], action: &str) -> bool {
        let service = action.split_once(':').unwrap().0;
        let own: Vec<&Narrowed> = sessions.iter().filter(|session| session.services.contains(service)).collect();
        assert!(own.len() <= 1, "{service} has {} sessions", own.len());
        own.iter().any(|session| matches(&session.policy, action))
    }

    #[test]
    fn the_whole_catalogue_fits_and_stays_a_read_of_settings() {
        let actions = grant::actions(reads(checks()).iter().map(String::as_str));
        let sessions = session_policies(&actions);
        for session in &sessions {
            assert!(session.policy.len() <= LIMIT, "{} characters", session.policy.len());
        }
        for action in &actions {
            assert!(allowed(&sessions, action), "{action}");
        }
        for action in
            ["s3:GetObject", "s3:PutBucketPolicy", "iam:CreateUser", "kms:Decrypt", "iam:PassRole", "sts:AssumeRole"]
        {
            assert!(sessions.iter().all(|session| !matches(&session.policy, action)), "{action}: {sessions:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_split_and_nothing_is_lost() {
        let actions: BTreeSet<String> =
            (0..120).flat_map(|n| [format!("service{n}:GetThing"), format!("service{n}:ListThings")]).collect();
        let sessions = session_policies(&actions);
        assert!(sessions.len() > 1 && sessions.len() < 6, "{}", sessions.len());
        assert!(sessions.iter().all(|session| session.policy.len() <= LIMIT && !session.services.is_empty()));
        assert!(actions.iter().all(|action| allowed(&sessions, action)));
    }

    #[test]
    fn what_fits_is_exact_and_in_one_session() {
        let actions = ["s3:GetBucketPolicy", "s3:GetBucketAcl", "iam:ListUsers"].map(str::to_owned).into();
        let sessions = session_policies(&actions);
        assert_eq!(sessions.len(), 1);
        let policy = &sessions[0].policy;
        assert!(policy.contains(r#"["iam:ListUsers","s3:GetBucketAcl","s3:GetBucketPolicy"]"#), "{policy}");
    }
}
