//! Does the policy of a VPC endpoint admit only known principals or resources? Known are those of the account, of the organization
//! of the scan and of listed accounts, the account's own buckets, and buckets of AWS's own.

use crate::prelude::*;
use aws_sdk_ec2::types::{ServiceDetail, VpcEndpoint, VpcEndpointType};
use posture_estate::services::ec2::vpc::takes_policy;
use posture_estate::services::s3::Bucket;
use posture_policy::{Owner, Zone, endpoint_passage, is_aws_bucket};

/// What says who is one of us in a Region.
pub(super) struct Ours<'a> {
    pub zone: Zone,
    pub region: &'a str,
    pub buckets: Result<&'a [Bucket], &'a Gap>,
}

impl Ours<'_> {
    fn bucket(&self, name: &str) -> Owner {
        match self.buckets {
            _ if is_aws_bucket(name, self.region) => Owner::Ours,
            Ok(all) if all.iter().any(|bucket| bucket.name() == name) => Owner::Ours,
            Ok(_) => Owner::Unknown(format!("bucket {name} is not this account's, and whose it is was not seen")),
            Err(_) => Owner::Unknown(format!("whose bucket {name} is was not seen: the buckets were not listed")),
        }
    }
}

/// What is known of the services that endpoints lead to: nothing where nobody asked.
pub(super) type Details<'a> = Option<Result<&'a [ServiceDetail], &'a Gap>>;

/// Whether the endpoint's policy fails or is unknown, and its service may be one that takes none: gateways lead to S3 and DynamoDB, which do.
pub(super) fn may_take_none(endpoint: &VpcEndpoint, ours: &Ours<'_>) -> bool {
    endpoint.vpc_endpoint_type() == Some(&VpcEndpointType::Interface)
        && matches!(judge_endpoint(endpoint, ours, None).status, Status::Fail | Status::Unknown)
}

pub(super) fn judge_endpoint(endpoint: &VpcEndpoint, ours: &Ours<'_>, details: Details<'_>) -> Verdict {
    let service = endpoint.service_name().unwrap_or("an unnamed service");
    let name = format!("vpc endpoint {} for {service}", endpoint.vpc_endpoint_id().unwrap_or("?"));
    if endpoint.requester_managed() == Some(true) {
        return Verdict::not_applicable(format!("{name} is managed by the service that made it"));
    }
    if !takes_policy(endpoint) {
        return Verdict::not_applicable(format!("{name} is of a kind that takes no policy"));
    }
    let verdict = judge_policy(endpoint.policy_document(), &name, ours);
    let asked = endpoint.vpc_endpoint_type() == Some(&VpcEndpointType::Interface);
    match details.filter(|_| asked && matches!(verdict.status, Status::Fail | Status::Unknown)) {
        Some(Err(gap)) => Verdict::unseen(gap),
        Some(Ok(all)) if all.iter().any(|of| of.service_name() == Some(service) && takes_none(of)) => {
            Verdict::not_applicable(format!("{name} leads to a service that supports no endpoint policies"))
        }
        _ => verdict,
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ServiceDetail.html>
fn takes_none(service: &ServiceDetail) -> bool {
    service.vpc_endpoint_policy_supported() == Some(false)
}

fn judge_policy(policy: Option<&str>, name: &str, ours: &Ours<'_>) -> Verdict {
    let Some(text) = policy else {
        return Verdict::undecided(format!("{name} was returned without its policy"));
    };
    let document = match ours.zone.parse(text) {
        Ok(document) => document,
        Err(why) => return Verdict::undecided(format!("the policy of {name} cannot be read: {why}")),
    };
    let passage = endpoint_passage(&document, &ours.zone, &|bucket| ours.bucket(bucket));
    let mut reasons = Reasons::new();
    for why in passage.doubts {
        reasons.doubt(format!("the policy of {name} cannot be decided: {why}"));
    }
    for leak in &passage.leaks {
        let what = match leak.actions.as_slice() {
            [one] => one.clone(),
            more => format!("{} actions", more.len()),
        };
        let statement = format!("statement {} of the policy of {name}", leak.statement);
        match &leak.to {
            None => reasons.broken(
                "policy_open",
                format!("{statement} lets every principal use {what} on resources of any account"),
            ),
            Some(Owner::Other(whose)) => reasons
                .broken("policy_for_outsiders", format!("{statement} ties {what} only to {whose}, which is outside")),
            Some(Owner::Unknown(why)) => reasons.doubt(format!("{statement} allows {what}, and {why}")),
            Some(Owner::Ours) => {}
        }
    }
    reasons
        .or_pass(|| format!("the policy of {name} ties requests to known principals or resources"))
        .evidence(json!({ "other_principals": passage.others }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(policy: &str) -> VpcEndpoint {
        VpcEndpoint::builder()
            .vpc_endpoint_id("vpce-1")
            .vpc_endpoint_type(VpcEndpointType::Gateway)
            .service_name("com.amazonaws.eu-west-1.s3")
            .policy_document(policy)
            .build()
    }

    fn alone() -> Zone {
        Zone::of("111122223333", "aws")
    }

    fn organization() -> Zone {
        Zone { organization: Some("o-abc1234567".into()), trusted_accounts: vec!["444455556666".into()], ..alone() }
    }

    fn within(endpoint: &VpcEndpoint, zone: Zone) -> Verdict {
        let buckets = [Bucket::named("own")];
        judge_endpoint(endpoint, &Ours { zone, region: "eu-west-1", buckets: Ok(&buckets) }, None)
    }

    fn judged(endpoint: &VpcEndpoint) -> Verdict {
        within(endpoint, alone())
    }

    fn of(principal: &str, resource: &str, condition: &str, zone: Zone) -> Status {
        let statement = format!(
            r#"{{"Effect":"Allow","Principal":{principal},"Action":"s3:*","Resource":{resource},"Condition":{condition}}}"#
        );
        within(&endpoint(&format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)), zone).status
    }

    fn status(principal: &str, resource: &str, condition: &str) -> Status {
        of(principal, resource, condition, alone())
    }

    /// Everyone to everything but for what a Deny takes away.
    fn unless(deny: &str) -> Status {
        judged(&endpoint(&format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}},
            {{"Effect":"Deny","Principal":"*","Action":"*",{deny}}}]}}"#
        )))
        .status
    }

    #[test]
    fn everyone_to_everything() {
        let default = r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}"#;
        assert_eq!(judged(&endpoint(default)).status, Status::Fail);
        assert_eq!(status(r#""*""#, r#""*""#, "{}"), Status::Fail);
        assert_eq!(status(r#""*""#, r#""arn:aws:s3:::*""#, "{}"), Status::Fail);
        let itself = r#"{"StringEquals":{"aws:ResourceOrgID":"${aws:PrincipalOrgID}"}}"#;
        assert_eq!(status(r#""*""#, r#""*""#, itself), Status::Fail, "anyone's principals reach their own resources");
        let wild = r#"{"StringLike":{"aws:ResourceAccount":"*"}}"#;
        assert_eq!(status(r#""*""#, r#""*""#, wild), Status::Fail);
        let one = r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"},
            {"Action":"s3:*","Effect":"Allow","Principal":"*","Resource":"arn:aws:s3:::own/*"}]}"#;
        assert_eq!(judged(&endpoint(one)).status, Status::Fail, "a bucket beside it limits nothing");
    }

    #[test]
    fn a_tie_between_caller_and_resource_takes_nothing_from_a_real_limit() {
        let both =
            r#"{"StringEquals":{"aws:PrincipalOrgID":"o-abc1234567","aws:ResourceOrgID":"${aws:PrincipalOrgID}"}}"#;
        assert_eq!(status(r#""*""#, r#""*""#, both), Status::Pass);
        let deny = |value: &str| {
            unless(&format!(r#""Resource":"*","Condition":{{"StringNotEquals":{{"aws:PrincipalOrgID":"{value}"}}}}"#))
        };
        assert_eq!(deny("o-abc1234567"), Status::Pass);
        assert_eq!(deny("${aws:ResourceOrgID}"), Status::Fail);
    }

    #[test]
    fn an_organization_that_may_be_missing_fixes_nothing() {
        // semantics 100
        for open in [
            r#"{"StringEqualsIfExists":{"aws:ResourceOrgID":"o-abc1234567"}}"#,
            r#"{"ForAllValues:StringLike":{"aws:ResourceOrgPaths":"o-abc1234567/*"}}"#,
            r#"{"ForAllValues:StringEquals":{"aws:ResourceOrgPaths":"o-abc1234567/r-ab12/ou-ab12-11111111/"}}"#,
            r#"{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-abc1234567"}}"#,
            r#"{"ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-abc1234567/*"}}"#,
            r#"{"StringNotEquals":{"aws:ResourceOrgID":"o-other"}}"#,
            r#"{"Null":{"aws:ResourceOrgID":"false"}}"#,
            r#"{"StringEquals":{"aws:ResourceTag/owner":"us"}}"#,
        ] {
            assert_eq!(status(r#""*""#, r#""*""#, open), Status::Fail, "{open}");
        }
        let deny = |condition: &str| unless(&format!(r#""Resource":"*","Condition":{condition}"#));
        let path = "o-abc1234567/r-ab12/ou-ab12-11111111/";
        let any = format!(r#"{{"ForAnyValue:StringNotLike":{{"aws:ResourceOrgPaths":"{path}"}}}}"#);
        let all = format!(r#"{{"ForAllValues:StringNotLike":{{"aws:ResourceOrgPaths":"{path}"}}}}"#);
        assert_eq!((deny(&any), deny(&all)), (Status::Fail, Status::Pass));
        assert_eq!(deny(r#"{"StringNotEquals":{"aws:ResourceOrgID":"o-abc1234567"}}"#), Status::Pass);
        assert_eq!(deny(r#"{"StringNotEqualsIfExists":{"aws:ResourceOrgID":"o-abc1234567"}}"#), Status::Pass);
        for fixed in [
            r#"{"StringEqualsIfExists":{"aws:ResourceOrgID":"o-abc1234567"},"Null":{"aws:ResourceOrgID":"false"}}"#,
            r#"{"ForAllValues:StringLike":{"aws:ResourceOrgPaths":"o-abc1234567/*"},"Null":{"aws:ResourceOrgPaths":"false"}}"#,
        ] {
            assert_eq!(status(r#""*""#, r#""*""#, fixed), Status::Pass, "{fixed}");
        }
        let account = r#"{"StringEqualsIfExists":{"aws:ResourceAccount":"111122223333"}}"#;
        assert_eq!(status(r#""*""#, r#""*""#, account), Status::Unknown, "most services send it always");
    }

    #[test]
    fn what_is_below_a_unit_is_in_its_organization() {
        // semantics 101
        for fixed in
            ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/", "o-a1b2c3d4e5/*"]
        {
            for key in ["aws:ResourceOrgPaths", "aws:PrincipalOrgPaths"] {
                let condition = format!(r#"{{"ForAnyValue:StringLike":{{"{key}":"{fixed}"}}}}"#);
                assert_eq!(status(r#""*""#, r#""*""#, &condition), Status::Pass, "{condition}");
            }
        }
        let wild = r#"{"ForAnyValue:StringLike":{"aws:ResourceOrgPaths":"o-*/r-ab12/*"}}"#;
        assert_eq!(status(r#""*""#, r#""*""#, wild), Status::Fail);
    }

    #[test]
    fn what_describes_the_endpoint_is_true_of_every_request() {
        // semantics 102
        for idle in [
            r#"{"StringEquals":{"aws:VpceAccount":"111122223333"}}"#,
            r#"{"StringEquals":{"aws:VpceOrgID":"o-abc1234567"}}"#,
            r#"{"ForAnyValue:StringLike":{"aws:VpceOrgPaths":"o-abc1234567/*"}}"#,
            r#"{"StringEquals":{"aws:SourceVpc":"vpc-1a2b3c4d"}}"#,
            r#"{"StringEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}}"#,
            r#"{"ArnEquals":{"aws:SourceVpcArn":"arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1a2b3c4d"}}"#,
            r#"{"IpAddress":{"aws:VpcSourceIp":"10.0.0.0/16"}}"#,
        ] {
            assert_eq!(status(r#""*""#, r#""*""#, idle), Status::Fail, "{idle}");
        }
        let beside = r#"{"StringEquals":{"aws:VpceAccount":"111122223333","aws:PrincipalAccount":"111122223333"}}"#;
        assert_eq!(status(r#""*""#, r#""*""#, beside), Status::Pass);
    }

    #[test]
    fn principals_of_the_organization() {
        let org = r#"{"StringEquals":{"aws:PrincipalOrgID":"o-abc1234567"}}"#;
        assert_eq!(status(r#""*""#, r#""*""#, org), Status::Pass);
        let account = r#"{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}"#;
        assert_eq!(status(r#""*""#, r#""*""#, account), Status::Pass);
        assert_eq!(status(r#"{"AWS":"arn:aws:iam::111122223333:role/app"}"#, r#""*""#, "{}"), Status::Pass);
        let arn = r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}}"#;
        assert_eq!(status(r#""*""#, r#""*""#, arn), Status::Pass);
    }

    #[test]
    fn resources_of_the_organization() {
        let org = r#"{"StringEquals":{"aws:ResourceOrgID":"o-abc1234567"}}"#;
        assert_eq!(status(r#""*""#, r#""*""#, org), Status::Pass);
        let account = r#"{"StringEquals":{"s3:ResourceAccount":["111122223333","444455556666"]}}"#;
        assert_eq!(of(r#""*""#, r#""*""#, account, organization()), Status::Pass);
        assert_eq!(status(r#""*""#, r#"["arn:aws:s3:::own","arn:aws:s3:::own/*"]"#, "{}"), Status::Pass);
        assert_eq!(status(r#""*""#, r#"["arn:aws:s3:::own","*"]"#, "{}"), Status::Fail);
        assert_eq!(status(r#""*""#, r#""arn:aws:sqs:*:111122223333:*""#, "{}"), Status::Pass);
        assert_eq!(unless(r#""NotResource":["arn:aws:s3:::own","arn:aws:s3:::own/*"]"#), Status::Pass);
        assert_eq!(unless(r#""NotResource":"arn:aws:s3:::theirs/*""#), Status::Unknown);
    }

    #[test]
    fn what_is_somebody_elses_is_no_tie() {
        // semantics 103
        let stranger = r#"{"AWS":"arn:aws:iam::999999999999:root"}"#;
        let foreign = [
            (stranger, r#""*""#, "{}"),
            (r#""*""#, r#""*""#, r#"{"StringEquals":{"aws:PrincipalAccount":"999999999999"}}"#),
            (r#""*""#, r#""*""#, r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::999999999999:role/*"}}"#),
            (r#""*""#, r#""*""#, r#"{"StringEquals":{"aws:ResourceAccount":"999999999999"}}"#),
            (r#""*""#, r#""*""#, r#"{"StringEquals":{"aws:ResourceAccount":["111122223333","999999999999"]}}"#),
            (r#""*""#, r#""arn:aws:sqs:*:999999999999:*""#, "{}"),
        ];
        for (principal, resource, condition) in foreign {
            assert_eq!(of(principal, resource, condition, organization()), Status::Fail, "{condition}");
            // It may be of the organization, which a scan of single accounts does not know.
            assert_eq!(of(principal, resource, condition, alone()), Status::Unknown, "{condition}");
            let trusting = alone().trusting(&["999999999999".into()]);
            assert_eq!(of(principal, resource, condition, trusting), Status::Pass, "{condition}");
        }
        for key in ["aws:PrincipalOrgID", "aws:ResourceOrgID"] {
            let condition = format!(r#"{{"StringEquals":{{"{key}":"o-stranger"}}}}"#);
            assert_eq!(of(r#""*""#, r#""*""#, &condition, organization()), Status::Fail, "{key}");
        }
        assert_eq!(of(stranger, r#""arn:aws:s3:::own/*""#, "{}", organization()), Status::Pass, "our resource");
        for zone in [alone(), organization()] {
            let theirs = r#""arn:aws:s3:::someone-elses-bucket/*""#;
            assert_eq!(of(r#""*""#, theirs, "{}", zone.clone()), Status::Unknown);
            let own = r#"{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}"#;
            assert_eq!(of(r#""*""#, theirs, own, zone.clone()), Status::Pass, "our principals");
            let packages = r#""arn:aws:s3:::al2023-repos-eu-west-1-de612dc2/*""#;
            assert_eq!(of(r#""*""#, packages, "{}", zone.clone()), Status::Pass, "a bucket of AWS's own");
            let id = r#"{"StringLike":{"aws:userid":"AROASOMEROLE12345678:*"}}"#;
            assert_eq!(of(r#""*""#, r#""*""#, id, zone), Status::Unknown, "an id does not show its account");
        }
    }

    #[test]
    fn endpoints_without_a_policy_of_their_owner() {
        let managed = VpcEndpoint::builder().requester_managed(true).build();
        assert_eq!(judged(&managed).status, Status::NotApplicable);
        let appliance = VpcEndpoint::builder().vpc_endpoint_type(VpcEndpointType::GatewayLoadBalancer).build();
        assert_eq!(judged(&appliance).status, Status::NotApplicable);
        let silent = VpcEndpoint::builder().vpc_endpoint_type(VpcEndpointType::Interface).build();
        assert_eq!(judged(&silent).status, Status::Unknown);
        assert_eq!(judged(&endpoint("{")).status, Status::Unknown);
    }

    #[test]
    fn a_service_that_supports_no_policies_leaves_none_to_write() {
        // semantics 120
        let mail = "com.amazonaws.eu-west-1.email-smtp";
        let open = r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}"#;
        let of = |supported: Option<bool>, kind: VpcEndpointType, policy: &str| {
            let details =
                [ServiceDetail::builder().service_name(mail).set_vpc_endpoint_policy_supported(supported).build()];
            let endpoint =
                VpcEndpoint::builder().vpc_endpoint_type(kind).service_name(mail).policy_document(policy).build();
            let ours = Ours { zone: alone(), region: "eu-west-1", buckets: Ok(&[]) };
            judge_endpoint(&endpoint, &ours, Some(Ok(&details))).status
        };
        assert_eq!(of(Some(false), VpcEndpointType::Interface, open), Status::NotApplicable);
        assert_eq!(of(Some(true), VpcEndpointType::Interface, open), Status::Fail);
        assert_eq!(of(None, VpcEndpointType::Interface, open), Status::Fail);
        assert_eq!(of(Some(false), VpcEndpointType::Gateway, open), Status::Fail, "gateways take policies");
        let ours = Ours { zone: alone(), region: "eu-west-1", buckets: Ok(&[]) };
        let interface = |policy: &str| {
            VpcEndpoint::builder().vpc_endpoint_type(VpcEndpointType::Interface).policy_document(policy).build()
        };
        assert!(may_take_none(&interface(open), &ours));
        let tied = open.replace(r#""*"}"#, r#""arn:aws:sqs:*:111122223333:*"}"#);
        assert!(!may_take_none(&interface(&tied), &ours), "nothing to ask");
    }
}
