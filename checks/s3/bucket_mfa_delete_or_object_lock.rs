//! Can what a critical bucket holds be destroyed by whoever has write access? Object Lock with a default retention or MFA delete
//! prevents it. Critical are buckets that AWS delivers logs to, that a tag calls sensitive, or whose name says log or backup.

use super::{Classes, per_bucket};
use crate::prelude::*;
use posture_estate::services::s3::protection::Protection;
use posture_policy::{self as policy, Document, Grant, Grantee, Zone};

/// Services whose deliveries make a bucket a log store.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html> for that of load balancers.
const LOG_DELIVERY: &[&str] = &[
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "logdelivery.elasticloadbalancing.amazonaws.com",
    "logging.s3.amazonaws.com",
];

/// Parts of a bucket's name, between its dots and dashes, that say what it is for.
const TELLING_NAMES: Setting<[String]> = setting!(bucket_mfa_delete_or_object_lock.telling_names);

/// Tag keys that classify what a bucket holds.
const CLASSIFYING_TAGS: Setting<[String]> = setting!(bucket_mfa_delete_or_object_lock.classifying_tags);

/// Values of those tags that call for protection.
const SENSITIVE_VALUES: Setting<[String]> = setting!(bucket_mfa_delete_or_object_lock.sensitive_values);

/// Buckets whose loss or staleness costs nothing.
const SCRATCH_BUCKETS: Setting<Patterns> = setting!(bucket_mfa_delete_or_object_lock.scratch_buckets);

pub async fn probe(at: &Account) -> Outcome {
    let classes = Classes { tags: at.setting(CLASSIFYING_TAGS), values: at.setting(SENSITIVE_VALUES) };
    let telling = at.setting(TELLING_NAMES);
    per_bucket(at, |bucket| async move {
        if at.setting(SCRATCH_BUCKETS).matches(bucket.name()) {
            return Ok(Verdict::not_applicable(format!("bucket {} is listed as scratch", bucket.name())));
        }
        let why = match telling_name(bucket.name(), telling) {
            Some(part) => Some(format!("its name says {part}")),
            None => match delivered_by(at.s3().bucket_policy(&bucket).await?.as_deref()) {
                Err(why) => {
                    return Ok(Verdict::undecided(format!(
                        "the policy of bucket {} cannot be read: {why}",
                        bucket.name()
                    )));
                }
                Ok(Some(service)) => Some(format!("{service} delivers to it")),
                Ok(None) => {
                    classes.sensitive(at.s3().bucket_tags(&bucket).await?.there()).map(|t| format!("it is tagged {t}"))
                }
            },
        };
        let Some(why) = why else {
            return Ok(Verdict::not_applicable(format!(
                "nothing says that bucket {} holds logs or critical data",
                bucket.name()
            )));
        };
        Ok(judge(bucket.name(), &why, at.s3().bucket_protection(&bucket).await?))
    })
    .await
}

fn judge(name: &str, why: &str, protection: Protection) -> Verdict {
    match protection {
        Protection::MfaDelete => Verdict::pass(format!("bucket {name} has MFA delete")),
        Protection::Locked { span, .. } => {
            Verdict::pass(format!("bucket {name} locks new objects for {span} by default"))
        }
        Protection::Unversioned => Verdict::fail(
            "not_versioned",
            format!("bucket {name} ({why}) is not versioned, so it has neither Object Lock nor MFA delete"),
        ),
        Protection::NoDefaultRetention => Verdict::fail(
            "no_default_retention",
            format!("bucket {name} ({why}) has Object Lock without a default retention, and no MFA delete"),
        ),
        Protection::Unlocked => {
            Verdict::fail("not_locked", format!("bucket {name} ({why}) has neither Object Lock nor MFA delete"))
        }
    }
}

fn telling_name<'a>(bucket: &'a str, telling: &[String]) -> Option<&'a str> {
    bucket.split(['-', '.', '_']).find(|part| telling.iter().any(|name| name == part))
}

fn delivered_by(policy: Option<&str>) -> Result<Option<String>, String> {
    let Some(text) = policy else { return Ok(None) };
    let document = Document::parse(text).map_err(|error| error.to_string())?;
    // Nobody's zone: a service that delivers for this account only counts like one that delivers for anyone.
    let (grants, _) = policy::external_and_doubts(&document, &Zone::of("", ""));
    let delivers = |grant: &Grant| grant.kind == Grantee::Service && LOG_DELIVERY.contains(&grant.principal.as_str());
    Ok(grants.into_iter().find(delivers).map(|grant| grant.principal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mfa_delete_or_a_default_retention_passes() {
        let of = |protection| judge("b", "its name says logs", protection).status;
        assert_eq!(of(Protection::MfaDelete), Status::Pass);
        assert_eq!(of(Protection::Locked { span: "365 days".into(), mode: None }), Status::Pass);
        for bad in [Protection::NoDefaultRetention, Protection::Unlocked, Protection::Unversioned] {
            assert_eq!(of(bad), Status::Fail);
        }
    }

    #[test]
    fn names_tell_by_whole_words() {
        assert_eq!(telling_name("acme-prod-logs", TELLING_NAMES.default_value()), Some("logs"));
        assert_eq!(telling_name("aws-cloudtrail-1", TELLING_NAMES.default_value()), Some("cloudtrail"));
        assert_eq!(telling_name("acme-catalog", TELLING_NAMES.default_value()), None);
        assert_eq!(telling_name("weblogs", TELLING_NAMES.default_value()), None);
    }

    #[test]
    fn deliveries_are_told_from_the_policy_whatever_limits_them() {
        let to = |condition: &str| {
            let text = format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"Service":"cloudtrail.amazonaws.com"}},"Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"{condition}}}}}"#
            );
            delivered_by(Some(&text))
        };
        let trail = Ok(Some("cloudtrail.amazonaws.com".to_owned()));
        assert_eq!(to(""), trail);
        assert_eq!(to(r#","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#), trail);
        assert_eq!(delivered_by(None), Ok(None));
        assert!(delivered_by(Some("{}")).is_err());
    }
}
