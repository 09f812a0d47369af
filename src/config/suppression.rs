//! `[[suppression]]`: a person accepts failed findings until a day.

use super::conditions::conditions;
use super::value::{Accounts, Day, Wrong, accounts, cut, day, filled};
use crate::catalogue::checks;
use crate::record::{Conditions, Glob, Suppression, SuppressionRule};
use posture_estate::day::Date;
use posture_estate::text::closest;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// The keys of the table, as [`Raw`] reads them.
pub const KEYS: &[&str] =
    &["check", "accounts", "regions", "resource", "tags", "conditions", "reason", "owner", "expires"];

/// An entry as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, which [[suppression]] begins")]
pub struct Raw {
    check: Spanned<String>,
    accounts: Option<Spanned<Accounts>>,
    regions: Option<Spanned<Regions>>,
    resource: Option<Spanned<String>>,
    tags: Option<Spanned<BTreeMap<String, String>>>,
    conditions: Option<Spanned<Vec<String>>>,
    reason: Spanned<String>,
    owner: Spanned<String>,
    expires: Spanned<Day>,
}

/// One region or several, exact or with `*` and `?`.
#[derive(Deserialize)]
#[serde(untagged, expecting = "regions is a list of regions such as [\"eu-west-1\", \"us-*\"], or one of them")]
enum Regions {
    One(String),
    List(Vec<String>),
}

/// All entries of a file.
///
/// # Errors
/// At the first one that is unfinished, can match nothing, accepts everything, lasts for ever, or says again what another has
/// said.
pub fn all(entries: Vec<Raw>, text: &str, today: Date) -> Result<Vec<SuppressionRule>, Wrong> {
    let mut rules: Vec<SuppressionRule> = Vec::new();
    let mut seen: BTreeMap<Conditions, usize> = BTreeMap::new();
    for entry in entries {
        let at = entry.check.span().start;
        let line = text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        let rule = rule(entry, line, today)?;
        if let Some(first) = seen.insert(rule.conditions.clone(), line) {
            return Err((at, format!("the suppression of line {first} is about the same; keep one of them")));
        }
        rules.push(rule);
    }
    Ok(rules)
}

fn rule(entry: Raw, line: usize, today: Date) -> Result<SuppressionRule, Wrong> {
    let (check, at) = cut(entry.check);
    let about = known(&check).map_err(|why| (at.start, why))?;
    let broken = entry.conditions.map(|named| conditions(named, &about)).transpose()?.unwrap_or_default();
    let conditions = Conditions {
        check: about,
        accounts: entry.accounts.map(accounts).transpose()?.unwrap_or_default(),
        regions: entry.regions.map(regions).transpose()?.unwrap_or_default(),
        resource: entry.resource.map(resource).transpose()?,
        tags: entry.tags.map(tags).transpose()?.unwrap_or_default(),
        broken,
    };
    if conditions.is_everything() {
        let why = format!(
            "check {check:?} with nothing else suppresses everything; name checks, or accounts, a resource or tags"
        );
        return Err((at.start, why));
    }
    let suppression = Suppression {
        reason: filled("reason", entry.reason)?,
        owner: filled("owner", entry.owner)?,
        expires: last_day(entry.expires, today)?,
    };
    Ok(SuppressionRule { line, conditions, suppression })
}

/// A day within two years: who accepts something has to look at it again.
fn last_day(value: Spanned<Day>, today: Date) -> Result<Date, Wrong> {
    let (date, at) = day(value)?;
    let latest = today.next_year().next_year();
    if date > latest {
        let why = format!("expires is {date}, more than two years away; {latest} is the last day that can be named");
        return Err((at, why));
    }
    Ok(date)
}

/// A check of the catalogue, or several.
fn known(name: &str) -> Result<Glob, String> {
    let glob = Glob::new(name);
    if checks().iter().any(|check| glob.is_match(check.id)) {
        return Ok(glob);
    }
    let near = closest(name, checks().iter().map(|check| check.id));
    Err(format!("no check matches {name:?}{near}; `posture list` shows them all"))
}

fn regions(value: Spanned<Regions>) -> Result<Vec<Glob>, Wrong> {
    let (value, at) = cut(value);
    let names = match value {
        Regions::One(name) => vec![name],
        Regions::List(names) => names,
    };
    if names.is_empty() || names.iter().any(String::is_empty) {
        return Err((at.start, "regions is empty; leave it out for all regions".to_owned()));
    }
    let mut globs: Vec<Glob> = names.into_iter().map(Glob::new).collect();
    globs.sort_unstable();
    globs.dedup();
    Ok(globs)
}

fn resource(value: Spanned<String>) -> Result<Glob, Wrong> {
    let (text, at) = cut(value);
    let fixed = &text[..text.find(['*', '?']).unwrap_or(text.len())];
    if text.is_empty() || !(fixed.starts_with("arn:") || (fixed.len() < text.len() && "arn:".starts_with(fixed))) {
        let why = format!("resource {text:?} is no ARN, and ARNs match whole: write it out, or begin with *");
        return Err((at.start, why));
    }
    Ok(Glob::new(text))
}

fn tags(value: Spanned<BTreeMap<String, String>>) -> Result<BTreeMap<String, Glob>, Wrong> {
    let (tags, at) = cut(value);
    if tags.is_empty() {
        return Err((at.start, "tags is empty; leave it out for any tags".to_owned()));
    }
    Ok(tags.into_iter().map(|(key, value)| (key, Glob::new(value))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct File {
        suppression: Vec<Raw>,
    }

    const GOOD: &str = "[[suppression]]\ncheck = \"s3_*\"\naccounts = [\"111122223333\"]\nregions = [\"eu-*\", \"global\"]\n\
                        resource = \"arn:aws:s3:::site-*\"\ntags = { env = \"dev*\", team = \"web\" }\n\
                        conditions = [\"policy_public\", \"acl_public\", \"policy_public\"]\nreason = \" a public web site \"\nowner = \"ana@example.com\"\nexpires = 2027-03-31\n";

    fn parse(text: &str) -> Result<Vec<SuppressionRule>, String> {
        let file: File = toml::from_str(text).map_err(|error| {
            let line = text[..error.span().unwrap().start].matches('\n').count() + 1;
            format!("{line}: {}", error.message())
        })?;
        let today = Date { year: 2026, month: 11, day: 22 };
        all(file.suppression, text, today)
            .map_err(|(at, why)| format!("{}: {why}", text[..at].matches('\n').count() + 1))
    }

    #[test]
    fn a_whole_entry_is_read() {
        let rules = parse(&format!("# what we accept\n{GOOD}")).unwrap();
        let Conditions { check, accounts, regions, resource, tags, broken } = &rules[0].conditions;
        assert_eq!((rules[0].line, check.as_str(), accounts.as_slice()), (3, "s3_*", &["111122223333".to_owned()][..]));
        assert_eq!(regions.iter().map(Glob::as_str).collect::<Vec<_>>(), ["eu-*", "global"]);
        assert_eq!(resource.as_ref().unwrap().as_str(), "arn:aws:s3:::site-*");
        assert_eq!(
            tags.iter().map(|(key, value)| (&**key, value.as_str())).collect::<Vec<_>>(),
            [("env", "dev*"), ("team", "web")]
        );
        assert_eq!(*broken, ["acl_public", "policy_public"], "in order, each once");
        assert_eq!(rules[0].suppression.reason, "a public web site");
        let short = "[[suppression]]\ncheck = \"iam_root_mfa_enabled\"\naccounts = \"all\"\nregions = \"global\"\n\
                     reason = \"r\"\nowner = \"o\"\nexpires = \"2020-01-01\"\n";
        assert_eq!(parse(short).unwrap()[0].suppression.expires.to_string(), "2020-01-01", "one in the past is read");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (from, to, line, words) in [
            ("check = ", "chek = ", "2:", "unknown field `chek`"),
            ("check = \"s3_*\"\n", "", "1:", "missing field `check`"),
            ("\"s3_*\"", "[\"s3_*\"]", "2:", "expected a string"),
            ("\"s3_*\"", "\"s3_bucket_not_publik\"", "2:", "did you mean \"s3_bucket_not_public\"?"),
            ("\"s3_*\"", "\"s3_bucket\"", "2:", "no check matches"),
            ("\"s3_*\"", "\"\"", "2:", "no check matches"),
            ("\"s3_*\"", "\"S3_*\"", "2:", "no check matches"),
            ("111122223333", "11112222333", "3:", "twelve digits"),
            ("[\"111122223333\"]", "[]", "3:", "\"all\" means"),
            ("[\"eu-*\", \"global\"]", "[]", "4:", "regions is empty"),
            ("[\"eu-*\", \"global\"]", "3", "4:", "regions is a list"),
            ("arn:aws:s3:::site-*", "site", "5:", "is no ARN"),
            ("arn:aws:s3:::site-*", "site*", "5:", "is no ARN"),
            ("arn:aws:s3:::site-*", "a", "5:", "is no ARN"),
            ("arn:aws:s3:::site-*", "", "5:", "is no ARN"),
            ("{ env = \"dev*\", team = \"web\" }", "{}", "6:", "tags is empty"),
            ("\"web\"", "1", "6:", "expected a string"),
            ("\"policy_public\", \"acl_public\"", "\"polcy_public\"", "7:", "did you mean \"policy_public\"?"),
            (
                "\"policy_public\", \"acl_public\"",
                "\"no_flow_log\"",
                "7:",
                "no check that matches \"s3_*\" has the condition",
            ),
            ("[\"policy_public\", \"acl_public\", \"policy_public\"]", "[]", "7:", "conditions is empty"),
            ("[\"policy_public\", \"acl_public\", \"policy_public\"]", "\"acl_public\"", "7:", ""),
            (" a public web site ", " ", "8:", "reason is empty"),
            ("ana@example.com", "", "9:", "owner is empty"),
            ("owner = \"ana@example.com\"\n", "", "1:", "missing field `owner`"),
            ("expires = 2027-03-31\n", "", "1:", "missing field `expires`"),
            ("2027-03-31", "2027-02-30", "10:", ""),
            ("2027-03-31", "\"never\"", "10:", "is not a date"),
            ("2027-03-31", "2028-11-23", "10:", "2028-11-22 is the last day that can be named"),
            ("2027-03-31", "9999-12-31", "10:", "more than two years away"),
        ] {
            assert!(GOOD.contains(from), "{from}");
            let error = parse(&GOOD.replace(from, to)).unwrap_err();
            assert!(error.starts_with(line) && error.contains(words), "{to}: {error}");
        }
        let twice = parse(&GOOD.repeat(2).replacen("2027", "2028", 1)).unwrap_err();
        assert_eq!(twice, "12: the suppression of line 2 is about the same; keep one of them");
    }

    #[test]
    fn nothing_turns_everything_off() {
        let bare = |more: &str| {
            parse(&format!(
                "[[suppression]]\ncheck = \"*\"\n{more}\nreason = \"r\"\nowner = \"o\"\nexpires = 2027-01-01\n"
            ))
        };
        for more in ["", "accounts = \"all\"", "regions = \"*\"", "resource = \"*\"", "resource = \"arn:aws:*\""] {
            let error = bare(more).unwrap_err();
            assert!(error.starts_with("2: ") && error.contains("suppresses everything"), "{more}: {error}");
        }
        for more in ["accounts = [\"111122223333\"]", "resource = \"*:bucket/x\"", "tags = { env = \"sandbox\" }"] {
            assert!(bare(more).is_ok(), "{more}");
        }
    }
}
