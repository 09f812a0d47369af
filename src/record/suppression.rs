//! Suppressions: a person accepts failed findings, for a reason and until a day. A finding keeps its verdict, and says who
//! accepted it; what could not be seen is never suppressed, as nobody knows what would be accepted.

mod accepted;
mod glob;
mod usage;

pub use accepted::Suppression;
pub use glob::Glob;
pub use usage::{SuppressionState, SuppressionUse};

use super::Record;
use crate::catalogue::checks;
use posture_estate::day::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which findings: those for which every condition holds. What is empty restricts nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Conditions {
    /// The id of a check.
    pub check: Glob,
    /// Account numbers.
    pub accounts: Vec<String>,
    /// The region of the finding, or `global`; one of them must match.
    pub regions: Vec<Glob>,
    /// The ARN of the resource.
    pub resource: Option<Glob>,
    /// Tags of the resource by key; all must be there and match.
    pub tags: BTreeMap<String, Glob>,
    /// Slugs of what may be broken, `conditions` in the file and in reports; all reasons of a finding must be among them.
    #[serde(default, rename = "conditions", skip_serializing_if = "Vec::is_empty")]
    pub broken: Vec<String>,
}

/// A suppression as the file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuppressionRule {
    /// Where it stands in the file.
    pub line: usize,
    #[serde(flatten)]
    pub conditions: Conditions,
    #[serde(flatten)]
    pub suppression: Suppression,
}

impl SuppressionRule {
    /// Whether its last day is over.
    pub fn is_expired(&self, today: Date) -> bool {
        self.suppression.expires < today
    }
}

impl Conditions {
    /// Whether a finding of a check that matches is meant, whatever is broken.
    pub fn hold(&self, record: &Record) -> bool {
        let tags = &record.resource.tags;
        self.in_account(&record.account_id)
            && self.in_region(&record.region)
            && self.resource.as_ref().is_none_or(|arn| arn.is_match(&record.resource.arn))
            && self.tags.iter().all(|(key, value)| tags.get(key).is_some_and(|own| value.is_match(own)))
    }

    /// Whether they leave this account in.
    pub fn in_account(&self, id: &str) -> bool {
        self.accounts.is_empty() || self.accounts.iter().any(|own| own == id)
    }

    /// Whether they leave this region in.
    pub fn in_region(&self, region: &str) -> bool {
        self.regions.is_empty() || self.regions.iter().any(|own| own.is_match(region))
    }

    /// Whether nothing is broken but what is named. A failure without reasons is of an older report: what broke is not known.
    pub fn name_all_reasons_of(&self, record: &Record) -> bool {
        let named = |slug: &str| self.broken.iter().any(|own| own == slug);
        self.broken.is_empty() || (!record.reasons.is_empty() && record.reasons.iter().all(|slug| named(slug)))
    }

    /// Whether a failed finding is meant.
    pub fn matches(&self, record: &Record) -> bool {
        self.check.is_match(&record.check_id) && self.hold(record) && self.name_all_reasons_of(record)
    }

    /// Where they hold, beyond the check: `arn:aws:s3:::site*, in eu-*`; empty when everywhere.
    pub fn place(&self) -> String {
        let mut parts: Vec<String> = self.resource.iter().map(ToString::to_string).collect();
        if !self.accounts.is_empty() {
            parts.push(format!("in account {}", self.accounts.join(", ")));
        }
        if !self.regions.is_empty() {
            parts.push(format!("in {}", self.regions.iter().map(Glob::as_str).collect::<Vec<_>>().join(", ")));
        }
        if !self.tags.is_empty() {
            let tags: Vec<String> = self.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
            parts.push(format!("tagged {}", tags.join(", ")));
        }
        if !self.broken.is_empty() {
            parts.push(format!("only for {}", self.broken.join(", ")));
        }
        parts.join(", ")
    }

    /// Whether it accepts whatever fails anywhere: every check, and no condition that leaves anything out.
    pub fn is_everything(&self) -> bool {
        let of = |partition: &str| {
            let arns = ["s3:::b", "ec2:us-east-1:000000000000:instance/i-0", "iam::999999999999:root"];
            arns.map(|rest| ["arn", partition, rest].join(":"))
        };
        let any_arn = |arn: &Glob| {
            ["aws", "aws-cn", "aws-us-gov"].iter().any(|partition| of(partition).iter().all(|one| arn.is_match(one)))
        };
        checks().iter().all(|check| self.check.is_match(check.id))
            && self.accounts.is_empty()
            && self.tags.is_empty()
            && self.broken.is_empty()
            && ["us-east-1", "eu-central-1", "ap-southeast-2", "sa-east-1"].iter().all(|name| self.in_region(name))
            && self.resource.as_ref().is_none_or(any_arn)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use posture_estate::finding::{Resource, Severity, Status};
    use proptest::prelude::*;

    pub fn record(check: &'static str, region: &str, arn: &str, status: Status) -> Record {
        Record {
            fingerprint: "0".repeat(32),
            check_id: check.into(),
            title: "a title".into(),
            status,
            severity: Severity::High,
            practices: Vec::new().into(),
            account_id: "111122223333".to_owned(),
            region: region.to_owned(),
            resource: Resource::new(arn, "AWS::S3::Bucket", arn).tags([("env", "dev-1"), ("team", "web")]),
            sub_key: None,
            message: "public".to_owned(),
            reasons: Vec::new(),
            evidence: serde_json::json!({}),
            gap: None,
            suppression: None,
            change: None,
            gaps: Vec::new(),
        }
    }

    pub fn conditions(check: &str) -> Conditions {
        Conditions {
            check: Glob::new(check),
            accounts: Vec::new(),
            regions: Vec::new(),
            resource: None,
            tags: BTreeMap::new(),
            broken: Vec::new(),
        }
    }

    pub fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, Glob> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), Glob::new(*value))).collect()
    }

    #[test]
    fn every_condition_must_hold() {
        let bucket = record("s3_bucket_not_public", "eu-west-1", "arn:aws:s3:::site", Status::Fail);
        let whole = Conditions {
            accounts: vec!["000000000000".into(), "111122223333".into()],
            regions: vec![Glob::new("us-*"), Glob::new("eu-*")],
            resource: Some(Glob::new("arn:aws:s3:::s*")),
            tags: tags(&[("env", "dev*"), ("team", "web")]),
            ..conditions("s3_*")
        };
        assert!(whole.matches(&bucket));
        let but = |change: fn(&mut Conditions)| {
            let mut other = whole.clone();
            change(&mut other);
            other.matches(&bucket)
        };
        assert!(!but(|c| c.check = Glob::new("s3_bucket")));
        assert!(!but(|c| c.accounts = vec!["000000000000".into()]));
        assert!(!but(|c| c.regions = vec![Glob::new("eu")]));
        assert!(!but(|c| c.resource = Some(Glob::new("site"))));
        assert!(!but(|c| c.tags = tags(&[("env", "dev")])));
        assert!(!but(|c| c.tags = tags(&[("Env", "dev-1")])), "keys are exact");
        assert!(!but(|c| c.tags = tags(&[("env", "*"), ("owner", "*")])), "every tag must be there");
        assert!(but(|c| c.tags = tags(&[("env", "*")])));
    }

    #[test]
    fn a_reason_that_is_not_named_lifts_it() {
        let named = Conditions { broken: vec!["acl_public".into(), "policy_public".into()], ..conditions("s3_*") };
        let broken = |slugs: &[&'static str]| Record {
            reasons: slugs.iter().map(|slug| (*slug).into()).collect(),
            ..record("s3_bucket_not_public", "eu-west-1", "arn:aws:s3:::site", Status::Fail)
        };
        assert!(named.matches(&broken(&["policy_public"])) && named.matches(&broken(&["acl_public", "policy_public"])));
        assert!(!named.matches(&broken(&["acl_public", "access_point_public"])));
        assert!(!named.matches(&broken(&[])), "an older report does not say what broke");
        assert!(conditions("s3_*").matches(&broken(&["access_point_public"])));
    }

    #[test]
    fn a_place_is_told_in_words() {
        assert_eq!(conditions("s3_*").place(), "");
        let whole = Conditions {
            accounts: vec!["111122223333".into()],
            regions: vec![Glob::new("eu-*"), Glob::new("global")],
            resource: Some(Glob::new("arn:aws:s3:::a*")),
            tags: tags(&[("a", "1"), ("b", "*")]),
            ..conditions("s3_*")
        };
        assert_eq!(whole.place(), "arn:aws:s3:::a*, in account 111122223333, in eu-*, global, tagged a=1, b=*");
        let one = Conditions { broken: vec!["acl_public".into()], ..conditions("s3_*") };
        assert_eq!(one.place(), "only for acl_public");
    }

    #[test]
    fn what_would_turn_everything_off_is_known() {
        let with = |check: &str, change: fn(&mut Conditions)| {
            let mut one = conditions(check);
            change(&mut one);
            one.is_everything()
        };
        assert!(with("*", |_| ()) && with("**", |_| ()) && with("*_*", |_| ()) && with("?*", |_| ()));
        assert!(with("*", |c| c.regions = vec![Glob::new("*")]));
        assert!(with("*", |c| c.regions = vec![Glob::new("eu-*"), Glob::new("*-*")]));
        assert!(
            with("*", |c| c.resource = Some(Glob::new("*"))) && with("*", |c| c.resource = Some(Glob::new("arn:*")))
        );
        assert!(with("*", |c| c.resource = Some(Glob::new("arn:aws:*"))));
        assert!(!with("s3_*", |_| ()));
        assert!(!with("*", |c| c.accounts = vec!["111122223333".into()]));
        assert!(!with("*", |c| c.regions = vec![Glob::new("eu-*")]));
        assert!(!with("*", |c| c.resource = Some(Glob::new("arn:aws:s3:::*"))));
        assert!(!with("*", |c| c.tags = tags(&[("env", "*")])));
        assert!(!with("*", |c| c.broken = vec!["no_mfa".into()]));
    }

    proptest! {
        /// A condition more never suppresses more.
        #[test]
        fn conditions_only_narrow(
            check in prop_oneof![Just("s3_*"), Just("*"), Just("ec2_*"), Just("s3_bucket_not_public")],
            arn in "arn:aws:s3:::[ab]{1,3}", pattern in "[ab*?:]{1,5}", region in "(eu|us)-west-[12]", tag in "[a-z*-]{1,5}",
        ) {
            let bucket = record("s3_bucket_not_public", &region, &arn, Status::Fail);
            let plain = conditions(check);
            let mut narrow = vec![
                Conditions { resource: Some(Glob::new(pattern)), ..plain.clone() },
                Conditions { regions: vec![Glob::new("eu-*")], ..plain.clone() },
                Conditions { accounts: vec!["111122223333".into()], ..plain.clone() },
                Conditions { tags: tags(&[("env", &tag)]), ..plain.clone() },
            ];
            narrow.push(Conditions { regions: vec![Glob::new(region)], ..narrow[0].clone() });
            for one in narrow {
                prop_assert!(plain.matches(&bucket) || !one.matches(&bucket));
            }
        }
    }
}
