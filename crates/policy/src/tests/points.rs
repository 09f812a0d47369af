//! Access points: their own policies, and what both policies let in together.

use super::Answer::{No, Unsure, Yes};
use super::*;

const POINT: &str = "arn:aws:s3:us-west-2:111122223333:accesspoint/ap";
const MULTI: &str = "arn:aws:s3::111122223333:accesspoint/aa11bb22cc33d.mrap";

/// A grant to everyone in the policy of the access point.
fn own(condition: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"{POINT}/object/*","Condition":{{{condition}}}}}"#)
}

/// What AWS recommends for the bucket: the decision is left to access points.
fn delegating(condition: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"*"}},"Action":"*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{{{condition}}}}}"#)
}

const OWNED: &str = r#""StringEquals":{"s3:DataAccessPointAccount":"111122223333"}"#;

#[test]
fn policies_of_access_points() {
    let rows = [
        (Yes, own(""), "everyone"),
        (No, own(r#""StringEquals":{"aws:PrincipalOrgID":"o-abcdef1234"}"#), "the same rules as for buckets: a fixed organization"),
        (Yes, own(r#""StringLike":{"aws:PrincipalOrgID":"o-*"}"#), "the same rules as for buckets: any organization"),
        (Yes, own(r#""StringLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-west-2:111122223333:accesspoint/*"}"#), "a grant to a set of access points is public in an access point's policy, not in a bucket's"),
        (Yes, own(r#""ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-west-2:123456789012:accesspoint/*"}"#), "AWS's own example, whatever the account"),
        (Yes, own(&format!(r#""StringEquals":{{"s3:DataAccessPointArn":"{POINT}"}}"#)), "every request that this policy is read for has it"),
        (No, own(r#""StringEquals":{"s3:DataAccessPointArn":"arn:aws:s3:us-west-2:111122223333:accesspoint/other"}"#), "no request that this policy is read for has it"),
        (Yes, own(OWNED), "every request that this policy is read for has it"),
        (No, own(r#""StringEquals":{"s3:DataAccessPointAccount":"444455556666"}"#), "no request that this policy is read for has it"),
        (Yes, own(r#""StringEquals":{"s3:AccessPointNetworkOrigin":"Internet"}"#), "it is an access point of the internet"),
        (No, own(r#""StringEquals":{"s3:AccessPointNetworkOrigin":"VPC"}"#), "it is an access point of the internet"),
        (No, format!(r#"{},{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["{POINT}","{POINT}/object/*"],"Condition":{{"StringEquals":{{"s3:AccessPointNetworkOrigin":"Internet"}}}}}}"#, own("")), "a Deny that hits every request"),
        (Yes, format!(r#"{},{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["{POINT}","{POINT}/object/*"],"Condition":{{"StringNotEquals":{{"s3:DataAccessPointArn":"{POINT}"}}}}}}"#, own("")), "a Deny that hits no request"),
        (Unsure, own(r#""StringEquals":{"aws:SomethingNew":"x"}"#), "an unknown key may narrow"),
        (No, r#"{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"s3:*","Resource":"*"}"#.into(), "another account is not the public"),
    ];
    check(&rows, |d| public_access_point(d, POINT));
    let multi = document(&own("").replace(POINT, MULTI));
    assert!(public_access_point(&multi, MULTI).is_yes());
    let set = document(&own(r#""StringLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-west-2:111122223333:accesspoint/*"}"#));
    assert_eq!(
        public_access_point(&set, POINT).reason(),
        "statement 1 lets everyone call s3:GetObject; s3:DataAccessPointArn names a set of access points, which in an access point's policy narrows nothing"
    );
}

#[test]
fn both_policies_must_let_everyone_in() {
    let open = document(&own(""));
    let but = |condition: &str| format!(r#"{{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}},{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{{{condition}}}}}"#);
    let rows = [
        (Yes, delegating(OWNED), "the bucket leaves the decision to access points of the account"),
        (Yes, delegating(r#""StringLike":{"s3:DataAccessPointArn":"arn:aws:s3:*:111122223333:accesspoint/*"}"#), "the same by ARN"),
        (Yes, delegating(r#""StringEquals":{"s3:AccessPointNetworkOrigin":"Internet"}"#), "access points of the internet"),
        (No, delegating(r#""StringEquals":{"s3:AccessPointNetworkOrigin":"VPC"}"#), "access points of a VPC only"),
        (No, delegating(r#""StringEquals":{"s3:DataAccessPointAccount":"444455556666"}"#), "access points of another account only"),
        (No, delegating(r#""StringEquals":{"s3:DataAccessPointArn":"arn:aws:s3:us-west-2:111122223333:accesspoint/other"}"#), "another access point"),
        (No, delegating(r#""StringEquals":{"s3:DataAccessPointAccount":"111122223333","aws:PrincipalOrgID":"o-abcdef1234"}"#), "through access points, and of the organization"),
        (Yes, but(r#""StringNotEquals":{"s3:DataAccessPointAccount":"111122223333"}"#), "a Deny on all other ways"),
        (No, but(r#""StringNotEquals":{"s3:AccessPointNetworkOrigin":"VPC"}"#), "a Deny that AWS recommends: only access points of a VPC"),
        (No, delegating(OWNED).replace(r#""Action":"*""#, r#""Action":"s3:PutObject""#), "no action is open by both"),
        (No, r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}"#.into(), "the bucket policy does not let everyone in"),
        (Unsure, delegating(&format!(r#"{OWNED},"StringLike":{{"my:Key":"x"}}"#)), "an unknown key may narrow"),
    ];
    check(&rows, |d| public_through(d, BUCKET, &open, POINT));
    let closed = document(&own(r#""StringEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}"#));
    let decision = public_through(&document(&delegating(OWNED)), BUCKET, &closed, POINT);
    assert_eq!(decision.reason(), "its policy is not public: statement 1 is limited to aws:SourceVpce vpce-1a2b3c4d");
    let decision = public_through(&document(&delegating(OWNED)), BUCKET, &open, POINT);
    assert_eq!(
        decision.reason(),
        "statement 1 lets everyone call s3:GetObject, and so does the bucket policy: statement 1 lets everyone call *"
    );
}

#[test]
fn access_points_matter_only_where_the_bucket_policy_leaves_access_to_them() {
    assert!(mentions_access_points(&document(&delegating(OWNED))));
    assert!(!mentions_access_points(&document(&delegating(r#""StringEquals":{"aws:SourceVpce":"vpce-1"}"#))));
    let named = r#"{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"s3:DataAccessPointAccount":"111122223333"}}}"#;
    assert!(!mentions_access_points(&document(named)));
}

#[test]
fn s3_is_asked_about_everyone_under_conditions() {
    let of = |principal: &str, condition: &str| {
        let text = format!(r#"{{"Effect":"Allow",{principal},"Action":"s3:GetObject","Resource":"*"{condition}}}"#);
        everyone_under_conditions(&document(&text))
    };
    let limit = r#","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#;
    assert!(of(r#""Principal":"*""#, limit));
    assert!(of(r#""principal":{"AWS":["*"]}"#, limit));
    assert!(of(r#""NotPrincipal":{"AWS":"444455556666"}"#, limit));
    assert!(!of(r#""Principal":"*""#, ""));
    assert!(!of(r#""Principal":{"AWS":"123456789012"}"#, limit));
}
