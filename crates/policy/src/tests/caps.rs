//! What boundaries, Denies of all but a few, and the account's own trust and policies leave open.

use super::paths::{ALL, EC2, LAMBDA, ROOT, allow, among, bounded, deny, iam, identity, member, open, ways};
use super::*;

const NONE: [&str; 0] = [];

/// A Deny of everything but one.
fn deny_all_but(actions: &str, resource: &str) -> String {
    deny(actions, resource, "").replace("Resource", "NotResource")
}

fn cap(operator: &str, name: &str) -> String {
    format!(r#""{operator}":{{"iam:PermissionsBoundary":"{}"}}"#, iam(&format!("policy/{name}")))
}

/// The account's policies, harmless ones.
fn policies(names: &[&str]) -> Vec<Managed> {
    let document = || document(&allow("s3:GetObject", "*", ""));
    names.iter().map(|name| Managed { arn: iam(name), document: Ok(document()), versions: 1 }).collect()
}

#[test]
fn what_a_deny_excepts_can_be_filled_and_taken_on() {
    let apps = iam("role/app-*");
    let all = |deny: &str| ways(&format!("{},{deny}", allow("iam:* sts:* s3:*", "*", "")));
    assert!(all(&deny_all_but("iam:* sts:*", &apps)).contains(&"iam:CreateRole+iam:PutRolePolicy"));
    assert_eq!(all(&deny_all_but("iam:* sts:*", "arn:aws:s3:::x")), NONE, "no role is excepted");
    assert_eq!(all(&deny_all_but("iam:* sts:*", "arn:aws:iam::444455556666:role/app-*")), NONE, "another account's");
    let launch = "iam:PassRole iam:PutRolePolicy lambda:CreateFunction lambda:InvokeFunction";
    let pass = |denied: &str| ways(&format!("{},{}", allow(launch, "*", ""), deny_all_but(denied, &apps)));
    assert_eq!(pass("iam:PassRole iam:PutRolePolicy"), ["iam:PutRolePolicy+iam:PassRole"]);
    let short = |resource: &str| ways(&allow("iam:PutRolePolicy sts:AssumeRole", resource, ""));
    assert_eq!(short("*:role/app-*"), ["iam:PutRolePolicy+sts:AssumeRole"], "with fewer parts too");
    assert_eq!(short("*:user/app-*"), NONE);
    let alone = format!("{},{}", allow("iam:PassRole lambda:CreateFunction lambda:InvokeFunction", "*", ""), deny_all_but("iam:PassRole", &apps));
    assert_eq!(ways(&alone), NONE, "what is left may be harmless");
    let apart = [deny_all_but("iam:PutRolePolicy", &apps), deny_all_but("iam:PassRole", &iam("role/web-*"))].join(",");
    assert_eq!(ways(&format!("{},{apart}", allow(launch, "*", ""))), NONE, "none is left to both");
}

#[test]
fn what_a_boundary_names_can_be_filled_and_taken_on() {
    let apps = |actions: &str| allow(actions, &iam("role/app-*"), "");
    let within = |boundary: &str| open(&bounded("role/app", ALL, boundary));
    let three = "iam:CreateRole iam:PutRolePolicy sts:AssumeRole";
    let fill = ["iam:CreateRole+iam:PutRolePolicy", "iam:PutRolePolicy+sts:AssumeRole"];
    assert_eq!(within(&apps(three)), fill);
    assert_eq!(open(&bounded("role/app", &allow(three, "*", ""), &apps(three))), fill);
    assert_eq!(within(&apps("iam:CreateRole sts:AssumeRole")), NONE);
    assert_eq!(within(&apps("iam:PutRolePolicy")), NONE, "it cannot take it on");
    let capped = allow("iam:CreateRole iam:PutRolePolicy", &iam("role/app-*"), &cap("StringEquals", "cap"));
    assert_eq!(within(&format!("{capped},{}", apps("sts:AssumeRole"))), NONE, "what it creates is capped");
    assert_eq!(open(&bounded("role/app", &allow("s3:*", "*", ""), &apps(three))), NONE, "a boundary gives nothing");
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate>
#[test]
fn a_policy_that_is_there_is_not_made_again() {
    let required = cap("StringEquals", "XCompanyBoundaries");
    let create = "iam:AttachUserPolicy iam:CreateUser iam:DetachUserPolicy iam:PutUserPermissionsBoundary iam:PutUserPolicy";
    let tasks = "cloudwatch:* iam:CreatePolicy iam:CreatePolicyVersion iam:SetDefaultPolicyVersion iam:List*";
    let edits = "iam:CreatePolicyVersion iam:DeletePolicy iam:DeletePolicyVersion iam:SetDefaultPolicyVersion";
    let both = format!("{} {}", iam("policy/XCompanyBoundaries"), iam("policy/cap"));
    let zhang = |edits: &str| {
        let boundary = [allow(create, "*", &required), allow(tasks, "*", ""), deny(edits, &both, ""), deny("iam:DeleteUserPermissionsBoundary", "*", "")];
        bounded("user/Zhang", &allow("iam:*", "*", ""), &boundary.join(","))
    };
    let sheds = |identity: &Identity, names: &[&str]| sheds_boundary(identity, &weighed(&[], &policies(names))).unwrap().len();
    let there = ["policy/cap", "policy/XCompanyBoundaries"];
    assert_eq!(sheds(&zhang(edits), &there), 0);
    assert_eq!(sheds(&zhang(edits), &["policy/cap", "policy/old/xcompanyboundaries"]), 0, "names are not distinguished by path and case");
    assert_eq!(sheds(&zhang(edits), &["policy/cap"]), 1, "it can make the one that is missing");
    assert!(sheds(&zhang("iam:DeletePolicy"), &there) > 0, "it can rewrite it");
    let attach = allow("iam:AttachRolePolicy", "*", r#""ArnLike":{"iam:PolicyARN":"arn:aws:iam::111122223333:policy/app-*"}"#);
    let opens = |more: &str, names: &[&str]| {
        let targets = weighed(&[], &policies(names));
        escalations_among(&identity("role/app", &format!("{attach},{more}")), &targets).unwrap().len()
    };
    let (make, rewrite) = (allow("iam:CreatePolicy", "*", ""), allow("iam:CreatePolicyVersion", &iam("policy/app-*"), ""));
    assert_eq!(opens(&make, &["policy/app-web"]), 1, "another name is free");
    assert_eq!(opens(&rewrite, &["policy/app-web"]), 1, "one that is there");
    assert_eq!(opens(&rewrite, &["policy/web"]), 0, "there is none to rewrite");
}

#[test]
fn a_boundary_by_an_open_name_can_be_made() {
    let may = |condition: &str, more: &str| {
        let documents = [document(&format!("{},{more}", allow("iam:CreateRole iam:PutRolePolicy", "*", condition)))];
        let documents: Vec<&Document> = documents.iter().collect();
        undoes_boundaries(&documents, &[], &["iam:CreateRole", "iam:PutRolePolicy"])
    };
    let make = |resource: &str| allow("iam:CreatePolicy", resource, "");
    let (apps, open) = (iam("policy/app-*"), cap("ArnLike", "app-*"));
    assert_eq!(may(&open, &make(&apps)), Some("iam:CreatePolicy"));
    assert_eq!(may(&open, &make("*")), Some("iam:CreatePolicy"));
    assert_eq!(may(&open, &make(&iam("policy/app-dev-*"))), Some("iam:CreatePolicy"));
    assert_eq!(may(&open, &allow("iam:CreatePolicyVersion", &iam("policy/app-dev-*"), "")), Some("iam:CreatePolicyVersion"));
    assert_eq!(may(&open, &make(&iam("policy/web-*"))), None, "others");
    assert_eq!(may(&open, &format!("{},{}", make("*"), deny("iam:CreatePolicy", &apps, ""))), None, "denied");
    assert_eq!(may(&open, &format!("{},{}", make("*"), deny_all_but("iam:CreatePolicy", &iam("policy/web-*")))), None, "denied");
    assert_eq!(may(&cap("ArnLike", "cap"), &make("*")), None, "this one is there");
    assert_eq!(may(&cap("StringEquals", "app-*"), &make("*")), None, "no wildcard");
}

#[test]
fn a_deny_that_excepts_nothing_of_the_actions_own_leaves_nothing() {
    let left = |excepted: &str, action: &str| {
        let document = document(&format!("{},{}", allow("iam:*", "*", ""), deny_all_but("iam:*", excepted)));
        allows_anywhere(&[&document], action).is_yes()
    };
    assert!(!left("arn:aws:s3:::x", "iam:CreateRole"));
    assert!(!left(&iam("user/x"), "iam:CreateRole"), "a user is no role");
    assert!(left(&iam("user/x"), "iam:CreateUser"));
    assert!(left(&iam("role/app-*"), "iam:CreateRole"));
    assert!(left("*", "iam:CreateRole"));
    assert!(left("arn:aws:*", "iam:CreateRole"));
}

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
#[test]
fn who_is_named_by_the_trust_needs_no_policy() {
    let quiet = allow("s3:GetObject", "*", "");
    let app = iam("role/app");
    let trusting = |principal: &str, more: &str| [member("role/Admin", ALL, Some(&format!(r#""Principal":{{"AWS":"{principal}"}}{more}"#)))];
    let way = ["sts:AssumeRole Admin"];
    assert_eq!(among(&quiet, &trusting(&app, "")).unwrap(), way);
    assert_eq!(among(&quiet, &trusting("*", "")).unwrap(), way);
    assert_eq!(among(&quiet, &trusting(&app, r#","Condition":{"StringEquals":{"sts:ExternalId":"x"}}"#)).unwrap(), way);
    assert_eq!(among(&quiet, &[member("role/Admin", ALL, Some(ROOT))]).unwrap(), NONE, "the account is not the role");
    assert_eq!(among(&quiet, &trusting(&iam("role/other"), "")).unwrap(), NONE);
    let elsewhere = format!(r#","Condition":{{"ArnEquals":{{"aws:PrincipalArn":"{}"}}}}"#, iam("role/other"));
    assert_eq!(among(&quiet, &trusting("*", &elsewhere)).unwrap(), NONE);
    let unclear = r#","Condition":{"StringEquals":{"aws:PrincipalTag/team":"x"}}"#;
    assert!(among(&quiet, &trusting(&app, unclear)).is_err());
    for denied in ["*".to_owned(), iam("role/Admin")] {
        assert_eq!(among(&format!("{quiet},{}", deny("sts:*", &denied, "")), &trusting(&app, "")).unwrap(), NONE, "{denied}");
    }
    let fill = allow("iam:PutRolePolicy", &iam("role/job"), "");
    let job = [member("role/job", &quiet, Some(&format!(r#""Principal":{{"AWS":"{app}"}}"#)))];
    assert_eq!(among(&fill, &job).unwrap(), ["iam:PutRolePolicy+sts:AssumeRole"], "once it is filled");
    let capped = |own: &str, cap: &str| {
        let targets = weighed(&trusting(&iam(own), ""), &[]);
        escalations_among(&bounded(own, &quiet, cap), &targets).unwrap().len()
    };
    assert_eq!(capped("role/app", &quiet), 0, "a boundary limits what a role is given by its ARN");
    assert_eq!(capped("role/app", ALL), 1);
    assert_eq!(capped("user/alice", &quiet), 1, "and not what a user is");
    assert_eq!(capped("user/alice", &format!("{ALL},{}", deny("sts:AssumeRole", "*", ""))), 0);
}

#[test]
fn a_policy_of_anothers_is_rewritten_for_a_service_too() {
    let mut job = identity("role/w", &allow("s3:GetObject", "*", ""));
    job.own.push(iam("policy/m"));
    let job = |trust: &str| [Member { identity: Ok(job.clone()), ..member("role/w", "", Some(trust)) }];
    let rewrite = allow("iam:CreatePolicyVersion", &iam("policy/m"), "");
    let launch = allow("lambda:CreateFunction lambda:InvokeFunction", "*", "");
    let pass = allow("iam:PassRole", &iam("role/w"), "");
    let all = [rewrite.clone(), launch.clone(), pass.clone()].join(",");
    assert_eq!(among(&all, &job(LAMBDA)).unwrap(), ["iam:CreatePolicyVersion of another's policy w"]);
    assert_eq!(among(&all, &job(EC2)).unwrap(), NONE, "it does not trust Lambda");
    assert_eq!(among(&format!("{launch},{pass}"), &job(LAMBDA)).unwrap(), NONE, "it has no power yet");
    assert_eq!(among(&format!("{rewrite},{launch}"), &job(LAMBDA)).unwrap(), NONE, "it is not passed");
}

#[test]
fn anothers_boundary_comes_off_in_more_ways_than_one() {
    let capped = |name: &str, trust: Option<&str>| {
        [Member { identity: Ok(bounded(name, ALL, &allow("s3:*", "*", ""))), ..member(name, ALL, trust) }]
    };
    let role = capped("role/Admin", Some(ROOT));
    let assume = allow("sts:AssumeRole", &iam("role/Admin"), "");
    let and = |actions: &str, on: &str| among(&format!("{assume},{}", allow(actions, &iam(on), "")), &role).unwrap();
    assert_eq!(and("iam:PutRolePermissionsBoundary", "role/Admin"), ["iam:PutRolePermissionsBoundary of another Admin"]);
    assert_eq!(and("iam:DeleteRolePermissionsBoundary", "role/Admin"), ["iam:DeleteRolePermissionsBoundary of another Admin"]);
    assert_eq!(and("iam:CreatePolicyVersion", "policy/cap"), ["iam:CreatePolicyVersion of another's permissions boundary Admin"]);
    assert_eq!(and("iam:SetDefaultPolicyVersion", "policy/cap"), ["iam:SetDefaultPolicyVersion of another's permissions boundary Admin"]);
    assert_eq!(and("iam:CreatePolicyVersion", "policy/other"), NONE);
    assert_eq!(and("iam:DeleteUserPermissionsBoundary", "role/Admin"), NONE, "a role is no user");
    let same = allow("iam:PutRolePermissionsBoundary", "*", &cap("StringEquals", "cap"));
    assert_eq!(among(&format!("{assume},{same}"), &role).unwrap(), NONE, "only the same again");
    let off = |name: &str| format!("{assume},{}", allow("iam:DeleteRolePermissionsBoundary", "*", &cap("StringEquals", name)));
    assert_eq!(among(&off("cap"), &role).unwrap(), ["iam:DeleteRolePermissionsBoundary of another Admin"], "the one that it has");
    assert_eq!(among(&off("other"), &role).unwrap(), NONE);
    let service = [allow("iam:DeleteRolePermissionsBoundary iam:PassRole", &iam("role/Admin"), ""), allow("lambda:CreateFunction lambda:InvokeFunction", "*", "")];
    assert_eq!(among(&service.join(","), &capped("role/Admin", Some(LAMBDA))).unwrap(), ["iam:DeleteRolePermissionsBoundary of another Admin"]);
    let user = |actions: &str| among(&allow(actions, &iam("user/Admin"), ""), &capped("user/Admin", None)).unwrap();
    assert_eq!(user("iam:DeleteUserPermissionsBoundary iam:CreateAccessKey"), ["iam:DeleteUserPermissionsBoundary of another Admin"]);
    assert_eq!(user("iam:PutUserPermissionsBoundary iam:UpdateLoginProfile"), ["iam:PutUserPermissionsBoundary of another Admin"]);
    assert_eq!(user("iam:CreateAccessKey"), NONE, "it stays capped");
    assert_eq!(user("iam:DeleteUserPermissionsBoundary"), NONE, "it cannot be had");
}

#[test]
fn a_boundary_that_can_come_off_again_caps_nothing_that_is_made() {
    let apps = iam("role/app-*");
    let make = allow("iam:CreateRole iam:AttachRolePolicy", &apps, &cap("StringEquals", "cap"));
    let with = |more: &str, on: &str| ways(&format!("{make},{},{}", allow("sts:AssumeRole", &apps, ""), allow(more, on, "")));
    let fill = ["iam:CreateRole+iam:AttachRolePolicy", "iam:AttachRolePolicy+sts:AssumeRole"];
    assert_eq!(with("iam:DeleteRolePermissionsBoundary", &apps), fill);
    assert_eq!(with("iam:PutRolePermissionsBoundary", &apps), fill);
    assert_eq!(with("iam:CreatePolicyVersion", &iam("policy/cap")), fill);
    assert_eq!(with("s3:GetObject", "*"), NONE);
    assert_eq!(with("iam:DeleteRolePermissionsBoundary", &iam("role/web-*")), NONE, "of others");
    assert_eq!(with("iam:DeleteUserPermissionsBoundary", "*"), NONE, "of users");
    let within = |off: &str| {
        let off = allow("iam:DeleteRolePermissionsBoundary", &iam(off), "");
        open(&bounded("role/app", &allow("iam:* sts:*", "*", ""), &format!("{make},{},{off}", allow("sts:AssumeRole", &apps, ""))))
    };
    assert_eq!(within("role/app-*"), fill, "its own boundary lets it");
    assert_eq!(within("role/web-*"), NONE, "its own boundary lets it for others");
    let users = iam("user/app-*");
    let make = allow("iam:PutUserPolicy", &users, &cap("ArnEquals", "cap"));
    let user = |more: &str| ways(&format!("{make},{}", allow(more, &users, "")));
    assert_eq!(user("iam:CreateAccessKey iam:DeleteUserPermissionsBoundary"), ["iam:PutUserPolicy+iam:CreateAccessKey"]);
    assert_eq!(user("iam:CreateAccessKey"), NONE);
}
