//! Policies of an organization (service control policies, resource control policies): is one certain request refused to an account,
//! whatever its own policies allow?
//!
//! At every step from the root to the account something must allow the request, and at none may anything deny it
//! (<https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>). A request is given by
//! what its keys may have, and stands for every request that these make: one of them that gets through is enough.

use super::condition::{Condition, Literal};
use super::decision::Decision;
use super::document::{Document, Principal, Principals, Set, Statement};
use super::pattern::Pattern;
use super::reaches::is_for;
use super::request::{Keys, Request, Value, holds};
use std::collections::{BTreeMap, BTreeSet};

/// More requests than this are not tried one by one.
const MOST_REQUESTS: usize = 1 << 16;

/// The policies attached to one step of the way: the root, a unit, the account.
#[derive(Clone, Debug)]
pub struct Level<'a> {
    pub documents: Vec<&'a Document>,
    /// Whether these are all; only then does it refuse what none of them allows.
    pub whole: bool,
}

/// The statements of one step that are about the action.
struct Step<'a> {
    denies: Vec<&'a Statement>,
    allows: Vec<&'a Statement>,
    whole: bool,
}

/// Whether a statement means the request.
enum Means {
    It,
    Not,
    Perhaps(String),
}

/// See [`super::refuses`].
pub fn refuses(levels: &[Level<'_>], request: &Request) -> Decision {
    let action = Pattern::action(&request.action);
    let about = |statement: &&Statement| statement.actions.covers(&action);
    let steps: Vec<Step<'_>> = levels
        .iter()
        .map(|level| Step {
            denies: level.documents.iter().flat_map(|document| document.denies()).filter(about).collect(),
            allows: level.documents.iter().flat_map(|document| document.allows()).filter(about).collect(),
            whole: level.whole,
        })
        .collect();
    let choices = choices(&steps, request);
    // What is decided without what may vary needs no trying.
    let certain = decide(&steps, request, &pick(choices.iter().filter(|(_, values)| values.len() == 1), 0));
    if certain.is_yes() {
        return certain;
    }
    // A key that may have anything is open at the last: what holds then holds for each of its values, and only a settled one lets through.
    let settled: Vec<Choice<'_>> = choices.iter().filter_map(|choice| without_open(choice)).collect();
    let closed: Vec<Choice<'_>> =
        choices.iter().filter(|(_, values)| !values.contains(&&Value::Open)).cloned().collect();
    let (mut open, mut refused) = (None, None);
    for choices in [&settled, &closed] {
        let many = choices.iter().try_fold(1_usize, |many, (_, values)| many.checked_mul(values.len()));
        let Some(many) = many.filter(|many| *many <= MOST_REQUESTS) else {
            return Decision::CannotTell(format!("the conditions on {} are too many to try", request.action));
        };
        for number in 0..many {
            match decide(&steps, request, &pick(choices.iter(), number)) {
                through @ Decision::No(_) => return through,
                decision @ Decision::CannotTell(_) => drop(open.get_or_insert(decision)),
                decision @ Decision::Yes(_) => drop(refused.get_or_insert(decision)),
            }
        }
    }
    open.or(refused).unwrap_or(certain)
}

/// A key that the statements look at, with what it may have.
type Choice<'a> = (&'a str, Vec<&'a Value>);

/// All of them; of values that no condition tells apart one.
fn choices<'a>(steps: &[Step<'a>], request: &'a Request) -> Vec<Choice<'a>> {
    let statements = steps.iter().flat_map(|step| step.denies.iter().chain(&step.allows));
    let mut named: BTreeMap<&str, Vec<&Condition>> = BTreeMap::new();
    for condition in statements.flat_map(|one| &one.conditions) {
        named.entry(&condition.key).or_default().push(condition);
    }
    let told_apart = |key: &'a str, conditions: Vec<&Condition>| {
        let mut seen = BTreeSet::new();
        let says = |value: &'a Value| -> Vec<Option<bool>> {
            let keys = Keys::from([(key, value)]);
            conditions.iter().map(|condition| holds(condition, request, &keys)).collect()
        };
        let values = request.values(key)?.iter().filter(|value| **value == Value::Open || seen.insert(says(value)));
        Some((key, values.collect()))
    };
    named.into_iter().filter_map(|(key, conditions)| told_apart(key, conditions)).collect()
}

fn without_open<'a>((key, values): &Choice<'a>) -> Option<Choice<'a>> {
    let settled: Vec<&Value> = values.iter().copied().filter(|value| **value != Value::Open).collect();
    (!settled.is_empty()).then_some((*key, settled))
}

/// One of all combinations, by its number.
fn pick<'a: 'b, 'b>(choices: impl Iterator<Item = &'b Choice<'a>>, mut number: usize) -> Keys<'a> {
    let mut keys = Keys::new();
    for (key, values) in choices {
        keys.insert(*key, values[number % values.len()]);
        number /= values.len();
    }
    keys
}

fn decide(steps: &[Step<'_>], request: &Request, keys: &Keys<'_>) -> Decision {
    let action = &request.action;
    let mut open = None;
    for deny in steps.iter().flat_map(|step| &step.denies) {
        match means(deny, request, keys) {
            Means::It => return Decision::Yes(format!("{deny} denies {action}")),
            Means::Perhaps(why) => open = Some(format!("{deny} denies {action} {why}")),
            Means::Not => {}
        }
    }
    for step in steps.iter().filter(|step| step.whole) {
        let (mut allowed, mut perhaps) = (false, None);
        for allow in &step.allows {
            match means(allow, request, keys) {
                Means::It => allowed = true,
                Means::Perhaps(why) => perhaps = Some(format!("{allow} allows {action} {why}")),
                Means::Not => {}
            }
        }
        match (allowed, perhaps) {
            (true, _) => {}
            (false, Some(why)) => open = Some(why),
            (false, None) => return Decision::Yes(format!("no policy of one step allows {action}")),
        }
    }
    match open {
        Some(why) => Decision::CannotTell(why),
        None => Decision::No(format!("no policy denies {action}")),
    }
}

fn means(statement: &Statement, request: &Request, keys: &Keys<'_>) -> Means {
    let mut perhaps = None;
    for condition in &statement.conditions {
        match holds(condition, request, keys) {
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
        && !every(resources, request)
    {
        perhaps.get_or_insert_with(|| format!("on some resources only: {}", resources.texts().join(", ")));
    }
    perhaps.map_or(Means::It, Means::Perhaps)
}

/// Whether a statement is about every resource of the action in the account that is asked about.
fn every(resources: &Set, request: &Request) -> bool {
    match resources {
        Set::Only(patterns) => patterns.iter().any(|pattern| everything(pattern, request)),
        Set::Except(patterns) => patterns.iter().all(|pattern| elsewhere(pattern, &request.action)),
    }
}

/// Whether a pattern names resources of another service than the action's.
fn elsewhere(pattern: &Pattern, action: &str) -> bool {
    let fields = pattern.fields(6);
    fields.len() == 6 && fields[2].fixed().is_some_and(|service| !is_for(action, &service))
}

/// `*`, `arn:aws:cloudtrail:*:*:trail/*`, `arn:aws:cloudtrail:*:111122223333:trail/*` of that account, `arn:aws:s3:::*`.
fn everything(pattern: &Pattern, request: &Request) -> bool {
    if pattern.is_everything() {
        return true;
    }
    let fields = pattern.fields(6);
    let [_, _, service, region, account, resource] = &fields[..] else { return false };
    let open = |field: &Pattern| field.is_everything() || field.text().is_empty();
    let mine = request.variable("aws:resourceaccount").is_some_and(|mine| account.matches(mine))
        || ["${aws:resourceaccount}", "${aws:principalaccount}"].contains(&account.text());
    let own = service.is_everything() || service.fixed().is_some_and(|service| is_for(&request.action, &service));
    let rest = resource.text().split_once(['/', ':']).map_or(resource.text(), |(_, rest)| rest);
    // What comes first in S3's ARNs is the bucket's name, not a kind.
    let named = service.fixed().as_deref() == Some("s3");
    own && open(region)
        && (open(account) || mine)
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
        let is = |value: &str| vec![Value::Is(value.to_owned())];
        let keys = [
            ("aws:principalarn", is("arn:aws:iam::111122223333:role/app")),
            ("aws:principalaccount", is("111122223333")),
            ("aws:resourceaccount", is("111122223333")),
            ("aws:requestedregion", is("eu-west-1")),
            ("aws:resourcetag/", vec![Value::Missing]),
            ("aws:principaltag/", vec![Value::Missing, Value::Unnamed, Value::Open]),
            ("aws:sourceip", vec![Value::Unnamed, Value::Open]),
            ("aws:multifactorauthpresent", vec![Value::Is("true".into()), Value::Is("false".into()), Value::Missing]),
        ];
        Request { action: "ec2:RunInstances".into(), keys: keys.into() }
    }

    fn deny(rest: &str) -> Decision {
        refused(&[&[FULL], &[FULL, &format!(r#"{{"Effect":"Deny","Action":"ec2:*",{rest}}}"#)]])
    }

    #[test]
    fn what_one_step_does_not_allow_is_refused() {
        // semantics 58
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
        for every in [
            r#""Resource":"arn:aws:ec2:*:*:instance/*""#,
            r#""Resource":"arn:aws:ec2:*:111122223333:*""#,
            r#""Resource":"arn:aws:ec2:*:${aws:PrincipalAccount}:instance/*""#,
            r#""NotResource":["arn:aws:s3:::app","arn:aws:s3:::app/*"]"#,
        ] {
            assert!(deny(every).is_yes(), "{every}");
        }
        for (condition, answer) in [
            (r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/admin"}"#, Some(true)),
            (r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}"#, Some(false)),
            (r#""StringNotEquals":{"aws:RequestedRegion":["eu-west-1"]}"#, Some(false)),
            (r#""StringNotEquals":{"aws:ResourceTag/open":"true"}"#, Some(true)),
            (r#""StringEquals":{"aws:ResourceTag/open":"true"}"#, Some(false)),
            (r#""Null":{"aws:PrincipalArn":"true"}"#, Some(false)),
            (r#""StringNotEquals":{"aws:PrincipalTag/team":"x"}"#, None),
            (r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::${aws:PrincipalAccount}:role/*"}"#, Some(false)),
            (r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::${aws:PrincipalAccount}:role/x"}"#, Some(true)),
            (r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::${aws:SourceAccount}:role/*"}"#, None),
            (r#""StringEquals":{"aws:Unheard":"x"}"#, None),
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
            r#""NotResource":["arn:aws:s3:::app","*:i-1"]"#,
            r#""Resource":"arn:aws:ec2:*:777788889999:instance/*""#,
            r#""Principal":{"AWS":"111122223333"},"Resource":"*""#,
        ] {
            assert!(matches!(deny(some), Decision::CannotTell(_)), "{some}");
        }
    }

    #[test]
    fn every_request_that_the_keys_make_has_to_be_refused() {
        let said = |condition: &str| match deny(&format!(r#""Resource":"*","Condition":{{{condition}}}"#)) {
            Decision::Yes(_) => Some(true),
            Decision::No(_) => Some(false),
            Decision::CannotTell(_) => None,
        };
        for (condition, answer) in [
            // Who has no such tag, or one that nobody has thought of, gets through; who has the one that is named may be nobody.
            (r#""StringEquals":{"aws:PrincipalTag/team":"dev"}"#, Some(false)),
            (r#""StringEqualsIfExists":{"aws:PrincipalTag/team":"dev"}"#, Some(false)),
            (r#""ForAnyValue:StringNotEquals":{"aws:PrincipalTag/team":"security"}"#, Some(false)),
            (r#""ForAllValues:StringNotEquals":{"aws:PrincipalTag/team":"security"}"#, None),
            (r#""StringNotEqualsIfExists":{"aws:PrincipalTag/team":"security"}"#, None),
            (r#""StringNotLike":{"aws:PrincipalTag/team":"*"}"#, Some(false)),
            (r#""Null":{"aws:PrincipalTag/team":"true"}"#, Some(false)),
            (r#""Null":{"aws:PrincipalTag/team":"false"}"#, Some(false)),
            (r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#, Some(false)),
            (r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#, None),
            (r#""NotIpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}"#, Some(false)),
            (r#""Bool":{"aws:MultiFactorAuthPresent":"false"}"#, Some(false)),
            (r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}"#, Some(false)),
            (r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#, Some(false)),
            (r#""BoolIfExists":{"aws:MultiFactorAuthPresent":["true","false"]}"#, Some(true)),
        ] {
            assert_eq!(said(condition), answer, "{condition}");
        }
        // Two that together leave nothing open.
        let half = |value: &str| {
            format!(
                r#"{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"BoolIfExists":{{"aws:MultiFactorAuthPresent":"{value}"}}}}}}"#
            )
        };
        assert!(refused(&[&[FULL, &half("true"), &half("false")]]).is_yes());
        assert!(refused(&[&[FULL, &half("true")]]).is_no());
    }
}
