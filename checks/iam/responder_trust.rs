//! Is a role for incident responders safe to assume? It is when whoever comes in, from a security account, has shown a second
//! factor, or has a corporate session.

use aws_sdk_iam::types::RoleDetail;
use posture_estate::arn::Arn;
use posture_estate::identities::trust;
use posture_policy::{Decision, Document, Grant, Grantee, Zone, external, oidc_trust, requires_mfa};

/// The mark of IAM Identity Center's roles in an ARN: a session of theirs is federated.
const IDENTITY_CENTER: &str = ":role/aws-reserved/sso.amazonaws.com/";

/// Where the role is, and where responders should come from.
pub(super) struct Home<'a> {
    pub account: &'a str,
    pub partition: &'a str,
    /// While it is empty, any one other account counts.
    pub security_accounts: &'a [String],
}

impl Home<'_> {
    /// Why the role's trust is not right, if it is not.
    pub(super) fn refusal(&self, role: &RoleDetail) -> Result<Option<String>, String> {
        let document = trust(role)?;
        // Nobody's zone: grants to principals of this account are listed too.
        let grants = external(&document, &Zone::of("", self.partition))?;
        let people: Vec<&Grant> = grants.iter().filter(|grant| grant.kind != Grantee::Service).collect();
        if people.is_empty() {
            return Ok(Some("can be assumed by no person".into()));
        }
        for (provider, decision) in oidc_trust(&document) {
            match decision {
                Decision::Yes(why) => return Ok(Some(format!("accepts others' tokens of {provider}: {why}"))),
                Decision::CannotTell(why) => return Err(why),
                Decision::No(_) => {}
            }
        }
        Ok(people.iter().find_map(|grant| self.refused(grant, &document)))
    }

    fn refused(&self, grant: &Grant, document: &Document) -> Option<String> {
        let principal = &grant.principal;
        match grant.kind {
            Grantee::Federated | Grantee::Service => None,
            Grantee::Everyone | Grantee::Organization | Grantee::Canonical => {
                Some(format!("trusts {principal}, which is more than the security account"))
            }
            Grantee::Account if principal.contains(IDENTITY_CENTER) => None,
            Grantee::Account => {
                let account = Arn::parse(principal).map_or(principal.as_str(), |arn| arn.account);
                if account == self.account {
                    Some(format!("trusts {principal} of its own account instead of a security account"))
                } else if !self.security_accounts.is_empty()
                    && !self.security_accounts.iter().any(|known| known == account)
                {
                    Some(format!("trusts account {account}, which is not the security account"))
                } else if !requires_mfa(document, grant.statement) {
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

    #[test]
    fn the_refusal_names_what_is_wrong() {
        let home = Home { account: "111122223333", partition: "aws", security_accounts: &[] };
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
}
