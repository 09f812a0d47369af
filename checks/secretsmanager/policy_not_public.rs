//! Does the policy of a secret let in everyone, strangers, or services that act for anyone?

use super::none;
use crate::prelude::*;
use crate::strangers::{self, Slugs};
use posture_estate::services::secretsmanager::{GONE, Secret};
use posture_policy::Zone;

/// Accounts that are no strangers.
const TRUSTED_ACCOUNTS: Setting<[String]> = setting!(policy_not_public.trusted_accounts);

const SLUGS: Slugs = Slugs { public: "public", outsider: "outsider_may_act", service: "service_acts_for_anyone" };

pub async fn probe(at: &Region) -> Outcome {
    let secrets = at.secretsmanager().secrets().await?;
    if secrets.is_empty() {
        return Ok(none(at));
    }
    let zone = &strangers::zone(at, at.setting(TRUSTED_ACCOUNTS)).await;
    let listed = secrets.iter().map(|secret| (secret.resource(), format!("secret {}", secret.name), secret));
    let judge = |secret: &Secret| {
        let (name, arn) = (secret.name.clone(), secret.arn.clone());
        async move {
            let policy = at.secretsmanager().secret_policy(&arn).await?;
            Ok(judge(&name, policy.there(), zone))
        }
    };
    Ok(per(listed, GONE, judge).await)
}

fn judge(name: &str, policy: Option<&String>, zone: &Zone) -> Verdict {
    match policy {
        None => {
            Verdict::pass(format!("secret {name} has no policy, so that only identities of the account may use it"))
        }
        Some(policy) => strangers::judge(&format!("the policy of secret {name}"), policy, zone, &SLUGS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(policy: Option<&str>) -> Verdict {
        judge("db", policy.map(str::to_owned).as_ref(), &Zone::of("111122223333", "aws"))
    }

    fn allowing(principal: &str, condition: &str) -> Verdict {
        of(Some(&format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"secretsmanager:GetSecretValue","Resource":"*"{condition}}}]}}"#
        )))
    }

    #[test]
    fn no_policy_lets_in_nobody_and_what_is_none_is_unknown() {
        assert_eq!(of(None).status, Status::Pass);
        assert_eq!(of(Some("{")).status, Status::Unknown);
    }

    #[test]
    fn everyone_and_other_accounts_fail_and_the_account_itself_passes() {
        assert_eq!(allowing(r#""*""#, "").reasons, ["public"]);
        assert_eq!(allowing(r#"{"AWS":"444455556666"}"#, "").reasons, ["outsider_may_act"]);
        assert_eq!(allowing(r#"{"AWS":"arn:aws:iam::111122223333:role/app"}"#, "").status, Status::Pass);
        let endpoint = r#","Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}}"#;
        assert_eq!(allowing(r#""*""#, endpoint).status, Status::Pass, "a network of one's own");
        let through = r#","Condition":{"StringEquals":{"kms:ViaService":"secretsmanager.eu-west-1.amazonaws.com"}}"#;
        assert_eq!(allowing(r#""*""#, through).status, Status::Fail, "a road is no limit");
    }
}
