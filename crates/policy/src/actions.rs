//! The table of AWS actions and their access levels, compiled in.
//!
//! Generated data (`data/actions.txt`, see `data/generate.py`): one line per service and level, dated.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use super::pattern::Pattern;

const TABLE: &str = include_str!("data/actions.txt");

/// What an action does, in AWS's classification
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessLevel {
    /// Lists resources.
    List,
    /// Reads contents or settings.
    Read,
    /// Changes tags only.
    Tagging,
    /// Creates, changes or deletes.
    Write,
    /// Changes who may do what.
    Permissions,
}

struct Action {
    name: &'static str,
    pattern: Pattern,
    level: AccessLevel,
}

/// A service's lines of the table; its actions are compiled when they are first asked for.
#[derive(Default)]
struct Service {
    lines: Vec<(AccessLevel, &'static str)>,
    actions: OnceLock<Vec<Action>>,
}

impl Service {
    fn actions(&self, service: &str) -> &[Action] {
        self.actions.get_or_init(|| {
            let names = self.lines.iter().flat_map(|(level, names)| names.split(' ').map(|n| (*level, n)));
            names
                .map(|(level, name)| Action { name, pattern: Pattern::action(&format!("{service}:{name}")), level })
                .collect()
        })
    }
}

static SERVICES: LazyLock<BTreeMap<&'static str, Service>> = LazyLock::new(|| {
    let mut services: BTreeMap<&str, Service> = BTreeMap::new();
    for line in TABLE.lines().filter(|l| !l.starts_with('#')) {
        let mut words = line.splitn(3, ' ');
        let (Some(service), Some(level), Some(names)) = (words.next(), words.next(), words.next()) else {
            continue;
        };
        let level = match level {
            "R" => AccessLevel::Read,
            "L" => AccessLevel::List,
            "T" => AccessLevel::Tagging,
            "P" => AccessLevel::Permissions,
            _ => AccessLevel::Write,
        };
        services.entry(service).or_default().lines.push((level, names));
    }
    services
});

/// The day as of which the table was drawn up, `YYYY-MM-DD`.
pub fn table_date() -> &'static str {
    TABLE.lines().find_map(|l| l.strip_prefix("# date ")).unwrap_or("unknown")
}

/// Whether the table knows the service prefix (lower case).
pub fn knows_service(service: &str) -> bool {
    SERVICES.contains_key(service)
}

/// The access level of an action (`s3:GetObject`, case does not count); `None` when the table does not know it.
pub fn level(action: &str) -> Option<AccessLevel> {
    let action = action.to_ascii_lowercase();
    let (service, name) = action.split_once(':')?;
    SERVICES.get(service)?.actions(service).iter().find(|a| a.name.eq_ignore_ascii_case(name)).map(|a| a.level)
}

/// Every action that a pattern means (`s3:Get*`, `*`), as `service:Name`, sorted; empty when the table knows none.
pub fn expand(pattern: &str) -> Vec<String> {
    matching(&Pattern::action(pattern)).into_iter().map(|p| p.text().to_owned()).collect()
}

/// The table's actions that a compiled pattern matches.
pub(super) fn matching(pattern: &Pattern) -> Vec<&'static Pattern> {
    let prefix = pattern.prefix();
    let service = prefix.split_once(':').map(|(service, _)| service);
    let mut found: Vec<&'static Pattern> = SERVICES
        .iter()
        .filter(|(name, _)| service.is_none_or(|s| s == **name))
        .flat_map(|(name, service)| service.actions(name))
        .filter(|action| pattern.covers(&action.pattern))
        .map(|action| &action.pattern)
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_dated_and_large() {
        assert!(table_date().starts_with("20"), "{}", table_date());
        assert!(expand("*").len() > 15_000);
    }

    #[test]
    fn patterns_expand_without_case() {
        assert_eq!(expand("S3:getobject"), ["s3:GetObject"]);
        assert!(expand("s3:P*").contains(&"s3:PutBucketPolicy".to_owned()));
        assert!(expand("nosuch:*").is_empty());
    }

    #[test]
    fn levels() {
        assert_eq!(level("s3:putobjectacl"), Some(AccessLevel::Permissions));
        assert_eq!(level("s3:PutObject"), Some(AccessLevel::Write));
        assert_eq!(level("s3:PutObjectTagging"), Some(AccessLevel::Tagging));
        assert_eq!(level("s3:GetObject"), Some(AccessLevel::Read));
        assert_eq!(level("s3:ListBucket"), Some(AccessLevel::List));
        assert_eq!(level("iam:Nonsense"), None);
    }
}
