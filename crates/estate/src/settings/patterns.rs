//! Lists of exceptions: whom they name is decided from end to end of a text, never by a part of it.

use crate::finding::Resource;
use posture_policy::Pattern;

/// Texts, exact or with the wildcards `*` and `?`; each has to match from end to end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patterns(Vec<Pattern>);

impl Patterns {
    /// # Errors
    /// When one matches everything: that is no exception but the check switched off.
    pub fn parse(texts: &[impl AsRef<str>]) -> Result<Patterns, String> {
        texts.iter().map(|text| pattern(text.as_ref())).collect::<Result<_, _>>().map(Patterns)
    }

    pub fn matches(&self, text: &str) -> bool {
        self.0.iter().any(|pattern| pattern.matches(text))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As they were written.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Pattern::text)
    }
}

/// Groups of samples that have nothing in common but their kind: what matches all of a group matches whatever is of the kind.
const KINDS: &[&[&str]] = &[
    &["payroll-exports-prod", "xkcd-9-jumbo", "mgmt.zeta-hub"],
    &["alias/payroll-exports-prod", "alias/xkcd-9-jumbo"],
    &["us-east-1", "eu-central-1", "ap-southeast-2", "sa-east-1"],
    &["i-0a1b2c3d4e5f60718", "i-0fedcba9876543210"],
    &["eni-0a1b2c3d4e5f60718", "eni-0fedcba9876543210"],
    &["vol-0a1b2c3d4e5f60718", "vol-0fedcba9876543210"],
];

/// ARNs behind the partition, in pairs of another account and name.
const ARNS: &[[&str; 2]] = &[
    [
        "ec2:eu-west-1:111122223333:instance/i-0a1b2c3d4e5f60718",
        "ec2:us-east-1:999988887777:instance/i-0fedcba9876543210",
    ],
    [
        "ec2:eu-west-1:111122223333:network-interface/eni-0a1b2c3d4e5f60718",
        "ec2:us-east-1:999988887777:network-interface/eni-0fedcba9876543210",
    ],
    [
        "ec2:eu-west-1:111122223333:volume/vol-0a1b2c3d4e5f60718",
        "ec2:us-east-1:999988887777:volume/vol-0fedcba9876543210",
    ],
    ["iam::111122223333:role/payroll-exports-prod", "iam::999988887777:role/xkcd-9-jumbo"],
    ["iam::111122223333:user/payroll-exports-prod", "iam::999988887777:user/xkcd-9-jumbo"],
    ["kms:eu-west-1:111122223333:key/1f0a", "kms:us-east-1:999988887777:key/9c3e"],
    ["kms:eu-west-1:111122223333:alias/payroll-exports-prod", "kms:us-east-1:999988887777:alias/xkcd-9-jumbo"],
    ["s3:::payroll-exports-prod", "s3:::xkcd-9-jumbo"],
];

fn pattern(text: &str) -> Result<Pattern, String> {
    let pattern = Pattern::wild(text, false);
    match is_everything(&pattern) {
        true => Err(everything(text)),
        false => Ok(pattern),
    }
}

fn everything(text: &str) -> String {
    format!("holds {text:?}, which matches everything of its kind; name what is meant")
}

/// Whether it names nobody in particular: `*`, and what comes to it for names, ids, regions or ARNs of a kind.
fn is_everything(pattern: &Pattern) -> bool {
    let arns = |partition: &str| {
        let is_matched = |rest: &&str| pattern.matches(&["arn", partition, rest].join(":"));
        ARNS.iter().any(|pair| pair.iter().all(&is_matched))
    };
    // One of wildcards only means all of a length at least.
    pattern.text().bytes().all(|b| matches!(b, b'*' | b'?'))
        || pattern.has_wildcard()
            && (KINDS.iter().any(|kind| kind.iter().all(|sample| pattern.matches(sample)))
                || ["aws", "aws-cn", "aws-us-gov"].into_iter().any(arns))
}

/// Resources by id, by ARN or by a tag; each has to match from end to end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources(Vec<Named>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Named {
    /// An id or an ARN.
    Name(Pattern),
    /// The key is exact.
    Tag { text: String, key: String, value: Pattern },
}

impl Named {
    fn text(&self) -> &str {
        match self {
            Named::Name(pattern) => pattern.text(),
            Named::Tag { text, .. } => text,
        }
    }
}

impl Resources {
    /// # Errors
    /// When one matches everything, or is no `tag:KEY=VALUE`.
    pub fn parse(texts: &[impl AsRef<str>]) -> Result<Resources, String> {
        let named = |text: &str| match text.strip_prefix("tag:") {
            None => pattern(text).map(Named::Name),
            Some(tag) => match tag.split_once('=') {
                // Nearly everything has a name; to have another tag at all says something.
                Some((key, value)) if key == "Name" && is_everything(&Pattern::wild(value, false)) => {
                    Err(everything(text))
                }
                Some((key, value)) if !key.is_empty() && !key.contains(['*', '?']) => {
                    Ok(Named::Tag { text: text.to_owned(), key: key.to_owned(), value: Pattern::wild(value, false) })
                }
                _ => Err(format!("holds {text:?}, not tag:KEY=VALUE with a whole key")),
            },
        };
        texts.iter().map(|text| named(text.as_ref())).collect::<Result<_, _>>().map(Resources)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As they were written.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Named::text)
    }

    /// Whether this resource is one of them.
    pub fn has(&self, resource: &Resource) -> bool {
        self.0.iter().any(|named| match named {
            Named::Name(pattern) => pattern.matches(&resource.id) || pattern.matches(&resource.arn),
            Named::Tag { key, value, .. } => resource.tags.get(key).is_some_and(|text| value.matches(text)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_in_disguise_is_refused() {
        for text in [
            "*",
            "**",
            "?*",
            "*-*",
            "*?-?*",
            "arn:*",
            "arn:aws:*",
            "arn:aws-cn:*",
            "arn:*:iam::*",
            "arn:aws:ec2:*",
            "arn:aws:ec2:*:*:instance/*",
            "arn:aws:iam::*:role/*",
            "*:role/*",
            "arn:aws:s3:::*",
            "i-*",
            "i-0*",
            "*i-*",
            "alias/*",
            "tag:Name=*",
            "tag:Name=?*",
        ] {
            assert!(Resources::parse(&[text]).is_err(), "{text}");
        }
        for text in [
            "i-0a1b2c3d4e5f60718",
            "i-0a*",
            "*breakglass*",
            "prod-*",
            "*-prod",
            "us-*",
            "eu-*",
            "alias/app-*",
            "arn:aws:ec2:*:111122223333:instance/*",
            "arn:aws:iam::*:role/admin",
            "*:role/aws-reserved/*",
            "arn:aws:s3:::logs-*",
            "tag:Name=bastion-*",
            "tag:role=*",
            "tag:role=i-*",
        ] {
            assert!(Resources::parse(&[text]).is_ok(), "{text}");
        }
    }
}
