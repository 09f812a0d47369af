//! Does a policy on the account's logs, or on a destination for the logs of others, admit everyone?

use crate::prelude::*;
use crate::public::judge;
use posture_estate::services::logs::{LogDestination, LogPolicy};
use posture_policy::Zone;

pub async fn probe(at: &Region) -> Outcome {
    let zone = &at.account().zone();
    let (account, groups, destinations) =
        join!(at.logs().log_policies(), at.logs().group_policies(), at.logs().log_destinations());
    let here = || at.resource();
    let mut findings = Vec::new();
    match account {
        Ok(ref account) => findings.extend(account.iter().map(|one| of_account(one, zone).on(here()))),
        Err(ref gap) => findings.push(Verdict::unseen(gap).sub("account").on(here())),
    }
    match groups {
        Ok(groups) => {
            let account = account.as_ref().map_or(&[][..], |all| all);
            let more =
                groups.there().map(|all| all.iter().filter(|one| !is_told(one, account)).cloned().collect::<Vec<_>>());
            findings.extend(of_groups(more.as_deref(), zone, here));
        }
        Err(gap) => findings.push(Verdict::unseen(&gap).sub("groups").on(here())),
    }
    match destinations {
        Ok(all) => findings.extend(all.iter().map(|one| of_destination(one, zone).on(one.resource()))),
        Err(gap) => findings.push(Verdict::unseen(&gap).sub("destinations").on(here())),
    }
    if findings.is_empty() {
        let why = format!("no policy lets anyone write logs in {}, and there is no destination", at.name());
        findings.push(Verdict::not_applicable(why).on(here()));
    }
    Ok(findings)
}

fn of_account(one: &LogPolicy, zone: &Zone) -> Verdict {
    let name = one.name.as_deref().unwrap_or("without a name");
    judge(&format!("log resource policy {name}"), &one.document, zone).sub(format!("policy {name}"))
}

/// Whether it is of no group, and among the account's: who knows no scopes lists those again.
fn is_told(one: &LogPolicy, account: &[LogPolicy]) -> bool {
    one.resource_arn.is_none() && account.contains(one)
}

/// Where AWS lists them only group by group, nobody has seen them.
fn of_groups(listed: Option<&[LogPolicy]>, zone: &Zone, here: impl Fn() -> Resource) -> Vec<Finding> {
    match listed {
        Some(all) => all.iter().map(|one| of_group(one, zone, &here)).collect(),
        None => {
            let why =
                "AWS lists the policies of single log groups only where the group is named, so that none was seen";
            vec![Verdict::undecided(why).sub("groups").on(here())]
        }
    }
}

fn of_group(one: &LogPolicy, zone: &Zone, here: impl Fn() -> Resource) -> Finding {
    let Some(arn) = one.resource_arn.as_deref() else { return of_account(one, zone).on(here()) };
    let arn = arn.trim_end_matches(":*");
    let name = arn.split_once(":log-group:").map_or(arn, |(_, name)| name);
    let verdict = judge(&format!("the resource policy of log group {name}"), &one.document, zone);
    verdict.on(Resource::new(arn, "AWS::Logs::LogGroup", name))
}

fn of_destination(one: &LogDestination, zone: &Zone) -> Verdict {
    let name = &one.name;
    match &one.access_policy {
        Some(text) => judge(&format!("the access policy of log destination {name}"), text, zone),
        None => {
            Verdict::pass(format!("log destination {name} has no access policy, so no other account may send to it"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> Zone {
        Zone::of("111122223333", "aws")
    }

    fn statement(principal: &str, condition: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":["logs:PutLogEvents","logs:CreateLogStream"],"Resource":"*"{condition}}}]}}"#
        )
    }

    fn of(principal: &str, condition: &str) -> Status {
        let policy =
            LogPolicy { name: Some("p".into()), document: statement(principal, condition), resource_arn: None };
        of_account(&policy, &zone()).status
    }

    #[test]
    fn everyone_without_a_limit_fails() {
        assert_eq!(of(r#""*""#, ""), Status::Fail);
        assert_eq!(of(r#"{"AWS":"*"}"#, ""), Status::Fail);
        assert_eq!(
            of(r#"{"AWS":"*"}"#, r#","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#),
            Status::Pass
        );
        assert_eq!(of(r#"{"Service":"route53.amazonaws.com"}"#, ""), Status::Pass);
        assert_eq!(of(r#"{"AWS":"111122223333"}"#, ""), Status::Pass);
    }

    #[test]
    fn what_cannot_be_decided_or_read_is_unknown() {
        assert_eq!(of(r#""*""#, r#","Condition":{"StringEquals":{"aws:SomethingNew":"x"}}"#), Status::Unknown);
        let policy = LogPolicy { name: None, document: "{".into(), resource_arn: None };
        assert_eq!(of_account(&policy, &zone()).status, Status::Unknown);
    }

    #[test]
    fn policies_of_groups_and_destinations_are_judged_alike() {
        let arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/app/a:*";
        let policy = LogPolicy { name: None, document: statement(r#""*""#, ""), resource_arn: Some(arn.into()) };
        let region = || Resource::new("arn", "AWS::::Account", "111122223333");
        let finding = of_groups(Some(&[policy]), &zone(), region).swap_remove(0);
        assert_eq!((finding.verdict.status, finding.resource.id.as_str()), (Status::Fail, "/app/a"));
        assert_eq!(of_groups(None, &zone(), region)[0].verdict.status, Status::Unknown, "not listed");
        assert!(of_groups(Some(&[]), &zone(), region).is_empty());
        let destination = |policy: Option<String>| {
            of_destination(&LogDestination { name: "d".into(), arn: "arn".into(), access_policy: policy }, &zone())
                .status
        };
        assert_eq!(destination(Some(statement(r#""*""#, ""))), Status::Fail);
        assert_eq!(destination(Some(statement(r#"{"AWS":"444455556666"}"#, ""))), Status::Pass);
        assert_eq!(destination(None), Status::Pass);
    }

    #[test]
    fn a_policy_that_is_listed_in_both_scopes_is_told_once_and_one_of_no_group_is_the_accounts() {
        let policy = |name: &str, arn: Option<&str>| LogPolicy {
            name: Some(name.into()),
            document: statement(r#""*""#, ""),
            resource_arn: arn.map(str::to_owned),
        };
        let account = [policy("p", None)];
        assert!(is_told(&policy("p", None), &account));
        assert!(!is_told(&policy("p", Some("arn")), &account));
        assert!(!is_told(&policy("other", None), &account));
        let finding =
            of_group(&policy("other", None), &zone(), || Resource::new("arn", "AWS::::Account", "111122223333"));
        assert_eq!((finding.verdict.status, finding.resource.id.as_str()), (Status::Fail, "111122223333"));
    }
}
