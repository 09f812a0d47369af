//! Is a document of the account shared with everybody, or with accounts that nobody knows? And may it be, or does the Region block public
//! sharing?

use crate::prelude::*;
use posture_estate::services::ssm::{NO_DOCUMENT, OwnDocument, PUBLIC_SHARING, Sharing};
use posture_policy::Zone;

/// Accounts that are no strangers.
const TRUSTED_ACCOUNTS: Setting<[String]> = setting!(documents_not_public.trusted_accounts);

pub async fn probe(at: &Region) -> Outcome {
    let (documents, setting) = join!(at.ssm().own_documents(), at.ssm().service_setting(PUBLIC_SHARING));
    let mut findings = vec![judge_setting(at.name(), setting).sub("block-public-sharing").on(at.resource())];
    let documents = match documents {
        Ok(documents) => documents,
        Err(gap) => {
            findings.push(Verdict::unseen(&gap).sub("documents").on(at.resource()));
            return Ok(findings);
        }
    };
    let zone = &at.account().zone().trusting(at.setting(TRUSTED_ACCOUNTS));
    let each = documents.iter().map(|one| (at.ssm().document_resource(one), one.label(), one));
    findings.extend(
        per(each, NO_DOCUMENT, async |one: &OwnDocument| {
            let sharing = at.ssm().sharing(&one.name).await?;
            Ok(judge(&one.label(), &sharing, zone))
        })
        .await,
    );
    Ok(findings)
}

fn judge_setting(region: &str, setting: Answer<Option<String>>) -> Verdict {
    match setting.as_deref().map(Option::as_deref) {
        Err(gap) => Verdict::unseen(gap),
        Ok(Some("Disable")) => Verdict::pass(format!("{region} blocks public sharing of documents")),
        Ok(Some("Enable")) => {
            Verdict::fail("sharing_allowed", format!("{region} lets documents be shared with everybody"))
        }
        Ok(Some(other)) => Verdict::undecided(format!("the setting for public sharing in {region} is {other:?}")),
        Ok(None) => Verdict::undecided(format!("{region} knows no setting for public sharing of documents")),
    }
}

fn judge(what: &str, sharing: &Sharing, zone: &Zone) -> Verdict {
    let ids = &sharing.account_ids;
    if sharing.is_public() {
        return Verdict::fail("public", format!("{what} is shared with every AWS account"));
    }
    let strangers: Vec<&str> = ids.iter().map(String::as_str).filter(|id| !zone.has(id)).collect();
    match (strangers.as_slice(), ids.as_slice()) {
        ([], []) => Verdict::pass(format!("{what} is not shared")),
        ([], _) => Verdict::pass(format!("{what} is shared with known accounts only: {}", ids.join(", "))),
        _ => Verdict::fail(
            "shared_with_unknown",
            format!("{what} is shared with accounts that are not known: {}", strangers.join(", ")),
        ),
    }
    .evidence(json!({ "shared_with": ids }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn of(ids: &[&str]) -> Verdict {
        let sharing: Sharing = serde_json::from_value(json!({ "AccountIds": ids })).unwrap();
        let zone = Zone::of("111122223333", "aws").trusting(&["444455556666".to_owned()]);
        judge("document setup", &sharing, &zone)
    }

    #[test]
    fn everybody_and_accounts_that_are_not_known_are_too_many() {
        assert_eq!(of(&[]).status, Status::Pass);
        assert_eq!(of(&["444455556666"]).status, Status::Pass);
        assert_eq!(of(&["all"]).reasons, ["public"]);
        let strangers = of(&["444455556666", "999988887777"]);
        assert_eq!(strangers.reasons, ["shared_with_unknown"]);
        assert!(strangers.message.ends_with("not known: 999988887777"), "{}", strangers.message);
    }

    #[test]
    fn public_sharing_is_blocked_by_the_setting() {
        let of = |value: Option<&str>| judge_setting("eu-west-1", Ok(Arc::new(value.map(str::to_owned))));
        assert_eq!(of(Some("Disable")).status, Status::Pass);
        assert_eq!(of(Some("Enable")).reasons, ["sharing_allowed"]);
        assert_eq!(of(Some("Sometimes")).status, Status::Unknown);
        assert_eq!(of(None).status, Status::Unknown);
        let gap = Gap::new("1", "eu-west-1", "ssm:GetServiceSetting", GapKind::Denied, "no");
        assert_eq!(judge_setting("eu-west-1", Err(gap)).status, Status::Unknown);
    }
}
