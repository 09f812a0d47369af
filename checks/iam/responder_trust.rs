//! Is a role for incident responders safe to assume? It is when whoever comes in, from a security account, has shown a second
//! factor, or has a corporate session.

use crate::prelude::*;
use aws_sdk_iam::types::RoleDetail;
use posture_estate::arn::Arn;
use posture_estate::identities::trust;
use posture_policy::{Document, Grant, Grantee, Zone, assumers, only_roles_below, requires_mfa};

/// The path of IAM Identity Center's roles: a session of theirs is federated
/// (<https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html>).
const IDENTITY_CENTER: &str = "aws-reserved/sso.amazonaws.com/";

/// Where the role is, and where responders should come from.
pub(super) struct Home<'a> {
    pub account: &'a str,
    pub partition: &'a str,
    /// Seconds since 1970: what has expired lets nobody in.
    pub now: i64,
    /// While it is empty, any one other account counts.
    pub security_accounts: &'a [String],
}

impl<'a> Home<'a> {
    pub(super) fn of(at: &'a Account, security_accounts: &'a [String]) -> Self {
        Self { account: at.account_id(), partition: at.partition(), now: at.now().secs(), security_accounts }
    }

    /// Why the role's trust is not right, if it is not.
    pub(super) fn refusal(&self, role: &RoleDetail) -> Result<Option<String>, String> {
        let document = trust(role, self.now)?;
        // Nobody's zone: grants to principals of this account are listed too.
        let (grants, doubts) = assumers(&document, &Zone::of("", self.partition));
        if !grants.iter().any(|grant| grant.kind != Grantee::Service) && doubts.is_empty() {
            return Ok(Some("can be assumed by no person".into()));
        }
        // One who is surely not a responder decides, whatever else is not known.
        match grants.iter().find_map(|grant| self.refused(grant, &document)) {
            Some(why) => Ok(Some(why)),
            None if doubts.is_empty() => Ok(None),
            None => Err(doubts.join("; ")),
        }
    }

    fn refused(&self, grant: &Grant, document: &Document) -> Option<String> {
        let principal = &grant.principal;
        match grant.kind {
            Grantee::Federated if principal.contains(":saml-provider/") => None,
            Grantee::Federated => {
                Some(format!("trusts {principal}, which signs for workloads or an app's users and is no SAML provider"))
            }
            Grantee::Service => Some(format!("lets {principal} in, which is no responder")),
            Grantee::Everyone | Grantee::Organization | Grantee::Canonical => {
                Some(format!("trusts {principal}, which is more than the security account"))
            }
            Grantee::Account => {
                let arn = Arn::parse(principal);
                let account = arn.map_or(principal.as_str(), |arn| arn.account);
                let listed = self.security_accounts.iter().any(|known| known == account);
                let of_identity_center = arn
                    .is_some_and(|arn| arn.resource.starts_with(&format!("role/{IDENTITY_CENTER}")))
                    || only_roles_below(document, grant.statement, IDENTITY_CENTER);
                if account == self.account && !listed {
                    Some(format!("trusts {principal} of its own account instead of a security account"))
                } else if !self.security_accounts.is_empty() && !listed {
                    Some(format!("trusts account {account}, which is not the security account"))
                } else if !of_identity_center && !requires_mfa(document, grant.statement) {
                    Some(format!("lets {principal} in without MFA"))
                } else {
                    None
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::identities::fixtures::{trusted, trusting};

    const HOME: Home<'_> =
        Home { account: "111122223333", partition: "aws", now: 1_790_000_000, security_accounts: &[] };

    fn refusal_of(home: &Home<'_>, statements: &str) -> String {
        let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        home.refusal(&trusted("Auditor", &document)).unwrap().unwrap_or_default()
    }

    fn by(principal: &str, action: &str, condition: &str) -> String {
        format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":{action}{condition}}}"#)
    }

    const OTHER: &str = r#"{"AWS":"arn:aws:iam::222233334444:root"}"#;
    const SAML: &str = r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/idp"}"#;
    const MFA: &str = r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#;

    #[test]
    fn the_refusal_names_what_is_wrong() {
        let home = Home { account: "111122223333", partition: "aws", now: 1_790_000_000, security_accounts: &[] };
        let refusal = |principal: &str| {
            let statement = format!(r#""Principal":{principal},"Action":"sts:AssumeRole""#);
            home.refusal(&trusted("Auditor", &trusting(&statement))).unwrap().unwrap_or_default()
        };
        assert_eq!(refusal(r#"{"Service":"ec2.amazonaws.com"}"#), "can be assumed by no person");
        assert!(refusal(r#""*""#).contains("more than the security account"));
        assert!(refusal(r#"{"AWS":"arn:aws:iam::111122223333:root"}"#).contains("of its own account"));
        assert!(refusal(r#"{"AWS":"arn:aws:iam::222233334444:root"}"#).contains("without MFA"));
        assert!(home.refusal(&trusted("Auditor", "{")).is_err());
    }

    #[test]
    fn workloads_and_users_of_an_app_are_no_responders() {
        // semantics 77
        let web = r#""sts:AssumeRoleWithWebIdentity""#;
        let hub = "token.actions.githubusercontent.com";
        for (provider, condition) in [
            (hub, r#""StringEquals":{"@:aud":"sts.amazonaws.com","@:sub":"repo:acme/scan:ref:refs/heads/main"}"#),
            (
                "oidc.eks.us-east-1.amazonaws.com/id/A",
                r#""StringEquals":{"@:aud":"a","@:sub":"system:serviceaccount:a:b"}"#,
            ),
        ] {
            let condition = condition.replace('@', provider);
            let principal = format!(r#"{{"Federated":"arn:aws:iam::111122223333:oidc-provider/{provider}"}}"#);
            let of = by(&principal, web, &format!(r#","Condition":{{{condition}}}"#));
            assert!(refusal_of(&HOME, &of).contains("no SAML provider"), "{provider}");
        }
        let pool = r#","Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"us-east-1:pool"}}"#;
        let cognito = by(r#"{"Federated":"cognito-identity.amazonaws.com"}"#, web, pool);
        assert!(refusal_of(&HOME, &cognito).contains("no SAML provider"));
        assert!(refusal_of(&HOME, &by(r#"{"Federated":"*"}"#, r#""sts:*""#, "")).contains("no SAML provider"));
        assert_eq!(refusal_of(&HOME, &by(SAML, r#""sts:AssumeRoleWithSAML""#, "")), "");
    }

    #[test]
    fn every_principal_has_to_be_a_responder() {
        // semantics 77
        let good = by(OTHER, r#""sts:AssumeRole""#, MFA);
        assert_eq!(refusal_of(&HOME, &good), "");
        for (other, why) in [
            (by(r#"{"Service":"ec2.amazonaws.com"}"#, r#""sts:AssumeRole""#, ""), "ec2.amazonaws.com in"),
            (by(OTHER, r#""sts:AssumeRole""#, ""), "without MFA"),
            (by(r#"{"AWS":"*"}"#, r#""sts:AssumeRole""#, MFA), "more than the security account"),
        ] {
            let of = refusal_of(&HOME, &format!("{good},{other}"));
            assert!(of.contains(why), "{of}");
        }
    }

    #[test]
    fn only_what_opens_a_session_lets_anybody_in() {
        // semantics 79
        let expired = r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"DateLessThan":{"aws:CurrentTime":"2024-01-01T00:00:00Z"}}"#;
        assert_eq!(refusal_of(&HOME, &by(OTHER, r#""sts:AssumeRole""#, expired)), "can be assumed by no person");
        for (principal, action) in
            [(OTHER, r#""sts:TagSession""#), (SAML, r#""sts:TagSession""#), (SAML, r#""sts:AssumeRole""#)]
        {
            let alone = refusal_of(&HOME, &by(principal, action, MFA));
            assert_eq!(alone, "can be assumed by no person", "{principal} {action}");
        }
        let tags = by(OTHER, r#"["sts:TagSession","sts:SetSourceIdentity"]"#, "");
        assert_eq!(refusal_of(&HOME, &format!("{},{tags}", by(OTHER, r#""sts:AssumeRole""#, MFA))), "");
    }

    #[test]
    fn identity_center_spares_the_second_factor_and_not_the_account() {
        // semantics 78
        let center = "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_X_0123456789abcdef";
        let of =
            |account: &str| by(&format!(r#"{{"AWS":"arn:aws:iam::{account}:{center}"}}"#), r#""sts:AssumeRole""#, "");
        let listed = ["222233334444".to_owned()];
        let home = Home { security_accounts: &listed, ..HOME };
        assert_eq!(refusal_of(&home, &of("222233334444")), "");
        assert!(refusal_of(&home, &of("999988887777")).contains("not the security account"));
        assert!(refusal_of(&home, &of("111122223333")).contains("own account"));
        assert_eq!(refusal_of(&HOME, &of("999988887777")), "");
        assert!(refusal_of(&HOME, &of("111122223333")).contains("own account"));
        let own = ["111122223333".to_owned()];
        assert_eq!(
            refusal_of(&Home { security_accounts: &own, ..HOME }, &of("111122223333")),
            "",
            "it is the security account"
        );
        let below = |pattern: &str| {
            let condition =
                format!(r#","Condition":{{"ArnLike":{{"aws:PrincipalArn":"arn:aws:iam::222233334444:{pattern}"}}}}"#);
            refusal_of(&home, &by(OTHER, r#""sts:AssumeRole""#, &condition))
        };
        assert_eq!(below("role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Responder_*"), "");
        assert!(below("role/*").contains("without MFA"));
        assert!(below("role/*/AWSReservedSSO_Responder_*").contains("without MFA"));
    }
}
