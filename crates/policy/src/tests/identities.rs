//! Identity policies: everything everywhere, administrators, and the ways to become one.

use super::Answer::{No, Unsure, Yes};
use super::*;

fn allow(action: &str, resource: &str, condition: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":{action},"Resource":{resource},"Condition":{{{condition}}}}}"#)
}

const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

fn deny(action: &str, resource: &str, condition: &str) -> String {
    allow(action, resource, condition).replace("Allow", "Deny")
}

#[test]
fn decrypting_everywhere() {
    let any = |action: &str, resource: &str| allow(action, resource, "");
    let rows = [
        (Yes, any(r#""kms:Decrypt""#, r#""*""#), "*"),
        (Yes, any(r#""KMS:decrypt""#, r#""*""#), "no case"),
        (Yes, any(r#""kms:*""#, r#""arn:aws:kms:*:*:key/*""#), "every key"),
        (Yes, any(r#"["s3:GetObject","kms:De*"]"#, r#""arn:aws:kms:*:111122223333:key/*""#), "every key of the account"),
        (Yes, any(r#""kms:Decrypt""#, r#""arn:aws:kms:*:*:*""#), "every resource of the service"),
        (Yes, r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#.into(), "NotAction"),
        (Yes, r#"{"Effect":"Allow","Action":"kms:Decrypt","NotResource":"arn:aws:kms:us-east-1:111122223333:key/k"}"#.into(), "every key but one"),
        (Yes, allow(r#""kms:Decrypt""#, r#""*""#, r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#), "MFA says when, not which"),
        (Yes, format!("{ALL},{}", deny(r#""kms:Decrypt""#, r#""arn:aws:kms:us-east-1:111122223333:key/k""#, "")), "one key is denied"),
        (Yes, format!("{ALL},{}", deny(r#""*""#, r#""*""#, r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}"#)), "with MFA everything"),
        (Yes, format!("{ALL},{}", deny(r#""*""#, r#""*""#, r#""StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}"#)), "in one region everything"),
        (No, any(r#""kms:Decrypt""#, r#""arn:aws:kms:us-east-1:111122223333:key/k""#), "one key"),
        (No, any(r#""kms:Decrypt""#, r#""arn:aws:kms:us-east-1:111122223333:key/*""#), "one region"),
        (No, any(r#"["kms:*","s3:*"]"#, r#""arn:aws:s3:::*""#), "every bucket is no key"),
        (Yes, format!("{ALL},{}", deny(r#""kms:Decrypt""#, r#""arn:aws:kms:eu-west-1:*:key/*""#, "")), "denied in one region only"),
        (No, any(r#""kms:Encrypt""#, r#""*""#), "another action"),
        (No, r#"{"Effect":"Allow","NotAction":"kms:*","Resource":"*"}"#.into(), "NotAction leaves it out"),
        (No, allow(r#""kms:Decrypt""#, r#""*""#, r#""StringEquals":{"aws:ResourceTag/team":"red"}"#), "tagged keys"),
        (No, allow(r#""kms:Decrypt""#, r#""*""#, r#""ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/app"}"#), "keys with an alias"),
        (No, format!("{ALL},{}", deny(r#""kms:*""#, r#""*""#, "")), "denied"),
        (No, format!("{ALL},{}", deny(r#""kms:Decrypt""#, r#""arn:aws:kms:*:*:key/*""#, "")), "denied on every key"),
        (No, format!("{ALL},{}", deny(r#""kms:Decrypt""#, r#""*""#, r#""StringNotEquals":{"aws:ResourceTag/team":"red"}"#)), "only tagged keys are left"),
        (Yes, allow(r#""kms:Decrypt""#, r#""*""#, r#""StringEquals":{"kms:ViaService":"s3.us-east-1.amazonaws.com"}"#), "kms:ViaService says how, not on which keys"),
        (Unsure, format!("{ALL},{}", deny(r#""kms:Decrypt""#, r#""*""#, r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/admin"}"#)), "depends on who it is"),
    ];
    check(&rows, |d| allows_everywhere(&[d], "kms:Decrypt", &Context::default()));
}

#[test]
fn a_limit_that_a_request_without_the_key_meets_is_none() {
    // semantics 59
    let on = |condition: &str| allow(r#""kms:Decrypt""#, r#""*""#, condition);
    let not = |condition: &str| format!("{},{}", on(""), deny(r#""kms:Decrypt""#, r#""*""#, condition));
    let rows = [
        (Yes, on(r#""StringEqualsIfExists":{"aws:ResourceTag/team":"data"}"#), "most keys have no tag"),
        (Yes, on(r#""StringLikeIfExists":{"aws:ResourceTag/team":"data-*"}"#), "nor one that looks like it"),
        (Yes, on(r#""ForAllValues:StringEquals":{"kms:ResourceAliases":"alias/app"}"#), "none of none is another"),
        (Yes, on(r#""StringEqualsIfExists":{"kms:EncryptionContext:app":"web"}"#), "a ciphertext without a context"),
        (Yes, on(r#""ForAllValues:StringEquals":{"kms:EncryptionContextKeys":"app"}"#), "the same"),
        (Yes, on(r#""StringNotEquals":{"aws:ResourceTag/team":"data"}"#), "all but some"),
        (Yes, on(r#""Null":{"aws:ResourceTag/team":"true"}"#), "those without the tag"),
        (Yes, on(r#""Null":{"aws:ResourceTag/team":"false"}"#), "any value will do"),
        (Yes, on(r#""StringLike":{"aws:ResourceTag/team":"*"}"#), "the same in other words"),
        (Yes, on(r#""ForAnyValue:StringLike":{"kms:ResourceAliases":"alias/*"}"#), "any alias will do"),
        (Yes, on(r#""ForAnyValue:StringLike":{"kms:ResourceAliases":"alias*"}"#), "so will what any alias begins with"),
        (Yes, on(r#""ForAnyValue:StringLike":{"kms:ResourceAliases":"alias/?*"}"#), "the same"),
        (Yes, on(r#""StringLike":{"kms:EncryptionContext:app":"*?"}"#), "any context"),
        (No, on(r#""ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/*"}"#), "no alias has a star in it"),
        (Yes, on(r#""StringEqualsIfExists":{"iam:PassedToService":"ec2.amazonaws.com"}"#), "no such key here"),
        (No, on(r#""StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}"#), "which it would need"),
        (Yes, on(r#""StringEqualsIfExists":{"kms:RequestAlias":"alias/app"}"#), "called by its id"),
        (Yes, on(r#""StringEqualsIfExists":{"aws:SourceArn":"arn:aws:s3:::b"}"#), "called by itself"),
        (Yes, on(r#""StringEqualsIfExists":{"aws:CalledVia":"athena.amazonaws.com"}"#), "called directly"),
        (Yes, not(r#""ForAnyValue:StringNotEquals":{"kms:ResourceAliases":"alias/app"}"#), "no alias is denied nothing"),
        (Yes, not(r#""StringEquals":{"aws:ResourceTag/team":"data"}"#), "some are denied"),
        (No, not(r#""StringNotEquals":{"aws:ResourceTag/team":"data"}"#), "the others are denied, those without a tag too"),
        (No, not(r#""ForAllValues:StringNotEquals":{"kms:ResourceAliases":"alias/app"}"#), "the same with aliases"),
        (No, on(r#""ForAllValues:StringEquals":{"kms:ResourceAliases":"alias/app"},"Null":{"kms:ResourceAliases":"false"}"#), "and there must be one"),
        (No, on(r#""StringLike":{"aws:ResourceTag/team":"data-*"}"#), "tagged keys"),
        (No, on(r#""ForAnyValue:StringLike":{"kms:ResourceAliases":"alias/app-*"}"#), "keys with one of some aliases"),
    ];
    check(&rows, |d| allows_everywhere(&[d], "kms:Decrypt", &Context::default()));
    let admin = allow(r#""*""#, r#""*""#, r#""StringEqualsIfExists":{"aws:ResourceTag/team":"data"}"#);
    assert!(allows_everywhere(&[&document(&admin)], "*", &Context::default()).is_yes());
    assert_eq!(paths(&admin.replace(r#""Action":"*""#, r#""Action":["iam:PassRole","lambda:CreateFunction","lambda:InvokeFunction"]"#), None), ["iam:PassRole+lambda:CreateFunction+lambda:InvokeFunction"]);
}

#[test]
fn resources_are_those_of_the_account_and_of_the_actions_kind() {
    // semantics 71
    let here = Context::of("111122223333", "aws");
    let rows = [
        (Yes, "kms:Decrypt", r#""arn:aws:kms:*:111122223333:key/*""#, "every key"),
        (Yes, "kms:Decrypt", r#""arn:aws:kms:*:*:key/*""#, "of any account"),
        (Yes, "kms:Decrypt", r#""arn:*:kms:*:*:*""#, "of any partition"),
        (Yes, "kms:Decrypt", r#""arn:aws:kms:*:1111*:key/*""#, "of accounts like it"),
        (Yes, "kms:Decrypt", r#""arn:aws:*""#, "everything"),
        (Yes, "kms:Decrypt", r#"["arn:aws:kms:*:444455556666:key/*","arn:aws:kms:*:111122223333:key/*"]"#, "both"),
        (No, "kms:Decrypt", r#""arn:aws:kms:*:444455556666:key/*""#, "of another account"),
        (No, "kms:Decrypt", r#""arn:aws-cn:kms:*:*:key/*""#, "of another partition"),
        (No, "kms:Decrypt", r#""arn:aws:kms:*:*:alias/*""#, "aliases are no keys"),
        (No, "kms:*", r#""arn:aws:kms:*:*:alias/*""#, "nor is all of KMS with them"),
        (Yes, "kms:*", r#""arn:aws:kms:*:*:key/*""#, "what is done with keys"),
        (Yes, "sts:AssumeRole", r#""arn:aws:iam::*:role/*""#, "every role"),
        (No, "sts:AssumeRole", r#""arn:aws:iam::444455556666:role/*""#, "of another account"),
        (No, "sts:AssumeRole", r#""arn:aws:iam::111122223333:user/*""#, "no user is a role"),
        (No, "secretsmanager:*", r#""arn:aws:secretsmanager:*:444455556666:secret:*""#, "another's secrets"),
        (Yes, "s3:*", r#""arn:aws:s3:::*""#, "every bucket has no account in its name"),
    ];
    for (expected, action, resource, rule) in rows {
        let statement = allow(&format!("{action:?}"), resource, "");
        assert_eq!(answer(&allows_everywhere(&[&document(&statement)], action, &here)), expected, "{rule}: {statement}");
    }
    let owner = |operator: &str, value: &str| {
        allow(r#""kms:Decrypt""#, r#""*""#, &format!(r#""{operator}":{{"aws:ResourceAccount":"{value}"}}"#))
    };
    for (expected, operator, value) in [
        (No, "StringEquals", "444455556666"),
        (No, "StringNotEquals", "111122223333"),
        (Yes, "StringEquals", "111122223333"),
        (Yes, "StringNotEquals", "444455556666"),
    ] {
        let statement = owner(operator, value);
        assert_eq!(answer(&allows_everywhere(&[&document(&statement)], "kms:Decrypt", &here)), expected, "{statement}");
    }
}

#[test]
fn a_deny_of_all_but_some_leaves_those() {
    // semantics 70
    const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let but = |action: &str, list: &str, condition: &str| {
        deny(action, list, condition).replace(r#""Resource""#, r#""NotResource""#)
    };
    let decrypt = |deny: String| format!("{},{deny}", allow(r#""kms:Decrypt""#, r#""*""#, ""));
    let rows = [
        (No, decrypt(but(r#""kms:Decrypt""#, &format!("{KEY:?}"), "")), "one key is left"),
        (No, decrypt(but(r#""*""#, r#"["arn:aws:s3:::app","arn:aws:s3:::app/*"]"#, "")), "no key is left"),
        (No, decrypt(but(r#""kms:*""#, r#""arn:aws:kms:eu-west-1:111122223333:key/*""#, "")), "those of a region are left"),
        (Yes, decrypt(but(r#""kms:*""#, r#""arn:aws:kms:*:*:key/*""#, "")), "all are left"),
        (Yes, decrypt(but(r#""kms:*""#, r#"["arn:aws:s3:::*","*"]"#, "")), "the same"),
        (Yes, decrypt(but(r#""kms:*""#, &format!("{KEY:?}"), r#""Bool":{"aws:SecureTransport":"false"}"#)), "only without TLS"),
        (Yes, decrypt(but(r#""kms:Encrypt""#, &format!("{KEY:?}"), "")), "another action"),
    ];
    check(&rows, |d| allows_everywhere(&[d], "kms:Decrypt", &Context::default()));
    let app = format!("{ALL},{}", but(r#""*""#, r#"["arn:aws:s3:::app","arn:aws:s3:::app/*"]"#, ""));
    assert!(allows_everywhere(&[&document(&app)], "*", &Context::default()).is_no());
    assert_eq!(paths(&app, None), [""; 0]);
    let pass = allow(r#"["iam:PassRole","lambda:CreateFunction","lambda:InvokeFunction"]"#, r#""*""#, "");
    let one = but(r#""iam:PassRole""#, r#""arn:aws:iam::111122223333:role/app-lambda""#, "");
    assert_eq!(paths(&format!("{pass},{one}"), None), [""; 0]);
    let all = but(r#""iam:PassRole""#, r#""arn:aws:iam::111122223333:role/*""#, "");
    assert_eq!(paths(&format!("{pass},{all}"), None).len(), 1);
    let function = but(r#""lambda:*""#, r#""arn:aws:lambda:*:*:function:x""#, "");
    assert_eq!(paths(&format!("{pass},{function}"), None).len(), 1, "one function is enough to run");
}

#[test]
fn whole_services() {
    let rows = [
        (Yes, allow(r#""kms:*""#, r#""*""#, ""), "kms:*"),
        (Yes, ALL.into(), "*"),
        (Yes, format!("{},{}", allow(r#"["kms:C*","kms:D*","kms:G*","kms:L*"]"#, r#""*""#, ""), r#"{"Effect":"Allow","NotAction":["kms:C*","kms:D*","kms:G*","kms:L*"],"Resource":"*"}"#), "two statements together"),
        (No, allow(r#"["kms:Decrypt","kms:Encrypt"]"#, r#""*""#, ""), "two actions"),
        (No, allow(r#""kms:D*""#, r#""*""#, ""), "those with D"),
        (No, format!("{ALL},{}", deny(r#""kms:ScheduleKeyDeletion""#, r#""*""#, "")), "one is denied"),
        (No, allow(r#""s3:*""#, r#""*""#, ""), "another service"),
    ];
    check(&rows, |d| allows_everywhere(&[d], "kms:*", &Context::default()));
    let d = document(&allow(r#""cloudtrail:*""#, r#""*""#, ""));
    assert_eq!(allows_everywhere(&[&d], "cloudtrail:*", &Context::default()).reason(), "statement 1 allows cloudtrail:* on every resource");
}

fn identity(statements: &str, boundary: Option<&str>) -> Identity {
    Identity { policies: vec![("p".into(), document(statements))], boundary: boundary.map(document), context: Context::of("111122223333", "aws"), ..Identity::default() }
}

#[test]
fn administrators() {
    let rows = [
        (Yes, ALL.to_owned(), "AdministratorAccess"),
        (Yes, allow(r#""*:*""#, r#""*""#, ""), "*:*"),
        (Yes, r#"{"Effect":"Allow","NotAction":"aws-portal:*","Resource":"*"}"#.into(), "everything but billing"),
        (Yes, format!("{ALL},{}", deny(r#""organizations:*""#, r#""*""#, "")), "a Deny beside the point"),
        (Yes, format!("{ALL},{}", deny(r#"["iam:CreateUser","iam:DeleteUser"]"#, r#""*""#, "")), "can still make its own policies"),
        (Yes, format!("{ALL},{}", deny(r#""*""#, r#""*""#, r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}"#)), "with MFA"),
        (Yes, r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"},{"Effect":"Allow","Action":"iam:*","Resource":"*"}"#.into(), "parts that are everything together"),
        (Yes, r#"{"Effect":"Allow","NotAction":["iam:*","sts:*"],"Resource":"*"},{"Effect":"Allow","Action":["iam:*","sts:*"],"Resource":"*"}"#.into(), "the same otherwise"),
        (No, r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"},{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::111122223333:role/app"}"#.into(), "IAM on one role"),
        (No, r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"},{"Effect":"Allow","Action":"iam:Get*","Resource":"*"}"#.into(), "a part that reads"),
        (No, format!(r#"{{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}},{{"Effect":"Allow","Action":"iam:*","Resource":"*"}},{}"#, deny(r#""iam:*""#, r#""*""#, "")), "given and taken"),
        (No, allow(r#""iam:*""#, r#""*""#, ""), "one service that can do all"),
        (Yes, allow(r#""*""#, r#""*""#, r#""StringEqualsIfExists":{"aws:ResourceTag/team":"data"}"#), "what lacks the tag too"),
        (No, r#"{"Effect":"Allow","NotAction":["iam:*","organizations:*"],"Resource":"*"}"#.into(), "PowerUserAccess"),
        (No, format!("{ALL},{}", deny(r#""iam:*""#, r#""*""#, "")), "IAM is denied"),
        (No, allow(r#""*""#, r#""arn:aws:s3:::b/*""#, ""), "on one bucket"),
        (No, allow(r#""s3:*""#, r#""*""#, ""), "one service"),
        (No, format!("{ALL},{}", deny(r#""*""#, r#""*""#, "")), "all is denied"),
        (No, String::new(), "nothing"),
        (Unsure, format!("{ALL},{}", deny(r#""iam:*""#, r#""*""#, r#""StringNotEquals":{"aws:PrincipalTag/admin":"true"}"#)), "depends on who it is"),
    ];
    check(&rows, |d| is_admin(&Identity { policies: vec![("p".into(), d.clone())], ..Identity::default() }));
    check(&rows, |d| allows_everywhere(&[d], "*", &Context::default()));
    for (boundary, expected) in [(ALL, Yes), (r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#, No)] {
        assert_eq!(answer(&is_admin(&identity(ALL, Some(boundary)))), expected);
    }
    assert_eq!(is_admin(&identity(ALL, None)).reason(), "statement 1 of p allows * on every resource");
}

fn paths(statements: &str, boundary: Option<&str>) -> Vec<&'static str> {
    escalations(&identity(statements, boundary)).unwrap().into_iter().map(|e| e.path).collect()
}

#[test]
fn escalation_paths() {
    let any = |actions: &str| allow(actions, r#""*""#, "");
    const LAUNCH: &str = "iam:PassRole+ec2:RunInstances";
    let rows: Vec<(&[&str], String, &str)> = vec![
        (&["iam:CreateAccessKey"], any(r#""iam:createaccesskey""#), "no case"),
        (&["iam:CreatePolicyVersion"], any(r#""iam:CreatePolicyVersion""#), "policies"),
        (&["iam:AddUserToGroup"], any(r#""iam:AddUserToGroup""#), "groups"),
        (&["iam:PutRolePolicy"], allow(r#""iam:PutRolePolicy""#, r#""arn:aws:iam::111122223333:role/*""#, ""), "every role of the account"),
        (&["iam:PutRolePolicy"], allow(r#""iam:PutRolePolicy""#, r#""arn:aws:iam::*:*""#, ""), "every resource of IAM"),
        (&[], allow(r#""iam:PutRolePolicy""#, r#""arn:aws:iam::111122223333:role/app-*""#, ""), "some roles"),
        (&[], allow(r#""iam:CreateAccessKey""#, r#""arn:aws:iam::*:user/${aws:username}""#, ""), "only its own key"),
        (&[], any(r#""iam:PassRole""#), "PassRole alone does nothing"),
        (&[], any(r#""ec2:RunInstances""#), "nor does an instance without a role"),
        (&[LAUNCH], any(r#"["iam:PassRole","ec2:RunInstances"]"#), "together they do"),
        (&[LAUNCH], format!("{},{}", any(r#""ec2:RunInstances""#), allow(r#""iam:PassRole""#, r#""arn:aws:iam::111122223333:role/*""#, r#""StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}"#)), "passed to EC2"),
        (&[], format!("{},{}", any(r#""ec2:RunInstances""#), allow(r#""iam:PassRole""#, r#""*""#, r#""StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}"#)), "passed to another service"),
        (&[], format!("{},{}", any(r#""ec2:RunInstances""#), allow(r#""iam:PassRole""#, r#""arn:aws:iam::111122223333:role/web""#, "")), "one role"),
        (&[LAUNCH], format!("{},{}", allow(r#""ec2:RunInstances""#, r#""arn:aws:ec2:us-east-1:111122223333:*/*""#, ""), any(r#""iam:PassRole""#)), "a new resource may be anywhere"),
        (&[], format!("{},{}", any(r#""iam:*AccessKey""#), deny(r#""iam:Create*""#, r#""*""#, "")), "denied"),
        (&["iam:CreateAccessKey"], format!("{},{}", any(r#""iam:CreateAccessKey""#), deny(r#""iam:*""#, r#""arn:aws:iam::*:user/admin""#, "")), "one user is denied"),
        (&["iam:CreateAccessKey"], format!("{},{}", any(r#""iam:CreateAccessKey""#), deny(r#""iam:*""#, r#""arn:aws:iam::*:role/*""#, "")), "roles are denied, users are not"),
        (&[], allow(r#"["iam:PassRole","lambda:CreateFunction","lambda:InvokeFunction"]"#, r#""arn:aws:iam::444455556666:role/*""#, ""), "no role of this account"),
        (&["ssm:SendCommand"], allow(r#""ssm:SendCommand""#, r#"["arn:aws:ec2:*:*:instance/*","arn:aws:ssm:*:*:document/*"]"#, ""), "every instance"),
        (&[], allow(r#""iam:AttachRolePolicy""#, r#""*""#, r#""ArnEquals":{"iam:PolicyARN":"arn:aws:iam::aws:policy/ReadOnlyAccess"}"#), "one harmless policy"),
        (&["iam:AttachRolePolicy"], allow(r#""iam:AttachRolePolicy""#, r#""*""#, r#""ArnLike":{"iam:PolicyARN":"arn:aws:iam::aws:policy/*"}"#), "any AWS policy"),
        (&[], allow(r#""iam:PutRolePolicy""#, r#""*""#, r#""StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/b"}"#), "only within a boundary"),
        (&["iam:PutRolePolicy"], allow(r#""iam:PutRolePolicy""#, r#""*""#, r#""StringLike":{"iam:PermissionsBoundary":"arn:aws:iam::*"}"#), "any boundary will do, AdministratorAccess too"),
        (&["iam:PutRolePolicy"], allow(r#""iam:PutRolePolicy""#, r#""*""#, r#""Null":{"iam:PermissionsBoundary":"false"}"#), "any boundary at all"),
        (&[], format!("{},{}", any(r#""iam:PutRolePolicy""#), deny(r#""iam:PutRolePolicy""#, r#""*""#, r#""StringNotEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/b"}"#)), "the same by a Deny"),
        (&["iam:CreateLoginProfile"], allow(r#""iam:CreateLoginProfile""#, r#""*""#, r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#), "MFA does not hinder it"),
        (&["lambda:UpdateFunctionCode"], any(r#""lambda:UpdateFunctionCode""#), "functions have roles already"),
        (&[], allow(r#""ssm:StartSession""#, r#""*""#, r#""StringEquals":{"ssm:resourceTag/team":"red"}"#), "tagged instances"),
        (&[], any(r#"["s3:*","ec2:Describe*","iam:Get*","iam:List*"]"#), "no way"),
    ];
    for (expected, statements, rule) in rows {
        assert_eq!(paths(&statements, None), expected, "{rule}: {statements}");
    }
    assert!(paths(ALL, None).len() > 50);
    let not_iam = r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#;
    assert!(paths(not_iam, None).iter().all(|p| !p.contains("iam:")), "NotAction");
}

#[test]
fn boundaries_and_names() {
    let key = allow(r#""iam:CreateAccessKey""#, r#""*""#, "");
    assert_eq!(paths(&key, Some(r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#)), [""; 0]);
    assert_eq!(paths(&key, Some(ALL)), ["iam:CreateAccessKey"]);
    assert_eq!(paths(&key, Some(&format!("{ALL},{}", deny(r#""iam:*""#, r#""*""#, "")))), [""; 0]);
    let two = Identity {
        policies: vec![
            ("pass".into(), document(&allow(r#""iam:PassRole""#, r#""*""#, ""))),
            ("run".into(), document(&allow(r#""ec2:RunInstances""#, r#""*""#, ""))),
        ],
        ..Identity::default()
    };
    let found = escalations(&two).unwrap();
    assert_eq!(found[0].via, ["pass", "run"]);
    assert_eq!(found[0].actions, ["iam:PassRole", "ec2:RunInstances"]);
    let unsure = identity(&allow(r#""iam:CreateAccessKey""#, r#""*""#, r#""StringEquals":{"aws:PrincipalTag/a":"b"}"#), None);
    assert!(escalations(&unsure).is_err());
    let tagged = format!("{},{}", allow(r#""iam:PassRole""#, r#""*""#, r#""StringEquals":{"iam:ResourceTag/team":"data"}"#), allow(r#"["lambda:CreateFunction","lambda:InvokeFunction"]"#, r#""*""#, ""));
    assert!(escalations(&identity(&tagged, None)).is_err(), "tags of a role do not limit who may pass it");
    let loose = tagged.replace("StringEquals", "StringEqualsIfExists");
    assert_eq!(paths(&loose, None).len(), 1, "and one without the tag is passed anyway");
}

#[test]
fn several_actions_on_one_resource() {
    const APPS: &str = r#""arn:aws:iam::111122223333:role/app-*""#;
    const ONE: &str = r#""arn:aws:iam::111122223333:role/app-1""#;
    const USERS: &str = r#""arn:aws:iam::111122223333:user/svc/*""#;
    let on = |actions: &str, resource: &str| allow(actions, resource, "");
    let none: &[&str] = &[];
    let rows: Vec<(&[&str], String, &str)> = vec![
        (&["iam:CreateRole+iam:PutRolePolicy"], on(r#"["iam:CreateRole","iam:PutRolePolicy"]"#, APPS), "a role of one's own making"),
        (&["iam:AttachRolePolicy+sts:AssumeRole"], on(r#"["iam:AttachRolePolicy","sts:AssumeRole"]"#, APPS), "filled and taken on"),
        (&["iam:PutRolePolicy+iam:UpdateAssumeRolePolicy"], on(r#"["iam:PutRolePolicy","iam:UpdateAssumeRolePolicy"]"#, APPS), "filled and opened"),
        (&["iam:PutRolePolicy+sts:AssumeRole"], format!("{},{}", on(r#""iam:PutRolePolicy""#, APPS), on(r#""sts:AssumeRole""#, ONE)), "one of several"),
        (&["iam:PutUserPolicy+iam:CreateAccessKey"], on(r#"["iam:PutUserPolicy","iam:CreateAccessKey"]"#, USERS), "users too"),
        (&["iam:PutRolePolicy+iam:PassRole"], format!("{},{}", on(r#"["iam:PutRolePolicy","iam:PassRole"]"#, APPS), on(r#"["lambda:CreateFunction","lambda:InvokeFunction"]"#, r#""*""#)), "filled and passed"),
        (none, format!("{},{}", on(r#"["iam:PutRolePolicy","iam:PassRole"]"#, APPS), on(r#""lambda:CreateFunction""#, r#""*""#)), "nothing to run it"),
        (none, format!("{},{}", on(r#""iam:AttachRolePolicy""#, r#""arn:aws:iam::111122223333:role/a""#), on(r#""sts:AssumeRole""#, r#""arn:aws:iam::111122223333:role/b""#)), "two roles"),
        (none, on(r#"["iam:PutRolePolicy","sts:AssumeRole"]"#, r#""arn:aws:s3:::b/*""#), "no bucket is a role"),
        (none, on(r#"["iam:PutRolePolicy","sts:AssumeRole"]"#, USERS), "no user is a role"),
        (none, format!("{},{}", on(r#"["iam:PutRolePolicy","sts:AssumeRole"]"#, APPS), deny(r#""sts:*""#, APPS, "")), "denied"),
        (none, allow(r#"["iam:CreateRole","iam:AttachRolePolicy"]"#, APPS, r#""ArnEquals":{"iam:PolicyARN":"arn:aws:iam::aws:policy/ReadOnlyAccess"}"#), "a harmless policy"),
        (none, allow(r#"["iam:CreateRole","iam:PutRolePolicy"]"#, APPS, r#""StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/b"}"#), "within a boundary"),
        (&["iam:PutRolePolicy"], on(r#"["iam:PutRolePolicy","sts:AssumeRole"]"#, r#"["arn:aws:iam::111122223333:role/*","arn:aws:iam::111122223333:role/app"]"#), "all roles need no second name"),
    ];
    for (expected, statements, rule) in rows {
        let found: Vec<&str> = paths(&statements, None).into_iter().filter(|p| *p != "sts:AssumeRole").collect();
        assert_eq!(found, expected, "{rule}: {statements}");
    }
    let both = on(r#"["iam:CreateRole","iam:PutRolePolicy"]"#, APPS);
    assert_eq!(paths(&both, Some(&on(r#""iam:CreateRole""#, r#""*""#))), none, "the boundary lacks one");
}

#[test]
fn rights_over_oneself() {
    let of = |action: &str, resource: &str, own: &[&str]| -> Vec<&'static str> {
        let own = own.iter().map(|arn| format!("arn:aws:iam::111122223333:{arn}")).collect();
        let identity = Identity { own, ..identity(&allow(&format!("\"{action}\""), &format!("\"{resource}\""), ""), None) };
        escalations(&identity).unwrap().into_iter().map(|e| e.path).collect()
    };
    let none: [&str; 0] = [];
    let alice = "arn:aws:iam::111122223333:user/alice";
    assert_eq!(of("iam:PutUserPolicy", alice, &["user/alice"]), ["iam:PutUserPolicy on itself"]);
    assert_eq!(of("iam:PutUserPolicy", alice, &["user/bob"]), none);
    let username = "arn:aws:iam::*:user/${aws:username}";
    assert_eq!(of("iam:AttachUserPolicy", username, &["user/alice"]), ["iam:AttachUserPolicy on itself"]);
    assert_eq!(of("iam:AttachUserPolicy", username, &["user/team/alice"]), none, "the variable is the name without the path");
    assert_eq!(of("iam:CreateAccessKey", username, &["user/alice"]), none, "a key of its own gives nothing new");
    let app = "arn:aws:iam::111122223333:role/app";
    assert_eq!(of("iam:PutRolePolicy", app, &["role/app"]), ["iam:PutRolePolicy on itself"]);
    assert_eq!(of("iam:PutRolePolicy", app, &["role/app-2"]), none);
    let devs = "arn:aws:iam::111122223333:group/devs";
    assert_eq!(of("iam:PutGroupPolicy", devs, &["user/alice", "group/devs"]), ["iam:PutGroupPolicy on its own group"]);
    assert_eq!(of("iam:PutGroupPolicy", devs, &["user/alice", "group/ops"]), none);
    let policy = "arn:aws:iam::111122223333:policy/app";
    assert_eq!(of("iam:CreatePolicyVersion", policy, &["policy/app"]), ["iam:CreatePolicyVersion of its own policy"]);
    assert_eq!(of("iam:CreatePolicyVersion", policy, &["policy/other"]), none);
}
