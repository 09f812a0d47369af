//! The ways to more power: what an attacker may choose, on what an action is authorised, and what is known of the account's others.

use super::*;

const ACCOUNT: &str = "111122223333";

pub fn allow(actions: &str, resource: &str, condition: &str) -> String {
    let list = |text: &str| text.split(' ').map(|one| format!("{one:?}")).collect::<Vec<_>>().join(",");
    let (actions, resource) = (list(actions), list(resource));
    format!(r#"{{"Effect":"Allow","Action":[{actions}],"Resource":[{resource}],"Condition":{{{condition}}}}}"#)
}

pub fn deny(actions: &str, resource: &str, condition: &str) -> String {
    allow(actions, resource, condition).replace("Allow", "Deny")
}

pub fn iam(resource: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{resource}")
}

/// `role/app`, `user/dev/alice` with these statements.
pub fn identity(name: &str, statements: &str) -> Identity {
    Identity {
        policies: vec![("p".into(), document(statements))],
        own: vec![iam(name)],
        context: Context::of(ACCOUNT, "aws"),
        ..Identity::default()
    }
}

pub fn bounded(name: &str, statements: &str, boundary: &str) -> Identity {
    Identity {
        boundary: Some(document(boundary)),
        boundary_arn: Some(iam("policy/cap")),
        ..identity(name, statements)
    }
}

pub fn open(identity: &Identity) -> Vec<&'static str> {
    escalations(identity).unwrap().into_iter().map(|e| e.path).collect()
}

pub fn ways(statements: &str) -> Vec<&'static str> {
    open(&identity("role/app", statements))
}

pub fn member(name: &str, statements: &str, trust: Option<&str>) -> Member {
    let trust = trust.map(|t| Ok(document(&format!(r#"{{"Effect":"Allow","Action":"sts:AssumeRole",{t}}}"#))));
    Member { arn: iam(name), identity: Ok(identity(name, statements)), trust }
}

pub const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
pub const LAMBDA: &str = r#""Principal":{"Service":"lambda.amazonaws.com"}"#;
pub const EC2: &str = r#""Principal":{"Service":"ec2.amazonaws.com"}"#;
pub const ROOT: &str = r#""Principal":{"AWS":"arn:aws:iam::111122223333:root"}"#;

/// What is open to `role/app` with these statements among the others, with the target's name; an error as one text.
pub fn among(statements: &str, others: &[Member]) -> Result<Vec<String>, String> {
    let targets = weighed(others, &[]);
    let found = escalations_among(&identity("role/app", statements), &targets)?;
    let on = |e: Escalation| e.on.map(|arn| arn.rsplit('/').next().unwrap_or_default().to_owned());
    Ok(found.into_iter().map(|e| format!("{} {}", e.path, on(e.clone()).unwrap_or_default()).trim().to_owned()).collect())
}

#[test]
fn a_condition_on_the_policy_closes_only_when_no_choice_gets_past_it() {
    // semantics 61
    let arn = |operator: &str, value: &str| format!(r#""{operator}":{{"iam:PolicyARN":"{value}"}}"#);
    let attach = |condition: &str| allow("iam:AttachRolePolicy", "*", condition);
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    let own = "arn:aws:iam::111122223333:policy/*";
    let make = |resource: &str| allow("iam:CreatePolicy", resource, "");
    let rows = [
        (true, attach(&arn("ArnNotEquals", admin)), "all but one"),
        (true, format!("{},{}", attach(""), deny("iam:AttachRolePolicy", "*", &arn("ArnEquals", admin))), "one is denied"),
        (true, attach(&arn("ArnEquals", "arn:aws:iam::aws:policy/IAMFullAccess")), "IAMFullAccess"),
        (true, attach(&arn("StringLike", "arn:aws:iam::aws:policy/Power*")), "PowerUserAccess"),
        (true, format!("{},{}", attach(&arn("ArnLike", own)), make("*")), "one of its own making"),
        (true, format!("{},{}", attach(&arn("ArnLike", own)), allow("iam:CreatePolicyVersion", &iam("policy/app"), "")), "one that it rewrites"),
        (true, format!("{},{}", attach(&arn("ArnLike", &iam("policy/app-*"))), make(&iam("policy/app-*"))), "by a common name"),
        (false, attach(&arn("ArnLike", own)), "it can make none"),
        (false, format!("{},{}", attach(&arn("ArnLike", &iam("policy/web-*"))), make(&iam("policy/app-*"))), "others than it can make"),
        (false, format!("{},{},{}", attach(&arn("ArnLike", own)), make("*"), deny("iam:CreatePolicy", "*", "")), "making is denied"),
        (false, attach(&arn("ArnEquals", "arn:aws:iam::aws:policy/ReadOnlyAccess")), "a harmless one"),
        (false, format!("{},{}", attach(""), deny("iam:AttachRolePolicy", "*", &arn("ArnNotEquals", "arn:aws:iam::aws:policy/ReadOnlyAccess"))), "all but a harmless one are denied"),
    ];
    for (is_open, statements, why) in rows {
        assert_eq!(ways(&statements).contains(&"iam:AttachRolePolicy"), is_open, "{why}: {statements}");
    }
}

#[test]
fn a_customers_policy_with_power_is_a_choice_too() {
    // semantics 61
    let statements = allow("iam:AttachRolePolicy", "*", r#""ArnEquals":{"iam:PolicyARN":"arn:aws:iam::111122223333:policy/ops"}"#);
    let ask = |text: &str| {
        let ops = Managed { arn: iam("policy/ops"), document: Ok(document(text)), versions: 1 };
        let targets = weighed(&[], &[ops]);
        escalations_among(&identity("role/app", &statements), &targets).unwrap().len()
    };
    assert_eq!(ask(ALL), 1);
    assert_eq!(ask(&allow("s3:GetObject", "*", "")), 0);
}

#[test]
fn partitions_have_their_own_names() {
    // semantics 62
    let of = |partition: &str, statements: String| {
        let own = vec![format!("arn:{partition}:iam::{ACCOUNT}:role/app")];
        open(&Identity { own, context: Context::of(ACCOUNT, partition), ..identity("role/app", &statements) })
    };
    let attach = |value: &str| allow("iam:AttachRolePolicy", "*", &format!(r#""ArnLike":{{"iam:PolicyARN":"{value}"}}"#));
    assert_eq!(of("aws-us-gov", attach("arn:aws-us-gov:iam::aws:policy/*")), ["iam:AttachRolePolicy"]);
    assert_eq!(of("aws-cn", attach("arn:aws-cn:iam::aws:policy/*")), ["iam:AttachRolePolicy"]);
    assert_eq!(of("aws-us-gov", attach("arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess")), [""; 0]);
    let pass = |operator: &str, service: &str| {
        let condition = format!(r#""{operator}":{{"iam:PassedToService":"{service}"}}"#);
        format!("{},{}", allow("iam:PassRole", "*", &condition), allow("ec2:RunInstances", "*", ""))
    };
    let launch = ["iam:PassRole+ec2:RunInstances"];
    for service in ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"] {
        assert_eq!(of("aws-cn", pass("StringEquals", service)), launch, "{service}");
    }
    assert_eq!(of("aws-cn", pass("StringEquals", "lambda.amazonaws.com.cn")), [""; 0]);
    assert_eq!(of("aws", pass("StringEquals", "ec2.amazonaws.com.cn")), [""; 0]);
    assert_eq!(of("aws-us-gov", pass("StringLike", "ec2.*")), launch);
}

#[test]
fn a_boundary_caps_only_as_long_as_it_stands() {
    // semantics 63
    let cap = |more: &str| format!("{},{more}", allow("s3:*", "*", ""));
    let admin = |boundary: &str| open(&bounded("role/app", ALL, boundary));
    assert_eq!(admin(&cap(&allow("iam:DeleteRolePermissionsBoundary", "*", ""))), ["iam:DeleteRolePermissionsBoundary on itself"]);
    assert_eq!(admin(&cap(&allow("iam:PutRolePermissionsBoundary", "*", ""))), ["iam:PutRolePermissionsBoundary on itself"]);
    assert_eq!(admin(&cap(&allow("iam:CreatePolicyVersion", &iam("policy/cap"), ""))), ["iam:CreatePolicyVersion of its permissions boundary"]);
    assert_eq!(admin(&cap(&allow("iam:SetDefaultPolicyVersion", &iam("policy/cap"), ""))), ["iam:SetDefaultPolicyVersion of its permissions boundary"]);
    let user = |boundary: &str| open(&bounded("user/dev/alice", ALL, boundary));
    assert_eq!(user(&cap(&allow("iam:DeleteUserPermissionsBoundary", &iam("user/dev/${aws:username}"), ""))), ["iam:DeleteUserPermissionsBoundary on itself"]);
    let none = [""; 0];
    assert_eq!(admin(&cap(&allow("iam:DeleteRolePermissionsBoundary", &iam("role/other"), ""))), none, "another's");
    assert_eq!(admin(&cap(&allow("iam:DeleteUserPermissionsBoundary", "*", ""))), none, "a role is no user");
    assert_eq!(admin(&cap(&allow("iam:CreatePolicyVersion", &iam("policy/other"), ""))), none, "another policy");
    assert_eq!(admin(&allow("s3:*", "*", "")), none, "the boundary does not allow it");
    let same = r#""StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/cap"}"#;
    assert_eq!(admin(&cap(&allow("iam:PutRolePermissionsBoundary", "*", same))), none, "only the same again");
    let denied = format!("{ALL},{}", deny("iam:*Boundary", "*", ""));
    let may = cap(&allow("iam:DeleteRolePermissionsBoundary", "*", ""));
    assert_eq!(open(&bounded("role/app", &denied, &may)), none, "a Deny of its own");
    let little = allow("s3:GetObject iam:DeleteRolePermissionsBoundary", "*", "");
    assert_eq!(open(&bounded("role/app", &little, &may)), none, "without the boundary it has no power either");
    assert_eq!(sheds_boundary(&bounded("role/app", &little, &may), &Targets::default()).unwrap().len(), 1, "yet it can go");
}

#[test]
fn a_username_is_the_name_without_the_path() {
    // semantics 65
    let of = |resource: &str, user: &str| open(&identity(user, &allow("iam:PutUserPolicy", resource, "")));
    let itself = ["iam:PutUserPolicy on itself"];
    for resource in [
        "arn:aws:iam::111122223333:user/dev/${aws:username}",
        "arn:aws:iam::*:user/*/${aws:username}",
        "arn:aws:iam::${aws:PrincipalAccount}:user/dev/${aws:username}",
        "arn:aws:iam::*:user/dev/a*",
    ] {
        assert_eq!(of(resource, "user/dev/alice"), itself, "{resource}");
    }
    assert_eq!(of("arn:aws:iam::*:user/${aws:username}", "user/alice"), itself);
    for resource in ["arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/ops/${aws:username}", "arn:aws:iam::*:user/*/${aws:PrincipalTag/name}"] {
        assert_eq!(of(resource, "user/dev/alice"), [""; 0], "{resource}");
    }
}

#[test]
fn a_key_counts_only_for_actions_that_have_it() {
    // semantics 67
    let both = |pass: &str| format!("{},{}", allow("iam:PassRole", "*", pass), allow("lambda:CreateFunction lambda:InvokeFunction", "*", ""));
    for key in ["iam:ResourceTag/team", "aws:ResourceTag/team"] {
        let tagged = identity("role/app", &both(&format!(r#""StringEquals":{{"{key}":"data"}}"#)));
        assert!(escalations(&tagged).is_err(), "{key} says nothing sure of a role that is passed");
        assert_eq!(ways(&both(&format!(r#""StringEqualsIfExists":{{"{key}":"data"}}"#))).len(), 1, "{key} may be absent");
    }
    // PutRolePolicy names no policy: a condition on one is never met, or always.
    let put = |operator: &str| ways(&allow("iam:PutRolePolicy", "*", &format!(r#""{operator}":{{"iam:PolicyARN":"arn:aws:iam::aws:policy/*"}}"#)));
    assert_eq!(put("ArnLike"), [""; 0]);
    assert_eq!(put("ArnNotLike"), ["iam:PutRolePolicy"]);
    assert_eq!(put("ArnLikeIfExists"), ["iam:PutRolePolicy"]);
    let profile = |value: &str| {
        let launch = allow("ec2:RunInstances", "*", &format!(r#""ArnLike":{{"ec2:InstanceProfile":"{value}"}}"#));
        format!("{},{launch}", allow("iam:PassRole", "*", ""))
    };
    let admin = [member("role/Admin", ALL, Some(EC2))];
    let launch = "iam:PassRole+ec2:RunInstances";
    assert_eq!(among(&profile(&iam("instance-profile/*")), &admin).unwrap(), [launch], "any profile");
    assert_eq!(among(&profile(&iam("instance-profile/Admin")), &admin).unwrap(), [format!("{launch} Admin")]);
    assert_eq!(among(&profile(&iam("instance-profile/web")), &admin).unwrap(), [""; 0], "the key decides the role");
}

#[test]
fn a_named_target_is_what_the_account_says_that_it_is() {
    // semantics 68
    let code = allow("lambda:CreateFunction lambda:InvokeFunction", "*", "");
    let pass = |role: &str| format!("{},{code}", allow("iam:PassRole", &iam(role), ""));
    let quiet = allow("s3:GetObject", "*", "");
    let way = "iam:PassRole+lambda:CreateFunction+lambda:InvokeFunction Admin";
    let admin = |trust| [member("role/Admin", ALL, Some(trust)), member("role/quiet", &quiet, Some(LAMBDA))];
    assert_eq!(among(&pass("role/Admin"), &admin(LAMBDA)).unwrap(), [way]);
    assert_eq!(among(&pass("role/A*"), &admin(LAMBDA)).unwrap(), [way], "by a pattern too");
    assert_eq!(among(&pass("role/Admin"), &admin(EC2)).unwrap(), [""; 0], "it does not trust Lambda");
    assert_eq!(among(&pass("role/quiet"), &admin(LAMBDA)).unwrap(), [""; 0], "a harmless role");
    let almost = [member("role/Admin", &allow("iam:PutRolePolicy", "*", ""), Some(LAMBDA))];
    assert_eq!(among(&pass("role/Admin"), &almost).unwrap(), [way], "one that can make itself administrator");
    let chain = [
        member("role/Admin", &format!("{},{code}", allow("iam:PassRole", &iam("role/root"), "")), Some(LAMBDA)),
        member("role/root", ALL, Some(LAMBDA)),
    ];
    assert_eq!(among(&pass("role/Admin"), &chain).unwrap(), [way], "one that can by way of another");
    let missing = Member { identity: Err("policy p is missing".into()), ..member("role/Admin", ALL, Some(LAMBDA)) };
    assert!(among(&pass("role/Admin"), &[missing]).is_err(), "what is not known is not harmless");
}

#[test]
fn a_role_is_assumed_where_its_trust_lets_in() {
    // semantics 68
    let assume = allow("sts:AssumeRole", &iam("role/Admin"), "");
    let trusted = |trust: &str| among(&assume, &[member("role/Admin", ALL, Some(trust))]);
    let way = ["sts:AssumeRole Admin"];
    assert_eq!(trusted(ROOT).unwrap(), way);
    assert_eq!(trusted(r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/app"}"#).unwrap(), way);
    assert_eq!(trusted(&format!(r#"{ROOT},"Condition":{{"Bool":{{"aws:MultiFactorAuthPresent":"true"}}}}"#)).unwrap(), way);
    assert_eq!(trusted(&format!(r#"{ROOT},"Condition":{{"ArnEquals":{{"aws:PrincipalArn":"{}"}}}}"#, iam("role/app"))).unwrap(), way);
    let none = [""; 0];
    assert_eq!(trusted(LAMBDA).unwrap(), none);
    assert_eq!(trusted(r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/other"}"#).unwrap(), none);
    assert_eq!(trusted(r#""Principal":{"AWS":"222233334444"}"#).unwrap(), none);
    assert_eq!(trusted(&format!(r#"{ROOT},"Condition":{{"ArnEquals":{{"aws:PrincipalArn":"{}"}}}}"#, iam("role/x"))).unwrap(), none);
    assert!(trusted(&format!(r#"{ROOT},"Condition":{{"StringEquals":{{"aws:PrincipalTag/admin":"true"}}}}"#)).is_err());
    let others = |action: &str, on: &str, target: Member| among(&allow(action, &iam(on), ""), &[target]).unwrap();
    assert_eq!(others("iam:UpdateAssumeRolePolicy", "role/Admin", member("role/Admin", ALL, Some(EC2))), ["iam:UpdateAssumeRolePolicy Admin"]);
    assert_eq!(others("iam:AddUserToGroup", "group/admins", member("group/admins", ALL, None)), ["iam:AddUserToGroup admins"]);
    assert_eq!(others("iam:CreateAccessKey", "user/root", member("user/root", ALL, None)), ["iam:CreateAccessKey root"]);
    assert_eq!(others("iam:CreateLoginProfile", "user/*", member("user/root", ALL, None)), ["iam:CreateLoginProfile"], "all users");
    assert_eq!(others("iam:AddUserToGroup", "group/readers", member("group/admins", ALL, None)), none);
    assert_eq!(others("iam:CreateAccessKey", "user/bot", member("user/bot", &allow("s3:*", "*", ""), None)), none);
}

#[test]
fn a_boundary_or_a_policy_of_another_is_a_way_into_it() {
    // semantics 64
    let capped = Member {
        identity: Ok(bounded("role/Admin", ALL, &allow("s3:*", "*", ""))),
        ..member("role/Admin", ALL, Some(ROOT))
    };
    let both = allow("iam:DeleteRolePermissionsBoundary sts:AssumeRole", &iam("role/Admin"), "");
    assert_eq!(among(&both, std::slice::from_ref(&capped)).unwrap(), ["iam:DeleteRolePermissionsBoundary of another Admin"]);
    assert_eq!(among(&allow("sts:AssumeRole", &iam("role/Admin"), ""), &[capped]).unwrap(), [""; 0]);
    let mut other = identity("role/job", &allow("s3:GetObject", "*", ""));
    other.own.push(iam("policy/job"));
    let other = Member { identity: Ok(other), ..member("role/job", "", Some(ROOT)) };
    let rewrite = format!("{},{}", allow("iam:CreatePolicyVersion", &iam("policy/job"), ""), allow("sts:AssumeRole", &iam("role/job"), ""));
    assert_eq!(among(&rewrite, std::slice::from_ref(&other)).unwrap(), ["iam:CreatePolicyVersion of another's policy job"]);
    assert_eq!(among(&allow("iam:CreatePolicyVersion", &iam("policy/job"), ""), &[other]).unwrap(), [""; 0]);
}

#[test]
fn what_runs_already_is_doubtful_where_it_may_run_with_power() {
    let update = allow("lambda:UpdateFunctionCode", "arn:aws:lambda:*:*:function:app", "");
    assert!(among(&update, &[member("role/Admin", ALL, Some(LAMBDA))]).is_err());
    assert_eq!(among(&update, &[member("role/Admin", ALL, Some(EC2))]).unwrap(), [""; 0], "no function has power");
    assert_eq!(among(&update, &[]).unwrap(), [""; 0]);
    assert_eq!(ways(&allow("lambda:UpdateFunctionCode", "*", "")), ["lambda:UpdateFunctionCode"]);
}

#[test]
fn filling_a_role_that_lets_nobody_in_leads_nowhere() {
    let fill = allow("iam:PutRolePolicy sts:AssumeRole", &iam("role/job"), "");
    let job = |trust: &str| [member("role/job", &allow("s3:GetObject", "*", ""), Some(trust))];
    assert_eq!(among(&fill, &job(ROOT)).unwrap(), ["iam:PutRolePolicy+sts:AssumeRole"]);
    assert_eq!(among(&fill, &job(EC2)).unwrap(), [""; 0]);
    assert_eq!(among(&fill, &[]).unwrap(), ["iam:PutRolePolicy+sts:AssumeRole"]);
    let pass = format!("{},{}", allow("iam:PutRolePolicy iam:PassRole", &iam("role/job"), ""), allow("ec2:RunInstances", "*", ""));
    assert_eq!(among(&pass, &job(EC2)).unwrap(), ["iam:PutRolePolicy+iam:PassRole"]);
    assert_eq!(among(&pass, &job(LAMBDA)).unwrap(), [""; 0]);
}

#[test]
fn an_action_on_a_node_and_a_document_needs_both() {
    // semantics 69
    let nodes = "arn:aws:ec2:*:*:instance/*";
    let on = |action: &str, more: &str| ways(&allow(action, format!("{nodes} {more}").trim(), ""));
    let send = ["ssm:SendCommand"];
    for document in ["AWS-RunShellScript", "AWS-RunPowerShellScript", "AWS-RunDocument", "AWS-Run*", "*"] {
        assert_eq!(on("ssm:SendCommand", &format!("arn:aws:ssm:*:*:document/{document}")), send, "{document}");
    }
    assert_eq!(on("ssm:SendCommand", "arn:aws:ssm:eu-west-1::document/AWS-RunShellScript"), send);
    for document in ["AWSEC2-CreateVssSnapshot", "AWS-RestartEC2Instance", "AWS-UpdateSSMAgent"] {
        assert_eq!(on("ssm:SendCommand", &format!("arn:aws:ssm:*:*:document/{document}")), [""; 0], "{document}");
    }
    assert_eq!(on("ssm:SendCommand", ""), [""; 0], "no document");
    assert_eq!(ways(&allow("ssm:SendCommand", "arn:aws:ssm:*:*:document/*", "")), [""; 0], "no node");
    assert_eq!(ways(&allow("ssm:SendCommand", "*", "")), send);
    let closed = deny("ssm:SendCommand", "arn:aws:ssm:*:*:document/*", "");
    assert_eq!(ways(&format!("{},{closed}", allow("ssm:SendCommand", "*", ""))), [""; 0], "documents are denied");
    let own = allow("ssm:SendCommand", &format!("{nodes} arn:aws:ssm:*:111122223333:document/deploy-*"), "");
    assert!(escalations(&identity("role/app", &own)).is_err(), "what a document of one's own does is not in the policy");
    let written = allow("ssm:CreateDocument", "arn:aws:ssm:*:111122223333:document/deploy-*", "");
    assert_eq!(ways(&format!("{own},{written}")), send);
    assert_eq!(on("ssm:StartSession", "arn:aws:ssm:*:*:document/SSM-SessionManagerRunShell"), ["ssm:StartSession"]);
    assert_eq!(on("ssm:StartSession", "arn:aws:ssm:*:*:document/AWS-StartPortForwardingSession"), [""; 0]);
    assert_eq!(ways(&allow("ssm:CreateAssociation", "arn:aws:ssm:*:*:document/AWS-RunShellScript arn:aws:ssm:*:*:association/*", "")), ["ssm:CreateAssociation"]);
}

#[test]
fn a_run_names_its_own_role_and_command() {
    // semantics 66
    let pass = allow("iam:PassRole", "*", r#""StringEquals":{"iam:PassedToService":"ecs-tasks.amazonaws.com"}"#);
    assert_eq!(ways(&format!("{pass},{}", allow("ecs:RunTask", "*", ""))), ["iam:PassRole+ecs:RunTask"]);
    assert_eq!(ways(&allow("ecs:RunTask", "*", "")), [""; 0]);
}
