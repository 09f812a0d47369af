//! The table of AWS actions, their access levels and the kinds of resources that they act on, compiled in.
//!
//! Generated data (`data/actions.txt`, see `data/generate.py`): one line per service, level and kinds, one per kind, dated.

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
    kinds: &'static str,
}

/// A kind of resource that an action is authorised on.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its ARN in six fields, a wildcard for all that names one of them.
    pub arn: &'static [Pattern],
    /// Whether every request for the action is about one; else about one of the optional kinds, or none.
    pub required: bool,
}

/// A service's lines of the table; its actions and kinds are compiled when they are first asked for.
#[derive(Default)]
struct Service {
    lines: Vec<(AccessLevel, &'static str, &'static str)>,
    arns: BTreeMap<&'static str, (&'static str, OnceLock<Vec<Pattern>>)>,
    actions: OnceLock<Vec<Action>>,
}

impl Service {
    fn actions(&self, service: &str) -> &[Action] {
        self.actions.get_or_init(|| {
            let lines = self.lines.iter();
            let named = lines.flat_map(|(level, kinds, names)| names.split(' ').map(|name| (*level, *kinds, name)));
            let action = |(level, kinds, name)| {
                let pattern = Pattern::action(&format!("{service}:{name}"));
                Action { name, pattern, level, kinds }
            };
            named.map(action).collect()
        })
    }

    fn kind(&'static self, name: &str) -> Option<Kind> {
        let required = !name.ends_with('?');
        let (arn, fields) = self.arns.get(name.trim_end_matches('?'))?;
        Some(Kind { arn: fields.get_or_init(|| Pattern::wild(arn, false).fields(6)), required })
    }
}

static SERVICES: LazyLock<BTreeMap<&'static str, Service>> = LazyLock::new(|| {
    let mut services: BTreeMap<&str, Service> = BTreeMap::new();
    for line in TABLE.lines().filter(|l| !l.starts_with('#')) {
        let mut words = line.splitn(4, ' ');
        let (Some(service), Some(level), Some(kinds), Some(names)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            continue;
        };
        if level == "=" {
            services.entry(service).or_default().arns.insert(kinds, (names, OnceLock::new()));
            continue;
        }
        let level = match level {
            "R" => AccessLevel::Read,
            "L" => AccessLevel::List,
            "T" => AccessLevel::Tagging,
            "P" => AccessLevel::Permissions,
            _ => AccessLevel::Write,
        };
        services.entry(service).or_default().lines.push((level, kinds, names));
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
    find(action).map(|(_, action)| action.level)
}

/// The kinds of resources that an action is authorised on, none for one that is only allowed on `*`; `None` when the table does not
/// know the action.
pub fn kinds(action: &str) -> Option<Vec<Kind>> {
    let (service, action) = find(action)?;
    Some(action.kinds.split(',').filter_map(|name| service.kind(name)).collect())
}

fn find(action: &str) -> Option<(&'static Service, &'static Action)> {
    let action = action.to_ascii_lowercase();
    let (service, name) = action.split_once(':')?;
    let known = SERVICES.get(service)?;
    known.actions(service).iter().find(|a| a.name.eq_ignore_ascii_case(name)).map(|action| (known, action))
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
    fn kinds_are_what_an_action_is_authorised_on() {
        // semantics 119
        let of = |action: &str| -> Option<Vec<(String, bool)>> {
            let text = |kind: &Kind| kind.arn.iter().map(Pattern::text).collect::<Vec<_>>().join(":");
            Some(kinds(action)?.iter().map(|kind| (text(kind), kind.required)).collect())
        };
        assert_eq!(of("kms:decrypt"), Some(vec![("arn:*:kms:*:*:key/*".into(), true)]));
        assert_eq!(of("kms:ListKeys"), Some(vec![]));
        assert_eq!(of("kms:Nonsense"), None);
        let command = of("ssm:SendCommand").unwrap();
        assert!(command.contains(&("arn:*:ssm:*:*:document/*".into(), true)), "{command:?}");
        assert!(command.contains(&("arn:*:ec2:*:*:instance/*".into(), false)), "{command:?}");
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
