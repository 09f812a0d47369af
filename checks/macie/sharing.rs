//! With whom a bucket is shared that Macie calls shared outside: it counts CloudFront too, and its organization is Macie's own, so that its
//! word alone does not decide.

use crate::prelude::*;
use posture_estate::services::macie2::ScoredBucket;
use posture_policy::{self as policy, Grant, Grantee, Zone};

/// The group by which S3 writes access logs, in an ACL.
const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";

/// The condition that neither policy nor ACL lets in anybody outside the organization. No access point can give another account more than
/// the bucket's policy does (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html>).
pub(super) async fn outside(at: &Region, bucket: &ScoredBucket, trusted: &[String], reasons: &mut Reasons) {
    let name = &bucket.bucket_name;
    if let Some(owner) = bucket.account_id.as_deref().filter(|owner| *owner != at.account_id()) {
        reasons.doubt(format!(
            "Macie says that bucket {name} is shared outside, and with whom shows only in account {owner}"
        ));
        return;
    }
    let s3 = at.account().s3();
    let bucket = s3.bucket_named(name).await;
    let (policy, acl) = join!(s3.bucket_policy(&bucket), s3.bucket_acl(&bucket));
    if let Some(policy) = reasons.add(policy) {
        by_policy(name, policy.there().map(String::as_str), &at.account().zone().trusting(trusted), reasons);
    }
    if let Some(acl) = reasons.add(acl) {
        let owner = acl.owner().and_then(|owner| owner.id());
        let grantees = acl.grants().iter().filter_map(|grant| grant.grantee());
        let named = grantees.map(|grantee| grantee.id().or(grantee.uri()).unwrap_or("nobody who is named"));
        by_acl(name, owner, named, reasons);
    }
}

fn by_policy(name: &str, policy: Option<&str>, zone: &Zone, reasons: &mut Reasons) {
    let Some(text) = policy else { return };
    let document = match zone.parse(text) {
        Ok(document) => document,
        Err(error) => return reasons.doubt(format!("the policy of bucket {name} cannot be read: {error}")),
    };
    let (grants, doubts) = policy::external_and_doubts(&document, zone);
    doubts.iter().for_each(|why| reasons.doubt(format!("who the policy of bucket {name} lets in is open: {why}")));
    for grant in &grants {
        let given = format!("the policy of bucket {name} lets in {}", grant.principal);
        match is_outside(grant, zone) {
            Some(true) => reasons.broken("shared_outside", given),
            Some(false) => {}
            None => reasons.doubt(format!("{given}, and whose that is does not show")),
        }
    }
}

/// Whether a grant goes outside the organization; `None` where that does not show.
fn is_outside(grant: &Grant, zone: &Zone) -> Option<bool> {
    match grant.kind {
        Grantee::Account | Grantee::Federated => Some(true),
        Grantee::Organization => zone.organization.is_some().then_some(true),
        // A network or a source limits it: nobody outside by name.
        Grantee::Everyone => Some(!grant.tied),
        // A service that acts for anybody may bring anybody in.
        Grantee::Service => grant.tied.then_some(false),
        Grantee::Canonical => None,
    }
}

fn by_acl<'a>(name: &str, owner: Option<&str>, grantees: impl Iterator<Item = &'a str>, reasons: &mut Reasons) {
    for other in grantees.filter(|one| Some(*one) != owner && *one != LOG_DELIVERY) {
        reasons.doubt(format!("the ACL of bucket {name} lets in {other}, and whose that is does not show"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(principal: &str, condition: &str, trusted: &[&str]) -> Verdict {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"{condition}}}]}}"#
        );
        let trusted: Vec<String> = trusted.iter().map(|&one| one.to_owned()).collect();
        let mut reasons = Reasons::new();
        by_policy("b", Some(&text), &Zone::of("111122223333", "aws").trusting(&trusted), &mut reasons);
        reasons.or_pass(|| "fine".into())
    }

    #[test]
    fn the_policy_says_who_is_outside() {
        let stranger = r#"{"AWS":"444455556666"}"#;
        assert_eq!(of(stranger, "", &[]).reasons, ["shared_outside"]);
        assert_eq!(of(stranger, "", &["444455556666"]).status, Status::Pass);
        assert_eq!(of(r#"{"AWS":"111122223333"}"#, "", &[]).status, Status::Pass);
        assert_eq!(of(r#""*""#, "", &[]).reasons, ["shared_outside"]);
        assert_eq!(
            of(r#"{"CanonicalUser":"79a5"}"#, "", &[]).status,
            Status::Unknown,
            "an identity of CloudFront has one"
        );
        let mut none = Reasons::new();
        by_policy("b", None, &Zone::of("111122223333", "aws"), &mut none);
        assert!(none.is_empty());
        by_policy("b", Some("{}}"), &Zone::of("111122223333", "aws"), &mut none);
        assert_eq!(none.open().status, Status::Unknown);
    }

    #[test]
    fn a_distribution_of_ones_own_is_not_outside() {
        let cloudfront = r#"{"Service":"cloudfront.amazonaws.com"}"#;
        let own =
            r#","Condition":{"StringEquals":{"aws:SourceArn":"arn:aws:cloudfront::111122223333:distribution/E1"}}"#;
        assert_eq!(of(cloudfront, own, &[]).status, Status::Pass);
        assert_eq!(of(cloudfront, "", &[]).status, Status::Unknown, "it acts for anybody");
    }

    #[test]
    fn an_organization_is_ours_or_another() {
        let grant = Grant {
            statement: 1,
            kind: Grantee::Organization,
            principal: "o-theirs".into(),
            actions: vec![],
            limited_by: vec![],
            tied: true,
        };
        let alone = Zone::of("111122223333", "aws");
        assert_eq!(is_outside(&grant, &alone), None);
        assert_eq!(is_outside(&grant, &Zone { organization: Some("o-ours".into()), ..alone }), Some(true));
    }

    #[test]
    fn an_acl_lets_in_its_owner() {
        let of = |grantees: &[&str]| {
            let mut reasons = Reasons::new();
            by_acl("b", Some("owner"), grantees.iter().copied(), &mut reasons);
            reasons.or_pass(|| "fine".into()).status
        };
        assert_eq!(of(&["owner", LOG_DELIVERY]), Status::Pass);
        assert_eq!(of(&["owner", "79a5"]), Status::Unknown);
    }
}
