//! Bucket policies and S3's meaning of public.

use super::Answer::{No, Unsure, Yes};
use super::*;

#[test]
fn what_is_open_grows_with_what_the_policy_opens() {
    let open = |actions: &str, condition: &str, more: &str| {
        let text = format!(
            r#"{{"Effect":"Allow","Principal":"*","Action":[{actions}],"Resource":["arn:aws:s3:::b/*"],"Condition":{{{condition}}}}}{more}"#
        );
        opened_bucket(&document(&text), BUCKET)
    };
    let get = open(r#""s3:GetObject""#, "", "");
    assert_eq!(get, ["everyone: s3:GetObject on arn:aws:s3:::b/*", "everyone: s3:GetObject on arn:aws:s3:::b/*, without a limit"]);
    let both = open(r#""s3:GetObject","s3:PutObject""#, "", "");
    assert_eq!((both.len(), get.iter().all(|one| both.contains(one))), (4, true), "{both:?}");
    let referer = open(r#""s3:GetObject""#, r#""StringLike":{"aws:Referer":"x"}"#, "");
    assert_eq!(referer, get[..1], "a condition that narrows nothing is still one");
    let deny = r#",{"Effect":"Deny","Principal":"*","Action":"s3:Put*","Resource":"arn:aws:s3:::b/*"}"#;
    assert_eq!(open(r#""s3:*""#, "", deny), ["everyone: s3:* on arn:aws:s3:::b/*"]);
    assert_eq!(open(r#""s3:PutObject""#, "", deny), ["everyone: s3:PutObject on arn:aws:s3:::b/*, without a condition"], "only S3 calls it public");
    assert_eq!(open(r#""s3:*""#, "", "").len(), 2);
    let org = r#""StringEquals":{"aws:PrincipalOrgID":"o-abcdef1234"}"#;
    assert_eq!(open(r#""s3:GetObject""#, org, ""), ["everyone: s3:GetObject on arn:aws:s3:::b/*, under conditions"]);
}

/// An Allow for everyone on the objects under a condition.
fn on(condition: &str) -> String {
    format!(
        r#"{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{{{condition}}}}}"#
    )
}

/// An Allow for everyone, and a Deny on bucket and objects under a condition.
fn but(condition: &str) -> String {
    format!(
        r#"{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}},
           {{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{{{condition}}}}}"#
    )
}

/// An Allow with these members.
fn allow(members: &str) -> String {
    format!(r#"{{"Effect":"Allow",{members}}}"#)
}

fn with(principal: &str) -> String {
    allow(&format!(
        r#"{principal},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*""#
    ))
}

#[test]
fn principals() {
    let rows = [
        (Yes, with(r#""Principal":"*""#), "* is everyone"),
        (Yes, with(r#""Principal":{"AWS":"*"}"#), "AWS * is everyone"),
        (Yes, with(r#""Principal":{"AWS":["111122223333","*"]}"#), "one of a list is enough"),
        (Yes, with(r#""Principal":{"CanonicalUser":"*"}"#), "* of any type is everyone"),
        (Yes, with(r#""principal":{"aws":"*"}"#), "element names without case"),
        (No, with(r#""Principal":{"AWS":"111122223333"}"#), "a fixed account"),
        (No, with(r#""Principal":{"AWS":"444455556666"}"#), "another account is not the public"),
        (No, with(r#""Principal":{"AWS":"arn:aws:iam::444455556666:root"}"#), "an account's ARN"),
        (No, with(r#""Principal":{"AWS":"arn:aws:iam::444455556666:role/r"}"#), "a fixed role"),
        (No, with(r#""Principal":{"AWS":"arn:aws:sts::444455556666:assumed-role/r/s"}"#), "a fixed session"),
        (No, with(r#""Principal":{"AWS":"AROAJQABLZS4A3QDU576Q"}"#), "a deleted role's id"),
        (No, with(r#""Principal":{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}"#), "an origin access identity"),
        (No, with(r#""Principal":{"Service":"cloudtrail.amazonaws.com"}"#), "a service principal"),
        (No, with(r#""Principal":{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}"#), "a canonical user"),
        (No, with(r#""Principal":{"Federated":"cognito-identity.amazonaws.com"}"#), "a federated principal"),
        (Yes, with(r#""NotPrincipal":{"AWS":"arn:aws:iam::444455556666:root"}"#), "Allow with NotPrincipal is everyone else"),
        (Yes, with(r#""Principal":{"Service":"*.amazonaws.com"}"#), "any service is anyone's"),
        (Yes, with(r#""Principal":{"AWS":"arn:aws:iam::*:root"}"#), "a wildcard account is any account"),
        (Unsure, with(r#""Sid":"x""#), "a resource policy must name a principal"),
        (No, String::new(), "no statement, no grant"),
        (No, r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}"#.into(), "a Deny grants nothing"),
    ];
    check(&rows, |d| public_bucket(d, &zone(), BUCKET));
}

#[test]
fn conditions_that_narrow() {
    let rows = [
        (No, on(r#""StringEquals":{"aws:PrincipalOrgID":"o-abcdef1234"}"#), "a fixed organization"),
        (No, on(r#""StringEquals":{"AWS:PRINCIPALORGID":"o-abcdef1234"}"#), "keys without case"),
        (No, on(r#""stringequals":{"aws:PrincipalOrgID":"o-abcdef1234"}"#), "operators without case"),
        (No, on(r#""StringEqualsIgnoreCase":{"aws:PrincipalOrgID":"o-abcdef1234"}"#), "IgnoreCase compares fixed values too"),
        (No, on(r#""StringLike":{"aws:PrincipalOrgID":"o-abcdef1234"}"#), "StringLike without wildcard"),
        (No, on(r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-abcdef1234/r-ab12/ou-ab12-11111111/*"}"#), "a path in a fixed organization"),
        (No, on(r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-abcdef1234/*"}"#), "the whole of a fixed organization"),
        (No, on(r#""StringEquals":{"aws:PrincipalAccount":["111122223333","444455556666"]}"#), "fixed accounts"),
        (No, on(r#""ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/r"}"#), "a fixed role"),
        (No, on(r#""ArnLike":{"aws:SourceArn":"arn:aws:sns:us-east-1:111122223333:t"}"#), "a fixed source ARN"),
        (No, on(r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#), "a fixed source account"),
        (No, on(r#""StringEquals":{"aws:SourceOwner":"111122223333"}"#), "a fixed source owner"),
        (No, on(r#""StringEquals":{"aws:SourceVpc":"vpc-91237329"}"#), "a fixed VPC"),
        (No, on(r#""StringEquals":{"aws:SourceVpce":["vpce-1a2b3c4d","vpce-2a2b3c4d"]}"#), "fixed VPC endpoints"),
        (No, on(r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#), "CIDR-limited is not public"),
        (No, on(r#""IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8:1234::/48"]}"#), "both kinds of address"),
        (No, on(r#""IpAddress":{"aws:SourceIp":"11.0.0.0/8"}"#), "/8 is not broader than /8"),
        (No, on(r#""IpAddress":{"aws:SourceIp":["10.0.0.0/8","172.16.0.0/12"]}"#), "private ranges are excepted"),
        (No, on(r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"},"NotIpAddress":{"aws:SourceIp":"203.0.113.7"}"#), "an exception only narrows more"),
        (No, on(r#""StringEquals":{"aws:userid":"AIDAJQABLZS4A3QDU576Q"}"#), "a fixed user id"),
        (No, on(r#""StringEquals":{"s3:DataAccessPointAccount":"111122223333"}"#), "access points of a fixed account"),
        (No, on(r#""StringLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-west-2:111122223333:accesspoint/*"}"#), "a wildcard in the access point's name is allowed"),
        (No, on(r#""StringEquals":{"aws:SourceOrgID":"o-abcdef1234"}"#), "the source's organization"),
        (No, on(r#""StringEquals":{"aws:PrincipalServiceName":"cloudtrail.amazonaws.com"}"#), "a fixed service"),
        (No, on(r#""StringEquals":{"aws:PrincipalOrgID":"*"}"#), "StringEquals takes * literally: nobody"),
        (No, on(r#""StringEqualsIfExists":{"aws:PrincipalOrgID":"o-abcdef1234"},"Null":{"aws:PrincipalOrgID":"false"}"#), "IfExists with the key required"),
        (No, on(r#""Bool":{"aws:SecureTransport":"true"},"StringEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}"#), "one narrowing condition is enough"),
        (No, on(r#""StringEquals":{"aws:PrincipalAccount":111122223333}"#), "numbers are values too"),
        (No, on(r#""StringEquals":{"s3:x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:us-east-1:111122223333:key/k"}"#), "S3's list has the KMS key id"),
        (No, on(r#""StringEquals":{"aws:VpceAccount":"111122223333"}"#), "endpoints of a fixed account"),
    ];
    check(&rows, |d| public_bucket(d, &zone(), BUCKET));
}

#[test]
fn conditions_that_do_not() {
    let rows = [
        (Yes, on(r#""StringLike":{"aws:PrincipalArn":"*"}"#), "a wildcard principal"),
        (Yes, on(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/admin"}"#), "a role name in any account"),
        (Yes, on(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}"#), "fixed values only: no wildcard at all"),
        (Yes, on(r#""StringLike":{"aws:SourceArn":"*"}"#), "a wildcard source"),
        (Yes, on(r#""ArnLike":{"aws:SourceArn":"arn:aws:s3:::*"}"#), "any bucket"),
        (Yes, on(r#""ArnEquals":{"aws:SourceArn":"arn:aws:s3:::*"}"#), "ArnEquals honours wildcards"),
        (Yes, on(r#""StringLike":{"aws:SourceVpce":"vpce-*"}"#), "any VPC endpoint"),
        (Yes, on(r#""StringLike":{"aws:SourceVpc":"vpc-*"}"#), "S3's own example"),
        (Yes, on(r#""StringLike":{"aws:PrincipalOrgID":"o-*"}"#), "any organization"),
        (Yes, on(r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"*"}"#), "any path"),
        (Yes, on(r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-*/r-ab12/*"}"#), "a path in any organization"),
        (Yes, on(r#""ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-abcdef1234/*"}"#), "ForAllValues holds for the empty set"),
        (Yes, on(r#""ForAllValues:StringEquals":{"aws:PrincipalOrgID":"o-abcdef1234"}"#), "ForAllValues holds for the empty set"),
        (Yes, on(r#""StringEquals":{"aws:ResourceAccount":"111122223333"}"#), "describes the resource"),
        (Yes, on(r#""StringEquals":{"s3:ResourceAccount":"111122223333"}"#), "describes the resource"),
        (Yes, on(r#""Bool":{"aws:SecureTransport":"true"}"#), "describes the transport"),
        (Yes, on(r#""NumericGreaterThanEquals":{"s3:TlsVersion":1.2}"#), "describes the transport"),
        (Yes, on(r#""StringLike":{"aws:UserAgent":"secret/*"}"#), "what the caller says"),
        (Yes, on(r#""StringEquals":{"aws:UserAgent":"secret"}"#), "what the caller says"),
        (Yes, on(r#""StringLike":{"aws:Referer":"https://example.com/*"}"#), "what the caller says"),
        (Yes, on(r#""StringEquals":{"aws:PrincipalTag/team":"red"}"#), "any account sets its own tags"),
        (Yes, on(r#""StringEquals":{"aws:username":"alice"}"#), "any account has an alice"),
        (Yes, on(r#""StringEquals":{"aws:PrincipalType":"User"}"#), "any account has users"),
        (Yes, on(r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#), "any account has MFA"),
        (Yes, on(r#""Bool":{"aws:PrincipalIsAWSService":"true"}"#), "every service, for anyone"),
        (Yes, on(r#""IpAddress":{"aws:SourceIp":"0.0.0.0/0"}"#), "the whole internet"),
        (Yes, on(r#""IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}"#), "two halves are the whole"),
        (Yes, on(r#""IpAddress":{"aws:SourceIp":["203.0.113.0/24","0.0.0.0/0"]}"#), "values are alternatives"),
        (Yes, on(r#""IpAddress":{"aws:SourceIp":"44.0.0.0/7"}"#), "broader than /8"),
        (Yes, on(r#""IpAddress":{"aws:SourceIp":"2001::/16"}"#), "broader than /32"),
        (Yes, on(r#""IpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"}"#), "anyone has a VPC with such addresses"),
        (Yes, on(r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#), "everyone but a few"),
        (Yes, on(r#""StringNotEquals":{"aws:PrincipalOrgID":"o-abcdef1234"}"#), "everyone but an organization"),
        (Yes, on(r#""StringEqualsIfExists":{"aws:PrincipalOrgID":"o-abcdef1234"}"#), "anonymous callers have no organization"),
        (Yes, on(r#""StringEqualsIfExists":{"aws:SourceVpce":"vpce-1a2b3c4d"}"#), "callers from outside have no endpoint"),
        (Yes, on(r#""Null":{"aws:PrincipalOrgID":"false"}"#), "any organization will do"),
        (Yes, on(r#""Null":{"aws:SourceArn":"true"}"#), "absence narrows nothing"),
        (Yes, on(r#""StringEquals":{"s3:ExistingObjectTag/public":"yes"}"#), "describes the object"),
        (Yes, on(r#""StringEquals":{"s3:prefix":"home/"}"#), "describes the request"),
        (Yes, on(r#""StringLike":{"aws:userid":"AROAJQABLZS4A3QDU576Q:*"}"#), "the pattern AROLEID:* does not count"),
        (Unsure, on(r#""StringEquals":{"aws:userid":"AROAJQABLZS4A3QDU576Q:s"}"#), "the documentation does not say whether a fixed session is inside the pattern"),
        (Yes, on(r#""StringEquals":{"aws:PrincipalOrgID":["o-abcdef1234","${aws:PrincipalOrgID}"]}"#), "a variable is not fixed"),
        (Yes, on(r#""StringEquals":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}"#), "S3: no policy variable"),
        (Yes, on(r#""StringLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-west-2:*:accesspoint/*"}"#), "access points of any account"),
        (Yes, on(r#""DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}"#), "time is not a caller"),
        (Yes, on(""), "no condition"),
        (Unsure, on(r#""StringEquals":{"aws:SomethingNew":"x"}"#), "an unknown key may narrow"),
        (Yes, on(r#""StringLike":{"s3:x-amz-copy-source":"b/public/*"}"#), "describes the request"),
        (Yes, on(r#""StringEquals":{"s3:AccessPointNetworkOrigin":"VPC"}"#), "anyone has a VPC"),
        (Yes, on(r#""StringEquals":{"s3:authType":"REST-QUERY-STRING"}"#), "the way of signing"),
    ];
    check(&rows, |d| public_bucket(d, &zone(), BUCKET));
}

#[test]
fn denies() {
    // semantics 6
    let plain = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#;
    let deny = |members: &str| format!(r#"{plain},{{"Effect":"Deny",{members}}}"#);
    let rows = [
        (No, but(r#""StringNotEquals":{"aws:PrincipalOrgID":"o-abcdef1234"}"#), "everyone outside is denied"),
        (No, but(r#""StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-abcdef1234"}"#), "a missing key meets a negated condition"),
        (No, but(r#""StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-abcdef1234"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}"#), "AWS's data perimeter: the organization and services remain"),
        (Yes, but(r#""StringNotEquals":{"aws:PrincipalOrgID":"o-abcdef1234"},"Bool":{"aws:SecureTransport":"false"}"#), "conditions of a Deny must all hold: TLS gets in"),
        (Yes, but(r#""StringEquals":{"aws:PrincipalOrgID":"o-abcdef1234"}"#), "everyone outside stays"),
        (Yes, but(r#""Bool":{"aws:SecureTransport":"false"}"#), "everyone with TLS stays"),
        (No, but(r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#), "only the range is left"),
        (Yes, but(r#""NotIpAddress":{"aws:SourceIp":"0.0.0.0/0"}"#), "all addresses are left"),
        (Yes, but(r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#), "all other addresses are left"),
        (No, but(r#""StringNotEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}"#), "only the endpoint is left"),
        (Yes, but(r#""StringNotLike":{"aws:SourceVpce":"vpce-*"}"#), "any endpoint is left"),
        (No, but(r#""StringNotLike":{"aws:userid":["AROAJQABLZS4A3QDU576Q:*","111122223333"]}"#), "one role and the account are left"),
        (No, but(r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}"#), "only roles of the account are left"),
        (Yes, but(r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/admin"}"#), "a role of any account is left"),
        (Yes, but(r#""ForAnyValue:StringNotLike":{"aws:PrincipalOrgPaths":"o-abcdef1234/*"}"#), "ForAnyValue does not hold for anonymous callers: they stay"),
        (No, but(r#""ForAllValues:StringNotLike":{"aws:PrincipalOrgPaths":"o-abcdef1234/*"}"#), "ForAllValues does"),
        (Yes, but(r#""Null":{"aws:PrincipalOrgID":"true"}"#), "any organization stays"),
        (No, deny(r#""Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]"#), "all is denied"),
        (No, deny(r#""Principal":{"AWS":"*"},"Action":"S3:GETOBJECT","Resource":"*""#), "actions without case"),
        (No, deny(r#""Principal":"*","NotAction":"s3:ListBucket","Resource":"*""#), "NotAction denies the rest"),
        (No, deny(r#""Principal":"*","Action":"s3:*","NotResource":"arn:aws:s3:::b""#), "NotResource denies the objects"),
        (Yes, deny(r#""Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*""#), "another action"),
        (Yes, deny(r#""Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b""#), "the bucket, not the objects"),
        (Yes, deny(r#""Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/private/*""#), "some objects"),
        (Yes, deny(r#""Principal":"*","Action":"s3:*","NotResource":"arn:aws:s3:::b/public/*""#), "all but some objects"),
        (Yes, deny(r#""Principal":{"AWS":"444455556666"},"Action":"s3:*","Resource":"*""#), "one account is denied"),
        (No, deny(r#""NotPrincipal":{"AWS":["arn:aws:iam::111122223333:root","arn:aws:iam::111122223333:role/r"]},"Action":"s3:*","Resource":"*""#), "all but one account's are denied"),
        (Yes, deny(r#""NotPrincipal":"*","Action":"s3:*","Resource":"*""#), "nobody is denied"),
        (Yes, deny(r#""Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/*""#), "a variable covers some"),
        (Unsure, but(r#""StringNotEquals":{"aws:SomethingNew":"x"}"#), "an unknown key decides"),
    ];
    check(&rows, |d| public_bucket(d, &zone(), BUCKET));
}

#[test]
fn denies_together() {
    let two = |allowed: &str, first: &str, second: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":"*","Action":{allowed},"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}},
               {{"Effect":"Deny","Principal":"*",{first}}},{{"Effect":"Deny","Principal":"*",{second}}}"#
        )
    };
    let org = r#""Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-abcdef1234"}}"#;
    let rows = [
        (No, two(r#"["s3:GetObject","s3:PutObject"]"#, &format!(r#""Action":"s3:Get*","Resource":"*",{org}"#), &format!(r#""Action":"s3:Put*","Resource":"*",{org}"#)), "each action by its own Deny"),
        (Yes, two(r#""s3:*""#, &format!(r#""Action":"s3:Get*","Resource":"*",{org}"#), &format!(r#""Action":"s3:Put*","Resource":"*",{org}"#)), "s3:ListBucket stays"),
        (No, two(r#""s3:*""#, &format!(r#""Action":"s3:*","Resource":"arn:aws:s3:::b",{org}"#), &format!(r#""Action":"s3:*","Resource":"arn:aws:s3:::b/*",{org}"#)), "bucket and objects by their own Deny"),
        (No, two(r#""s3:*""#, &format!(r#""Action":"s3:Get*","Resource":"*",{org}"#), &format!(r#""NotAction":"s3:Get*","Resource":"*",{org}"#)), "Action and NotAction together"),
        (No, two(r#""*""#, &format!(r#""Action":"s3:*","Resource":"*",{org}"#), r#""Action":"s3:DeleteBucket","Resource":"*""#), "* in a bucket policy is s3:*"),
        (No, two(r#""s3:GetObject""#, r#""Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#, r#""Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}"#), "with and without TLS is always"),
        (No, two(r#""s3:GetObject""#, r#""Action":"s3:*","Resource":"*","Condition":{"Null":{"aws:PrincipalOrgID":"true"}}"#, r#""Action":"s3:*","Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-abcdef1234"}}"#), "absent or another is denied"),
    ];
    check(&rows, |d| public_bucket(d, &zone(), BUCKET));
    let same = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"StringEquals":{"s3:authType":"REST-QUERY-STRING"}}},
        {"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"StringEquals":{"s3:authType":["REST-QUERY-STRING","POST"]}}}"#;
    assert!(public_bucket(&document(same), &zone(), BUCKET).is_no());
}

#[test]
fn traps() {
    let plain = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::ab/*"}"#;
    let rows = [
        (Yes, format!(r#"{plain},{{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#), "a Deny without a principal is none"),
        (Yes, format!(r#"{plain},{{"Effect":"Deny","Principal":"*","Action":"s3:*"}}"#), "a Deny without a resource is none"),
        (Yes, r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::*b"},{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::ab"}"#.into(), "the pattern means the bucket and objects whose name ends in b"),
        (Yes, r#"{"Effect":"Allow","Principal":"*","Action":"s3express:CreateSession","Resource":"*"}"#.into(), "directory buckets have actions of their own"),
        (No, r#"{"Effect":"Allow","Principal":"*","Action":"ec2:*","Resource":"*"}"#.into(), "actions that are not for buckets"),
        (Yes, on(r#""StringEquals":{"aws:PrincipalAccount":"anonymous"}"#), "the account of callers without credentials"),
        (Yes, on(r#""StringEquals":{"aws:userid":"anonymous"}"#), "the user id of callers without credentials"),
        (Unsure, on(r#""StringEqualsIfExists":{"aws:PrincipalAccount":"111122223333"}"#), "whether the key is ever missing is not plain"),
        (Yes, on(r#""ForAllValues:IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#), "ForAllValues holds without the key"),
        (Yes, on(r#""IpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"}"#), "through a VPC endpoint the key is missing"),
        (Yes, on(r#""StringLike":{"aws:SourceIp":"203.0.113.*"}"#), "a wildcard"),
        (No, but(r#""StringNotEquals":{"aws:PrincipalOrgID":"o-abcdef1234","aws:SourceVpce":"vpce-1a2b3c4d"}"#), "either narrows"),
        (Yes, but(r#""StringNotEquals":{"aws:PrincipalOrgID":"o-abcdef1234","aws:PrincipalTag/exempt":"true"}"#), "any account can set the tag that exempts"),
        (Yes, but(r#""StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-abcdef1234"},"BoolIfExists":{"aws:ViaAWSService":"false"}"#), "anyone can come through a service"),
        (Yes, but(r#""StringNotLike":{"aws:PrincipalOrgID":["o-abcdef1234","o-*"]}"#), "any organization is spared"),
        (Yes, but(r#""Bool":{"aws:PrincipalIsAWSService":"false"}"#), "anonymous requests do not have the key"),
        (No, but(r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"},"StringNotEquals":{"aws:SourceVpce":["vpce-1a2b3c4d","vpce-2a2b3c4d"]}"#), "the range or the endpoints"),
        (Yes, on(r#""StringEquals":{"aws:SourceArn":"${aws:PrincipalArn}"}"#), "a variable of the caller's"),
        (Yes, on(r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::444455556666:*"}"#), "everyone but one account"),
    ];
    check(&rows, |d| public_bucket(d, &zone(), "arn:aws:s3:::ab"));
}

#[test]
fn access_points() {
    let arn = "arn:aws:s3:us-west-2:111122223333:accesspoint/ap";
    let text = format!(r#"{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"{arn}/object/*"}}"#);
    assert!(public_bucket(&document(&text), &zone(), arn).is_yes());
    let denied = format!(r#"{text},{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["{arn}","{arn}/object/*"],"Condition":{{"StringNotEquals":{{"aws:PrincipalOrgID":"o-abcdef1234"}}}}}}"#);
    assert!(public_bucket(&document(&denied), &zone(), arn).is_no());
}

#[test]
fn writing() {
    let act = |actions: &str| {
        allow(&format!(
            r#""Principal":"*",{actions},"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]"#
        ))
    };
    let rows = [
        (Yes, act(r#""Action":"s3:putobject""#), "actions without case"),
        (Yes, act(r#""Action":"s3:PutObjectAcl""#), "permissions management"),
        (Yes, act(r#""Action":"s3:PutBucketPolicy""#), "permissions management"),
        (Yes, act(r#""Action":"s3:P*""#), "wildcards expand"),
        (Yes, act(r#""Action":"s3:*""#), "wildcards expand"),
        (Yes, act(r#""Action":"*""#), "wildcards expand"),
        (Yes, act(r#""Action":["s3:GetObject","s3:Delete?bject"]"#), "? is a wildcard"),
        (Yes, act(r#""NotAction":"s3:GetObject""#), "everything but reading"),
        (Yes, act(r#""Action":"s3:AbortMultipartUpload""#), "write"),
        (Yes, act(r#""Action":"s3:PutObjectTagging""#), "tagging changes the bucket"),
        (No, act(r#""Action":"s3:Get*""#), "reading"),
        (No, act(r#""Action":["s3:GetObject","s3:ListBucket"]"#), "reading and listing"),
        (No, act(r#""NotAction":"s3:*""#), "nothing of S3"),
        (Yes, act(r#""Action":"s3:SomethingNew""#), "an action that the table does not know may write"),
    ];
    check(&rows, |d| public_write(d, &zone(), BUCKET));
    let read_and_write = r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Principal":"*","NotAction":["s3:Get*","s3:List*","s3:Describe*"],"Resource":"*"}"#;
    assert!(public_write(&document(read_and_write), &zone(), BUCKET).is_no());
    assert!(public_bucket(&document(read_and_write), &zone(), BUCKET).is_yes());
}

#[test]
fn the_explanation_is_the_message() {
    let text = r#"{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"*"},
        {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::*"}}}"#;
    assert_eq!(
        public_bucket(&document(text), &zone(), BUCKET).reason(),
        "statement 2 lets everyone call s3:GetObject; aws:SourceArn is a wildcard and narrows nothing"
    );
    let text = on(r#""StringEquals":{"aws:PrincipalOrgID":"o-abcdef1234"}"#);
    assert_eq!(
        public_bucket(&document(&text), &zone(), BUCKET).reason(),
        "statement 1 is limited to aws:PrincipalOrgID o-abcdef1234"
    );
}
