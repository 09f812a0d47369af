//! Access points: ways to a bucket that have a policy of their own.
//!
//! A request through an access point needs the permission of both policies
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html>). What the keys on access points are
//! worth depends on whose policy it is: in a bucket's, `s3:DataAccessPointArn` ties requests to access points of an account; in an
//! access point's own, it is true of every request that S3 reads the policy for, so a policy that grants to a set of access
//! points is public
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status>,
//! "Access points"). Here both are read for one access point, whose values of the keys are known.

use super::actions;
use super::arn::Arn;
use super::cells::Target;
use super::decision::Decision;
use super::document::{Document, Principal, Principals, Set, Statement};
use super::narrow::Rule;
use super::pattern::Pattern;
use super::public::{opened, public};

/// What requests through an access point carry, in lower case.
const KEYS: [&str; 3] = ["s3:dataaccesspointarn", "s3:dataaccesspointaccount", "s3:accesspointnetworkorigin"];

/// Whether the policy of a bucket lets everyone in and ties something to access points: only then can one of them be the way
/// in that the policy by itself does not open.
pub fn mentions_access_points(document: &Document) -> bool {
    let tied = |s: &Statement| s.conditions.iter().any(|c| KEYS.contains(&c.key.as_str()));
    document.allows().any(to_everyone) && document.statements().iter().any(tied)
}

/// Whether a statement allows everyone something under conditions.
pub fn everyone_under_conditions(document: &Document) -> bool {
    document.allows().any(|s| to_everyone(s) && !s.conditions.is_empty())
}

fn to_everyone(allow: &Statement) -> bool {
    match &allow.principals {
        Some(Principals::Only(list)) => list.contains(&Principal::Everyone),
        Some(Principals::Except(_)) => true,
        None => false,
    }
}

/// Whether an access point's own policy is public. Yes = public.
pub fn own_policy(document: &Document, point: &str) -> Decision {
    let (document, sets) = read_for(document, point, true);
    match public(&document, &Target::bucket(point), Rule::Fixed, None) {
        Decision::Yes(why) if sets => Decision::Yes(format!(
            "{why}; s3:DataAccessPointArn names a set of access points, which in an access point's policy narrows nothing"
        )),
        decision => decision,
    }
}

/// What an access point's own policy leaves open to everyone.
pub fn opened_by_own(document: &Document, point: &str) -> Vec<String> {
    let (document, _) = read_for(document, point, true);
    opened(&document, &Target::bucket(point), Rule::Fixed)
}

/// Whether everyone gets into the bucket through the access point, by both policies. Yes = everyone does.
pub fn through(bucket: &Document, bucket_arn: &str, own: &Document, point: &str) -> Decision {
    let by_point = own_policy(own, point);
    if let Decision::No(why) = by_point {
        return Decision::No(format!("its policy is not public: {why}"));
    }
    let (bucket, _) = read_for(bucket, point, false);
    let target = Target::bucket(bucket_arn);
    match (public(&bucket, &target, Rule::Fixed, None), by_point) {
        (Decision::No(why), _) => Decision::No(format!("the bucket policy does not let everyone in through it: {why}")),
        (Decision::Yes(theirs), Decision::Yes(ours)) => {
            let (own, _) = read_for(own, point, true);
            let both = |action: &Pattern| {
                let open = |document: &Document, target: &Target| {
                    public(&only(document, action), target, Rule::Fixed, None).is_yes()
                };
                open(&own, &Target::bucket(point)) && open(&bucket, &target)
            };
            let new = new_actions(&own);
            let granted =
                |action: &&Pattern| [&own, &bucket].iter().all(|d| d.allows().any(|s| s.actions.covers(action)));
            if actions::matching(&Pattern::action("s3:*")).into_iter().chain(&new).filter(granted).any(both) {
                Decision::Yes(format!("{ours}, and so does the bucket policy: {theirs}"))
            } else {
                Decision::No("no action is open to everyone by its policy and the bucket's".into())
            }
        }
        (theirs, ours) => {
            let why = if ours.is_yes() { theirs } else { ours };
            Decision::CannotTell(why.reason().to_owned())
        }
    }
}

/// Actions by name that the table does not know.
fn new_actions(document: &Document) -> Vec<Pattern> {
    let named = document.allows().flat_map(|s| match &s.actions {
        Set::Only(patterns) => patterns.as_slice(),
        Set::Except(_) => &[],
    });
    named.filter(|p| actions::matching(p).is_empty()).cloned().collect()
}

/// The document with its grants cut down to one action.
fn only(document: &Document, action: &Pattern) -> Document {
    document.each(|statement| {
        if statement.allow {
            if !statement.actions.covers(action) {
                return None;
            }
            statement.actions = Set::Only(vec![action.clone()]);
        }
        Some(())
    })
}

/// The document as S3 reads it for requests through one access point from the internet; and whether a grant to a set of access
/// points was found in it, which `is_own` says to take for a grant to all.
fn read_for(document: &Document, point: &str, is_own: bool) -> (Document, bool) {
    let account = Arn::parse(point).map_or("", |arn| arn.account);
    let mut sets = false;
    let read = document.each(|statement| {
        let allow = statement.allow;
        let mut applies = true;
        statement.conditions.retain(|condition| {
            let value = match condition.key.as_str() {
                "s3:dataaccesspointarn" => point,
                "s3:dataaccesspointaccount" => account,
                "s3:accesspointnetworkorigin" => "Internet",
                _ => return true,
            };
            let is_set = condition.values.iter().any(Pattern::has_wildcard) && !condition.operator.negated;
            if is_own && allow && is_set && condition.key == KEYS[0] {
                sets = true;
                return false;
            }
            match condition.test(value) {
                Some(true) => false,
                Some(false) => {
                    applies = false;
                    false
                }
                None => true,
            }
        });
        applies.then_some(())
    });
    (read, sets)
}
