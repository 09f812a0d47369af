//! Policies of an organization (service control policies, resource control policies): is one certain request refused to an account,
//! whatever its own policies allow?
//!
//! At every step from the root to the account something must allow the request, and at none may anything deny it
//! (<https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>). A request is given by
//! the keys that are known of it; a condition on any other key leaves the answer open.

use super::condition::{Condition, Literal, Relation};
use super::decision::Decision;
use super::document::{Document, Principal, Principals, Set, Statement};
use super::pattern::Pattern;
use super::reaches::is_for;
use std::collections::BTreeMap;

/// The policies attached to one step of the way: the root, a unit, the account.
#[derive(Clone, Debug)]
pub struct Level<'a> {
    pub documents: Vec<&'a Document>,
    /// Whether these are all; only then does it refuse what none of them allows.
    pub whole: bool,
}

/// A request, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// A single action, `cloudtrail:StopLogging`.
    pub action: String,
    /// Condition keys in lower case, with their values.
    pub keys: BTreeMap<&'static str, String>,
    /// Keys in lower case that it surely does not have; `aws:resourcetag/` stands for all that begin so.
    pub absent: &'static [&'static str],
}

/// Whether a statement means the request.
enum Means {
    It,
    Not,
    Perhaps(String),
}

/// See [`super::refuses`].
pub fn refuses(levels: &[Level<'_>], request: &Request) -> Decision {
    let mut open = None;
    for level in levels {
        for deny in level.documents.iter().flat_map(|document| document.denies()) {
            match means(deny, request) {
                Means::It => return Decision::Yes(format!("{deny} denies {}", request.action)),
                Means::Perhaps(why) => open = Some(format!("{deny} denies {} {why}", request.action)),
                Means::Not => {}
            }
        }
    }
    for level in levels.iter().filter(|level| level.whole) {
        let (mut allowed, mut perhaps) = (false, None);
        for allow in level.documents.iter().flat_map(|document| document.allows()) {
            match means(allow, request) {
                Means::It => allowed = true,
                Means::Perhaps(why) => perhaps = Some(format!("{allow} allows {} {why}", request.action)),
                Means::Not => {}
            }
        }
        match (allowed, perhaps) {
            (true, _) => {}
            (false, Some(why)) => open = Some(why),
            (false, None) => return Decision::Yes(format!("no policy of one step allows {}", request.action)),
        }
    }
    match open {
        Some(why) => Decision::CannotTell(why),
        None => Decision::No(format!("no policy denies {}", request.action)),
    }
}

fn means(statement: &Statement, request: &Request) -> Means {
    if !statement.actions.covers(&Pattern::action(&request.action)) {
        return Means::Not;
    }
    let mut perhaps = None;
    for condition in &statement.conditions {
        match holds(condition, request) {
            Some(true) => {}
            Some(false) => return Means::Not,
            None => {
                let literal = Literal { condition, holds: true };
                perhaps.get_or_insert_with(|| format!("under a condition that is not decided: {}", literal.describe()));
            }
        }
    }
    let whoever = match &statement.principals {
        None => true,
        Some(Principals::Only(list)) => list.contains(&Principal::Everyone),
        Some(Principals::Except(_)) => false,
    };
    if !whoever {
        perhaps.get_or_insert_with(|| "to some principals only".into());
    }
    if let Some(resources) = &statement.resources
        && !every(resources, &request.action)
    {
        perhaps.get_or_insert_with(|| format!("on some resources only: {}", resources.texts().join(", ")));
    }
    perhaps.map_or(Means::It, Means::Perhaps)
}

/// Whether the condition lets the request in; `None` when that is open.
fn holds(condition: &Condition, request: &Request) -> Option<bool> {
    let key = condition.key.as_str();
    let literal = Literal { condition, holds: true };
    if let Some(value) = request.keys.get(key) {
        return match literal.relation() {
            Relation::There => Some(true),
            Relation::Absent => Some(false),
            Relation::Anything => None,
            Relation::Match | Relation::Mismatch => condition.test(value),
        };
    }
    let absent = |name: &&str| key == *name || (name.ends_with('/') && key.starts_with(*name));
    request.absent.iter().any(absent).then(|| literal.allows_missing())
}

/// Whether a statement is about every resource of the action.
fn every(resources: &Set, action: &str) -> bool {
    match resources {
        Set::Only(patterns) => patterns.iter().any(|pattern| everything(pattern, action)),
        Set::Except(patterns) => patterns.is_empty(),
    }
}

/// `*`, `arn:aws:cloudtrail:*:*:trail/*`, `arn:aws:s3:::*`.
fn everything(pattern: &Pattern, action: &str) -> bool {
    if pattern.is_everything() {
        return true;
    }
    let fields = pattern.fields(6);
    let [_, _, service, region, account, resource] = &fields[..] else { return false };
    let open = |field: &Pattern| field.is_everything() || field.text().is_empty();
    let own = service.is_everything() || service.fixed().is_some_and(|service| is_for(action, &service));
    let rest = resource.text().split_once(['/', ':']).map_or(resource.text(), |(_, rest)| rest);
    // What comes first in S3's ARNs is the bucket's name, not a kind.
    let named = service.fixed().as_deref() == Some("s3");
    own && open(region)
        && open(account)
        && (resource.is_everything() || resource.text() == "*/*" || (!named && rest == "*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

    /// Whether policies refuse `ec2:RunInstances` in eu-west-1 to a role; a list of statements for each step.
    fn refused(steps: &[&[&str]]) -> Decision {
        let parse = |statements: &&[&str]| {
            let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
            Document::parse(&text).unwrap()
        };
        let documents: Vec<Document> = steps.iter().map(parse).collect();
        let levels: Vec<Level<'_>> =
            documents.iter().map(|document| Level { documents: vec![document], whole: true }).collect();
        refuses(&levels, &request())
    }

    fn request() -> Request {
        let keys = [
            ("aws:principalarn", "arn:aws:iam::111122223333:role/app".to_owned()),
            ("aws:requestedregion", "eu-west-1".to_owned()),
        ];
        Request { action: "ec2:RunInstances".into(), keys: keys.into(), absent: &["aws:resourcetag/"] }
    }

    fn deny(rest: &str) -> Decision {
        refused(&[&[FULL], &[FULL, &format!(r#"{{"Effect":"Deny","Action":"ec2:*",{rest}}}"#)]])
    }

    #[test]
    fn what_one_step_does_not_allow_is_refused() {
        assert!(refused(&[&[FULL], &[FULL]]).is_no());
        let list = r#"{"Effect":"Allow","Action":["s3:*","iam:*"],"Resource":"*"}"#;
        assert!(refused(&[&[FULL], &[list], &[FULL]]).is_yes());
        let here = r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}}"#;
        assert!(refused(&[&[here], &[FULL]]).is_yes());
        assert!(refused(&[&[here, FULL], &[FULL]]).is_no());
        let some = r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:ec2:*:*:instance/i-1"}"#;
        assert!(matches!(refused(&[&[some]]), Decision::CannotTell(_)));
    }

    #[test]
    fn a_step_that_is_not_known_whole_refuses_only_by_its_denies() {
        let nothing = [Level { documents: Vec::new(), whole: false }];
        assert!(refuses(&nothing, &request()).is_no());
        assert!(refuses(&[Level { documents: Vec::new(), whole: true }], &request()).is_yes());
    }

    #[test]
    fn a_deny_counts_when_it_surely_means_the_request() {
        assert!(deny(r#""Resource":"*""#).is_yes());
        assert!(deny(r#""Resource":"arn:aws:ec2:*:*:instance/*""#).is_yes());
        for (condition, answer) in [
            (r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/admin"}"#, Some(true)),
            (r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}"#, Some(false)),
            (r#""StringNotEquals":{"aws:RequestedRegion":["eu-west-1"]}"#, Some(false)),
            (r#""StringNotEquals":{"aws:ResourceTag/open":"true"}"#, Some(true)),
            (r#""StringEquals":{"aws:ResourceTag/open":"true"}"#, Some(false)),
            (r#""Null":{"aws:PrincipalArn":"true"}"#, Some(false)),
            (r#""StringNotEquals":{"aws:PrincipalTag/team":"x"}"#, None),
            (r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::${aws:PrincipalAccount}:role/*"}"#, None),
        ] {
            let decision = deny(&format!(r#""Resource":"*","Condition":{{{condition}}}"#));
            let said = match &decision {
                Decision::Yes(_) => Some(true),
                Decision::No(_) => Some(false),
                Decision::CannotTell(_) => None,
            };
            assert_eq!(said, answer, "{condition}: {decision}");
        }
        for some in [
            r#""Resource":"arn:aws:ec2:*:*:instance/i-1""#,
            r#""Resource":"arn:aws:ec2:eu-west-1:*:instance/*""#,
            r#""NotResource":"arn:aws:ec2:*:*:instance/i-1""#,
            r#""Principal":{"AWS":"111122223333"},"Resource":"*""#,
        ] {
            assert!(matches!(deny(some), Decision::CannotTell(_)), "{some}");
        }
    }
}
