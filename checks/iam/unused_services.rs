//! Of the services that a principal may call, which does nobody use? The report of used services costs two calls a principal,
//! so `roles_and_permissions_used` asks it only where nothing else decides.

use crate::prelude::*;
use aws_sdk_iam::types::ServiceLastAccessed;
use posture_estate::text::few;

/// Service names in a message; the evidence has them all.
const NAMED: usize = 8;

/// When it is, and for how many days something may go unused.
#[derive(Clone, Copy)]
pub(super) struct Clock<'a> {
    pub limit: i64,
    pub now: &'a DateTime,
}

/// What is left to do about a principal.
#[derive(Debug, PartialEq)]
pub(super) enum Next {
    Nothing,
    Say(Verdict),
    /// The use of its permissions is still to be asked.
    AskServices,
}

impl Next {
    /// Does it; `who` is the principal in a message.
    pub(super) async fn verdict(
        self,
        at: &Account,
        arn: Option<&str>,
        who: &str,
        created: Option<&DateTime>,
        clock: Clock<'_>,
    ) -> Option<Verdict> {
        match self {
            Next::Nothing => None,
            Next::Say(verdict) => Some(verdict),
            Next::AskServices => Some(by_services(at, arn, who, created, clock).await),
        }
    }
}

async fn by_services(
    at: &Account,
    arn: Option<&str>,
    who: &str,
    created: Option<&DateTime>,
    clock: Clock<'_>,
) -> Verdict {
    let Some(arn) = arn else { return Verdict::undecided(format!("{who} comes without an ARN")) };
    match at.iam().service_last_accessed(arn).await {
        Ok(services) => judge(who, &services, created, clock),
        Err(gap) => Verdict::unseen(&gap),
    }
}

fn judge(who: &str, services: &[ServiceLastAccessed], created: Option<&DateTime>, clock: Clock<'_>) -> Verdict {
    let Clock { limit, now } = clock;
    if services.is_empty() {
        return Verdict::undecided(format!(
            "{who} is in use and has policies, but AWS lists no service that it may call"
        ));
    }
    let stale = |service: &&ServiceLastAccessed| {
        let since = service.last_authenticated().or(created);
        since.is_none_or(|since| days(since, now) > limit)
    };
    let mut unused: Vec<&str> = services.iter().filter(stale).map(ServiceLastAccessed::service_namespace).collect();
    unused.sort_unstable();
    let granted = services.len();
    let verdict = if unused.is_empty() {
        Verdict::pass(format!("{who} used each of the {granted} services that it may call within {limit} days"))
    } else {
        let (count, named) = (unused.len(), few(&unused, NAMED));
        Verdict::fail(
            "services_unused",
            format!("{who} did not call {count} of its {granted} services within {limit} days: {named}"),
        )
    };
    verdict.evidence(json!({ "granted_services": granted, "unused_services": unused }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::services::iam::credential_report::fixtures::at;

    const NOW: &str = "2026-06-01T00:00:00Z";

    fn clock(now: &DateTime) -> Clock<'_> {
        Clock { limit: 90, now }
    }

    #[test]
    fn services_without_use_are_named() {
        let service = |name: &str, last: Option<&str>| {
            ServiceLastAccessed::builder()
                .service_name(name)
                .service_namespace(name)
                .set_last_authenticated(last.map(at))
                .build()
                .unwrap()
        };
        let created = at("2025-01-01T00:00:00Z");
        assert_eq!(
            judge("role r", &[], Some(&created), clock(&at(NOW))).status,
            Status::Unknown,
            "an empty list is no evidence"
        );
        let s3 = service("s3", Some("2026-05-01T00:00:00Z"));
        assert_eq!(judge("role r", std::slice::from_ref(&s3), Some(&created), clock(&at(NOW))).status, Status::Pass);
        let verdict = judge(
            "role r",
            &[s3, service("sqs", None), service("ec2", Some("2025-05-01T00:00:00Z"))],
            Some(&created),
            clock(&at(NOW)),
        );
        assert_eq!(verdict.message, "role r did not call 2 of its 3 services within 90 days: ec2, sqs");
    }
}
