//! Trust policies: everyone, and web identity providers.

use super::Answer::{No, Unsure, Yes};
use super::*;

fn role(principal: &str, condition: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole","Condition":{{{condition}}}}}"#)
}

#[test]
fn wildcards() {
    let rows = [
        (Yes, role(r#""*""#, ""), "everyone"),
        (Yes, role(r#"{"AWS":"*"}"#, ""), "everyone"),
        (Yes, role(r#"{"AWS":"arn:aws:iam::*:root"}"#, ""), "any account"),
        (Yes, role(r#"{"AWS":"*"}"#, r#""StringEquals":{"sts:ExternalId":"secret"}"#), "an external id is not a secret"),
        (Yes, role(r#"{"AWS":"*"}"#, r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/admin"}"#), "any account's role"),
        (Yes, role(r#"{"AWS":"*"}"#, r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#), "any account has MFA"),
        (Yes, role(r#"{"Federated":"*"}"#, ""), "any provider"),
        (No, role(r#"{"AWS":"*"}"#, r#""StringEquals":{"aws:PrincipalOrgID":"o-abcdef1234"}"#), "an organization"),
        (No, role(r#"{"AWS":"*"}"#, r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/ci-*"}"#), "roles of one account"),
        (No, role(r#"{"AWS":"444455556666"}"#, ""), "one account"),
        (No, role(r#""*""#, "").replace("sts:AssumeRole", "sts:TagSession"), "tags come along with a session, they are none"),
        (Yes, role(r#""*""#, "").replace("sts:AssumeRole", "sts:*"), "among others, assuming"),
        (Yes, role(r#"{"AWS":"*"}"#, r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#), "any account behind the address"),
        (Yes, role(r#"{"AWS":"*"}"#, r#""StringEquals":{"aws:SourceVpc":"vpc-1"}"#), "any account's session in the network"),
        (Yes, role(r#"{"AWS":"*"}"#, r#""StringEquals":{"aws:SourceVpce":["vpce-1","vpce-2"]}"#), "any account behind the endpoint"),
        (Yes, role(r#"{"AWS":"*"}"#, r#""ArnEquals":{"aws:SourceVpcArn":"arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1"}"#), "the network's account is not the caller's"),
        (Yes, role(r#"{"AWS":"*"}"#, r#""StringEquals":{"aws:VpceOrgID":"o-abcdef1234"}"#), "the endpoint's organization is not the caller's"),
        (Yes, role(r#"{"AWS":"*"}"#, r#""StringEquals":{"aws:VpceAccount":"111122223333"}"#), "the endpoint's account is not the caller's"),
        (Yes, role(r#"{"AWS":"*"}"#, r#""IpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"}"#), "a private address is in every network"),
        (Yes, role(r#"{"AWS":"*"}"#, r#""StringEquals":{"aws:PrincipalTag/team":"security"}"#), "any account has tags"),
        (Yes, role(r#"{"AWS":"*"}"#, r#""StringLike":{"aws:userid":"*:alice"}"#), "a session's name is its caller's choice"),
        (No, role(r#"{"AWS":"*"}"#, r#""StringLike":{"aws:userid":"AROAEXAMPLEID:*"}"#), "sessions of one role"),
        (Yes, role(r#"{"AWS":"*"}"#, r#""StringEqualsIfExists":{"aws:PrincipalOrgID":"o-abcdef1234"}"#), "accounts in no organization have no such key"),
        (Yes, role(r#"{"AWS":"*"}"#, r#""ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-abcdef1234/*"}"#), "true of an absent key"),
        (Yes, role(r#"{"AWS":"*"}"#, r#""Null":{"aws:PrincipalOrgID":"false"}"#), "any organization"),
        (Yes, role(r#"{"AWS":"*"}"#, r#""StringLike":{"aws:PrincipalOrgID":"o-*"}"#), "any organization"),
        (No, role(r#"{"AWS":"*"}"#, r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-abcdef1234/*"}"#), "an organization"),
        (No, role(r#"{"AWS":"*"}"#, r#""StringEquals":{"aws:PrincipalOrgID":"o-abcdef1234"},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#), "an organization, and a network besides"),
        (Yes, format!(r#"{},{{"Effect":"Deny","Principal":"*","Action":"sts:*","Condition":{{"NotIpAddress":{{"aws:SourceIp":"203.0.113.0/24"}}}}}}"#, role(r#"{"AWS":"*"}"#, "")), "other networks are denied: any account comes from this one"),
        (Yes, format!(r#"{},{{"Effect":"Deny","Principal":"*","Action":"sts:*","Condition":{{"ForAnyValue:StringNotLike":{{"aws:PrincipalOrgPaths":"o-abcdef1234/*"}}}}}}"#, role(r#"{"AWS":"*"}"#, "")), "ForAnyValue is false without the key, so accounts in no organization are not denied"),
        (No, format!(r#"{},{{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole*"}}"#, role(r#"{"AWS":"*"}"#, "").replace("sts:AssumeRole", "sts:*")), "what is left opens no session"),
        (No, role(r#""*""#, "").replace(r#""Action":"sts:AssumeRole""#, r#""NotAction":"sts:AssumeRole*""#), "what is left opens no session"),
        (No, role(r#"{"Service":"ec2.amazonaws.com"}"#, ""), "a service"),
        (No, format!(r#"{},{{"Effect":"Deny","Principal":"*","Action":"sts:*","Condition":{{"StringNotEquals":{{"aws:PrincipalAccount":"111122223333"}}}}}}"#, role(r#"{"AWS":"*"}"#, "")), "others are denied"),
    ];
    check(&rows, |d| wildcard_trust(d, &zone()));
}

#[test]
fn what_is_open_is_listed() {
    let open = |statements: &str| opened_trust(&document(statements)).join("; ");
    assert_eq!(open(&role(r#""*""#, "")), "everyone: sts:AssumeRole; everyone: sts:AssumeRole, without a limit");
    assert_eq!(open(&role(r#""*""#, r#""StringEquals":{"sts:ExternalId":"x"}"#)), "everyone: sts:AssumeRole");
    assert_eq!(open(&role(r#"{"AWS":"444455556666"}"#, "")), "");
    let host = "token.actions.githubusercontent.com";
    let hub = |condition: &str| {
        let name = format!("arn:aws:iam::111122223333:oidc-provider/{host}");
        opened_oidc_trust(&document(&web(&name, &condition.replace('@', host))), host)
    };
    assert_eq!(hub(""), ["any aud", "any sub"]);
    assert_eq!(hub(r#""StringEquals":{"@:aud":"sts.amazonaws.com"}"#), ["any sub"]);
    let like = r#""StringLike":{"@:sub":["repo:*","repo:me/x:*"]},"StringEquals":{"@:aud":"sts.amazonaws.com"}"#;
    assert_eq!(hub(like).len(), 2, "{:?}", hub(like));
    assert_eq!(hub(&like.replace("\"repo:*\",", "")), [""; 0], "not open");
}

#[test]
fn who_may_assume_a_role() {
    // semantics 80
    let names = |statements: &str| -> String {
        let (grants, doubts) = assumers(&document(statements), &Zone::of("", "aws"));
        assert!(doubts.is_empty(), "{doubts:?}");
        grants.into_iter().map(|grant| grant.principal).collect::<Vec<_>>().join(" ")
    };
    let by = |principal: &str, action: &str| format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":{action}}}"#);
    let account = r#"{"AWS":"arn:aws:iam::222233334444:root"}"#;
    let saml = r#"{"Federated":"arn:aws-cn:iam::111122223333:saml-provider/idp"}"#;
    assert_eq!(names(&by(account, r#""sts:AssumeRole""#)), "222233334444");
    assert_eq!(names(&by(account, r#"["sts:AssumeRole","sts:TagSession"]"#)), "222233334444");
    assert_eq!(names(&by(saml, r#""sts:AssumeRoleWithSAML""#)), "arn:aws-cn:iam::111122223333:saml-provider/idp");
    assert_eq!(names(&by(saml, r#""sts:*""#)), "arn:aws-cn:iam::111122223333:saml-provider/idp");
    for (principal, action) in [
        (account, r#""sts:TagSession""#),
        (account, r#"["sts:TagSession","sts:SetSourceIdentity"]"#),
        (account, r#""sts:AssumeRoleWithSAML""#),
        (saml, r#""sts:TagSession""#),
        (saml, r#""sts:AssumeRole""#),
        (saml, r#""sts:AssumeRoleWithWebIdentity""#),
        (r#"{"Service":"ec2.amazonaws.com"}"#, r#""sts:TagSession""#),
    ] {
        assert_eq!(names(&by(principal, action)), "", "{principal} {action}");
    }
    let denied = format!(r#"{},{{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}}"#, by(account, r#"["sts:AssumeRole","sts:TagSession"]"#));
    assert_eq!(names(&denied), "");
}

fn web(provider: &str, condition: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":{{"Federated":"{provider}"}},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{{{condition}}}}}"#)
}

fn first(document: &Document) -> Decision {
    oidc_trust(document).into_iter().next().map_or_else(|| Decision::No("no provider".into()), |(_, d)| d)
}

#[test]
fn github() {
    const HUB: &str = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    let hub = |aud: &str, sub: &str| {
        let text = format!("{aud},{sub}").replace("@", "token.actions.githubusercontent.com");
        web(HUB, text.trim_matches(','))
    };
    let aud = r#""StringEquals":{"@:aud":"sts.amazonaws.com"}"#;
    let like = |value: &str| format!(r#""StringLike":{{"@:sub":"{value}"}}"#);
    let rows = [
        (No, hub("", r#""StringEquals":{"@:aud":"sts.amazonaws.com","@:sub":"repo:org/repo:ref:refs/heads/main"}"#), "the documented form"),
        (No, hub(aud, &like("repo:org/repo:*")), "one repository"),
        (No, hub(aud, &like("repo:org/*")), "one organization"),
        (No, hub(aud, r#""ForAnyValue:StringLike":{"@:sub":["repo:org/a:*","repo:org/b:*"]}"#), "several repositories"),
        (No, hub(aud, r#""StringEquals":{"@:repository_owner_id":"1234"}"#).replace(r#""StringEquals":{"token.actions.githubusercontent.com:rep"#, r#""StringLike":{"token.actions.githubusercontent.com:rep"#), "another claim that names the owner"),
        (Yes, hub(r#""StringEquals":{"@:aud":"sts.amazonaws.com","@:sub":"environment:prod"}"#, ""), "anyone can shape a subject without an owner"),
        (No, hub(r#""StringEquals":{"@:aud":"sts.amazonaws.com","@:sub":"repository_owner_id:1234"}"#, ""), "a shaped subject with an owner"),
        (Unsure, hub(aud, r#""StringLike":{"@:job_workflow_ref":"org/ci/.github/workflows/deploy.yml@*"}"#), "a public reusable workflow is called from any repository"),
        (No, hub(aud, r#""StringLike":{"@:job_workflow_ref":"org/ci/.github/workflows/deploy.yml@*","@:sub":"repo:org/*"}"#), "a reusable workflow, called from one organization"),
        (Yes, hub(aud, r#""StringLike":{"@:job_workflow_ref":"*/ci/.github/workflows/deploy.yml@*"}"#), "any owner's workflow"),
        (Yes, hub("", r#""StringLike":{"@:job_workflow_ref":"org/ci/.github/workflows/deploy.yml@*"}"#), "no audience, whatever the workflow"),
        (No, format!(r#"{},{{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRoleWithWebIdentity","Condition":{{"StringNotLikeIfExists":{{"token.actions.githubusercontent.com:sub":"repo:org/*"}},"Null":{{"token.actions.githubusercontent.com:sub":"false"}}}}}}"#, hub(aud, r#""Null":{"@:sub":"false"}"#)), "AWS's own Deny on other subjects has two conditions"),
        (Yes, format!(r#"{},{{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRoleWithWebIdentity","Condition":{{"ForAnyValue:StringNotLike":{{"token.actions.githubusercontent.com:sub":"repo:org/*"}}}}}}"#, hub(aud, "")), "ForAnyValue is false without the claim"),
        (No, format!(r#"{},{{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRoleWithWebIdentity"}}"#, hub(aud, "")), "denied outright"),
        (Yes, hub(aud, ""), "no subject: any repository on GitHub"),
        (Yes, hub("", &like("repo:org/repo:*")), "no audience"),
        (Yes, hub(aud, &like("*")), "any subject"),
        (Yes, hub(aud, &like("repo:*")), "any repository"),
        (Yes, hub(aud, &like("repo:*/repo:*")), "any owner"),
        (Yes, hub(aud, &like("repo:org*/repo:*")), "owners whose name begins so"),
        (Yes, hub(aud, &like("repo:org*")), "owners whose name begins so"),
        (Yes, hub(aud, &like("*:org/repo:*")), "a leading wildcard"),
        (Yes, hub(aud, &like("repo:?rg/repo:*")), "? is a wildcard too"),
        (Yes, hub(aud, r#""StringLike":{"@:sub":["repo:org/repo:*","repo:*"]}"#), "values are alternatives"),
        (Yes, hub(aud, r#""StringLikeIfExists":{"@:sub":"repo:org/repo:*"}"#), "IfExists"),
        (Yes, hub(aud, r#""ForAllValues:StringLike":{"@:sub":"repo:org/repo:*"}"#), "ForAllValues holds for the empty set"),
        (Yes, hub(aud, r#""StringNotLike":{"@:sub":"repo:evil/*"}"#), "everyone but one"),
        (Yes, hub(r#""StringLike":{"@:aud":"*"}"#, "").replace("}}}", &format!(r#","{}:sub":"repo:org/repo:*"}}}}}}"#, "token.actions.githubusercontent.com")), "any audience"),
        (No, format!(r#"{},{{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRoleWithWebIdentity","Condition":{{"StringNotLike":{{"token.actions.githubusercontent.com:sub":"repo:org/*"}}}}}}"#, hub(aud, "")), "a Deny on other subjects"),
    ];
    check(&rows, first);
}

#[test]
fn others() {
    let of = |provider: &str, conditions: &str| web(&format!("arn:aws:iam::111122223333:oidc-provider/{provider}"), &conditions.replace('@', provider));
    let rows = [
        (No, of("gitlab.com", r#""StringEquals":{"@:aud":"https://gitlab.com"},"StringLike":{"@:sub":"project_path:group/*:ref_type:branch:ref:main"}"#), "one group"),
        (Yes, of("gitlab.com", r#""StringEquals":{"@:aud":"https://gitlab.com"},"StringLike":{"@:sub":"project_path:*/project:*"}"#), "any group"),
        (Yes, of("gitlab.com", r#""StringEquals":{"@:aud":"https://gitlab.com"}"#), "any project"),
        (No, of("app.terraform.io", r#""StringEquals":{"@:aud":"aws.workload.identity"},"StringLike":{"@:sub":"organization:acme:project:p:workspace:*:run_phase:*"}"#), "one organization"),
        (Yes, of("app.terraform.io", r#""StringEquals":{"@:aud":"aws.workload.identity"},"StringLike":{"@:sub":"organization:*:workspace:prod:*"}"#), "any organization"),
        (No, of("oidc.eks.us-east-1.amazonaws.com/id/ABC", r#""StringEquals":{"@:aud":"sts.amazonaws.com","@:sub":"system:serviceaccount:web:app"}"#), "one service account"),
        (No, of("oidc.eks.us-east-1.amazonaws.com/id/ABC", r#""StringEquals":{"@:aud":"sts.amazonaws.com"},"StringLike":{"@:sub":"system:serviceaccount:web:*"}"#), "one namespace"),
        (Yes, of("oidc.eks.us-east-1.amazonaws.com/id/ABC", r#""StringEquals":{"@:aud":"sts.amazonaws.com"},"StringLike":{"@:sub":"system:serviceaccount:*:*"}"#), "every service account"),
        (Yes, of("oidc.example.com", r#""StringEquals":{"@:aud":"x"},"StringLike":{"@:sub":"*"}"#), "any subject"),
        (No, web("cognito-identity.amazonaws.com", r#""StringEquals":{"cognito-identity.amazonaws.com:aud":"us-east-1:pool"},"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"authenticated"}"#), "one identity pool"),
        (Yes, web("cognito-identity.amazonaws.com", r#""ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"authenticated"}"#), "any identity pool"),
        (No, web("arn:aws:iam::111122223333:saml-provider/p", r#""StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}"#), "SAML is no web identity"),
    ];
    check(&rows, first);
}
