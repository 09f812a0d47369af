//! Whether access to the objects of a bucket is recorded: by server access logs that arrive, or as data events.
//!
//! Logging that is on is not a log. S3 delivers access logs to a bucket of the same account and Region that lets its logging service
//! write, encrypts with S3's own keys and has no Object Lock, and says nothing when the target is not, or no longer, like that.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html>

use crate::finding::{Gap, Reasons, Verdict};
use crate::place::{Account, Perhaps};
use crate::services::cloudtrail::{Open, Recorded, record};
use crate::services::s3::Bucket;
use aws_sdk_s3::operation::get_bucket_acl::GetBucketAclOutput;
use aws_sdk_s3::types::{BucketVersioningStatus, LoggingEnabled, ObjectLockEnabled, ObjectOwnership, Permission};
use aws_sdk_s3::types::{ServerSideEncryption, ServerSideEncryptionByDefault};
use posture_policy::{self as policy, Document, Grantee, Pattern, Zone};
use serde_json::json;

/// Who delivers access logs, for a bucket policy and for an ACL.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html#grant-log-delivery-permissions-general>
const LOGGING_SERVICE: &str = "logging.s3.amazonaws.com";
const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";

/// What becomes of the server access logs of a bucket.
enum Logs {
    Off,
    Arrive(LoggingEnabled),
    /// They go to a bucket that cannot receive them: why, as in "logs, which nobody owns".
    Lost(String),
    Open(Open),
}

/// `called` is the bucket in messages: "bucket b". Data events are asked for only where access logs do not settle it.
pub async fn access_recorded(at: &Account, bucket: &Bucket, called: &str) -> Verdict {
    let logs = match at.s3().bucket_logging(bucket).await {
        Err(gap) => Logs::Open(gap.into()),
        Ok(logging) => match logging.there() {
            None => Logs::Off,
            Some(logging) => match unfit(at, bucket, logging.target_bucket()).await {
                Ok(None) => Logs::Arrive(logging.clone()),
                Ok(Some(why)) => Logs::Lost(format!("{}, {why}", logging.target_bucket())),
                Err(open) => Logs::Open(open),
            },
        },
    };
    let events = match (&logs, bucket.region()) {
        (Logs::Arrive(_), _) | (_, None) => None,
        (_, Some(region)) => Some(at.cloudtrail().s3_data_events(bucket.name(), region).await),
    };
    judge(called, logs, events)
}

fn judge(called: &str, logs: Logs, events: Option<Recorded>) -> Verdict {
    if let Logs::Arrive(logging) = &logs {
        let (target, prefix) = (logging.target_bucket(), logging.target_prefix());
        return Verdict::pass(format!("{called} sends server access logs to {target}"))
            .evidence(json!({ "target_bucket": target, "target_prefix": prefix }));
    }
    let mut open = Reasons::new();
    let near = match events {
        Some(Recorded::By(by)) => return Verdict::pass(format!("{} the data events of {called}", record(&by))),
        Some(Recorded::No(near)) => near,
        Some(Recorded::Open(events)) => {
            events.add_to(&mut open);
            Vec::new()
        }
        None => {
            open.doubt(format!(
                "the Region of {called} is not known, so whether its data events are recorded is not either"
            ));
            Vec::new()
        }
    };
    let without = match &logs {
        Logs::Lost(where_to) => format!("sends server access logs to {where_to}"),
        Logs::Open(logs) => {
            logs.add_to(&mut open);
            String::new()
        }
        Logs::Off | Logs::Arrive(_) => "has no server access logging".to_owned(),
    };
    if !open.is_empty() {
        return open.open();
    }
    let near = if near.is_empty() { String::new() } else { format!(" ({})", near.join(", ")) };
    let mut verdict = Verdict::fail(
        "access_not_recorded",
        format!("{called} {without}, and no trail or event data store records its data events{near}"),
    );
    if matches!(logs, Logs::Lost(_)) {
        verdict.reasons.push("log_target_unfit");
    }
    verdict
}

/// Why the target cannot receive the access logs of the bucket.
async fn unfit(at: &Account, bucket: &Bucket, target: &str) -> Result<Option<String>, Open> {
    let own = at.s3().buckets().await.map_err(Open::from)?;
    if !own.iter().any(|own| own.name() == bucket.name()) {
        let why =
            format!("bucket {target}, to which bucket {} sends access logs, shows in its own account", bucket.name());
        return Err(Open { gaps: Vec::new(), doubts: vec![why] });
    }
    let Some(target) = own.iter().find(|own| own.name() == target) else {
        let nobodys = at.s3().is_nobodys(target).await;
        let why = if nobodys { "which does not exist" } else { "which is not a bucket of this account" };
        return Ok(Some(why.to_owned()));
    };
    if let (Some(from), Some(to)) = (bucket.region(), target.region())
        && from != to
    {
        return Ok(Some(format!("which lies in {to} and not in {from}")));
    }
    let s3 = at.s3();
    let (encryption, versioning, text, acl, ownership) = tokio::join!(
        s3.bucket_encryption(target),
        s3.bucket_versioning(target),
        s3.bucket_policy(target),
        s3.bucket_acl(target),
        s3.bucket_ownership(target),
    );
    let mut open = Open::default();
    let mut seen = |gap: Gap| open.gaps.push(gap);
    if encryption.map_err(&mut seen).is_ok_and(|found| found.there().is_some_and(uses_kms)) {
        return Ok(Some("which encrypts with a KMS key by default".to_owned()));
    }
    // No other bucket can have a lock.
    let versioned = versioning.map_err(&mut seen).is_ok_and(|v| v.status() == Some(&BucketVersioningStatus::Enabled));
    if versioned {
        let lock = s3.bucket_object_lock(target).await.map_err(&mut seen);
        let on = Some(&ObjectLockEnabled::Enabled);
        if lock.is_ok_and(|lock| lock.there().is_some_and(|lock| lock.object_lock_enabled() == on)) {
            return Ok(Some("which has Object Lock".to_owned()));
        }
    }
    let by_policy = match text.map_err(&mut seen) {
        Ok(text) => policy_lets_in(text.as_deref()).unwrap_or_else(|why| {
            open.doubts.push(format!("the policy of bucket {} does not tell: {why}", target.name()));
            false
        }),
        Err(()) => false,
    };
    let by_acl = acl.map_err(|gap| open.gaps.push(gap)).is_ok_and(|acl| acl_lets_in(&acl));
    let by_acl = !by_policy && acl_counts(by_acl, ownership.as_deref()).map_err(|gap| open.gaps.push(gap)) == Ok(true);
    match by_policy || by_acl {
        _ if open != Open::default() => Err(open),
        true => Ok(None),
        false => Ok(Some("which does not let the logging service of S3 write".to_owned())),
    }
}

/// Whether an ACL that lets the logging service in does so: where the owner has switched ACLs off, it says nothing.
fn acl_counts(lets_in: bool, ownership: Result<&Option<ObjectOwnership>, &Gap>) -> Result<bool, Gap> {
    match ownership {
        _ if !lets_in => Ok(false),
        Ok(ownership) => Ok(*ownership != Some(ObjectOwnership::BucketOwnerEnforced)),
        Err(gap) => Err(gap.clone()),
    }
}

fn uses_kms(default: &ServerSideEncryptionByDefault) -> bool {
    matches!(default.sse_algorithm(), ServerSideEncryption::AwsKms | ServerSideEncryption::AwsKmsDsse)
}

/// Whether a bucket policy lets the logging service put objects.
fn policy_lets_in(text: Option<&str>) -> Result<bool, String> {
    let Some(text) = text else { return Ok(false) };
    let document = Document::parse(text).map_err(|error| error.to_string())?;
    // Nobody's zone: that the service may write for this account only is as good.
    let (grants, doubts) = policy::external_and_doubts(&document, &Zone::of("", ""));
    let put = Pattern::action("s3:PutObject");
    let writes = grants.iter().any(|grant| {
        let whom = grant.kind == Grantee::Everyone || grant.principal == LOGGING_SERVICE;
        whom && grant.actions.iter().any(|action| match action.strip_prefix("not ") {
            Some(but) => !Pattern::action(but).covers(&put),
            None => Pattern::action(action).covers(&put),
        })
    });
    if writes || doubts.is_empty() { Ok(writes) } else { Err(doubts.join("; ")) }
}

fn acl_lets_in(acl: &GetBucketAclOutput) -> bool {
    acl.grants().iter().any(|grant| {
        let whom = grant.grantee().and_then(|grantee| grantee.uri()) == Some(LOG_DELIVERY);
        whom && matches!(grant.permission(), Some(Permission::Write | Permission::FullControl))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{GapKind, Status};
    use aws_sdk_s3::types::{Grant, Grantee as AclGrantee, Type};

    fn gap() -> Gap {
        Gap::new("111122223333", "us-east-1", "s3:GetBucketLogging", GapKind::Denied, "no")
    }

    fn arrive() -> Logs {
        Logs::Arrive(LoggingEnabled::builder().target_bucket("access").target_prefix("b/").build().unwrap())
    }

    fn of(logs: Logs, events: Option<Recorded>) -> Verdict {
        judge("bucket b", logs, events)
    }

    fn by() -> Option<Recorded> {
        Some(Recorded::By(vec!["trail main".into()]))
    }

    fn no() -> Option<Recorded> {
        Some(Recorded::No(vec!["trail main is not logging".into()]))
    }

    #[test]
    fn an_acl_counts_where_it_is_known_that_acls_are_on() {
        let preferred = Some(ObjectOwnership::BucketOwnerPreferred);
        assert_eq!(acl_counts(true, Ok(&preferred)), Ok(true));
        assert_eq!(acl_counts(true, Ok(&None)), Ok(true));
        assert_eq!(acl_counts(true, Ok(&Some(ObjectOwnership::BucketOwnerEnforced))), Ok(false));
        assert_eq!(acl_counts(true, Err(&gap())), Err(gap()), "ownership that was not seen is no pass");
        assert_eq!(acl_counts(false, Err(&gap())), Ok(false));
    }

    #[test]
    fn either_record_passes() {
        assert_eq!(of(arrive(), None).status, Status::Pass);
        for logs in [Logs::Off, Logs::Lost("access, which does not exist".into()), Logs::Open(gap().into())] {
            assert_eq!(of(logs, by()).message, "trail main records the data events of bucket b");
        }
    }

    #[test]
    fn logs_that_do_not_arrive_are_no_record() {
        // semantics 135
        let lost = of(Logs::Lost("access, which does not exist".into()), no());
        assert_eq!((lost.status, lost.reasons), (Status::Fail, vec!["access_not_recorded", "log_target_unfit"]));
        assert!(
            lost.message.starts_with("bucket b sends server access logs to access, which does not exist, and no trail")
        );
        let off = of(Logs::Off, no());
        assert_eq!((off.status, off.reasons), (Status::Fail, vec!["access_not_recorded"]));
        assert!(off.message.ends_with("records its data events (trail main is not logging)"));
    }

    #[test]
    fn none_fails_only_when_both_were_seen() {
        assert_eq!(of(Logs::Open(gap().into()), no()).status, Status::Unknown);
        assert_eq!(of(Logs::Off, Some(Recorded::Open(gap().into()))).status, Status::Unknown);
        assert_eq!(of(Logs::Lost("x".into()), Some(Recorded::Open(gap().into()))).status, Status::Unknown);
        assert_eq!(of(Logs::Off, None).status, Status::Unknown);
    }

    #[test]
    fn the_target_lets_the_logging_service_write_by_its_policy() {
        let to = |principal: &str, action: &str, more: &str| {
            policy_lets_in(Some(&format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"{action}","Resource":"arn:aws:s3:::access/*","Condition":{{"StringEquals":{{"aws:SourceAccount":"111122223333"}}}}}}{more}]}}"#
            )))
        };
        let service = r#"{"Service":"logging.s3.amazonaws.com"}"#;
        for action in ["s3:PutObject", "s3:Put*", "s3:*", "*", "S3:putobject"] {
            assert_eq!(to(service, action, ""), Ok(true), "{action}");
        }
        assert_eq!(to(service, "s3:PutObjectAcl", ""), Ok(false));
        assert_eq!(to(r#"{"Service":"cloudtrail.amazonaws.com"}"#, "s3:PutObject", ""), Ok(false));
        let deny = r#",{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::access/*"}"#;
        assert_eq!(to(service, "s3:PutObject", deny), Ok(false));
        assert_eq!(policy_lets_in(None), Ok(false));
        assert!(policy_lets_in(Some("{}")).is_err());
    }

    #[test]
    fn or_by_its_acl() {
        let acl = |uri: &str, permission: Permission| {
            let grantee = AclGrantee::builder().r#type(Type::Group).uri(uri).build().unwrap();
            let grant = Grant::builder().grantee(grantee).permission(permission).build();
            acl_lets_in(&GetBucketAclOutput::builder().grants(grant).build())
        };
        assert!(acl(LOG_DELIVERY, Permission::Write) && acl(LOG_DELIVERY, Permission::FullControl));
        assert!(!acl(LOG_DELIVERY, Permission::ReadAcp));
        assert!(!acl("http://acs.amazonaws.com/groups/global/AllUsers", Permission::Write));
    }
}
