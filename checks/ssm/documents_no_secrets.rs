//! Does a document of the account have credentials in its text? Whoever may read a document reads all of it, and so does everybody it is shared with.

use crate::prelude::*;
use posture_estate::services::ssm::{NO_DOCUMENT, OwnDocument};
use posture_estate::text::secret::found;

pub async fn probe(at: &Region) -> Outcome {
    let documents = at.ssm().own_documents().await?;
    if documents.is_empty() {
        return Ok(vec![Verdict::not_applicable("the account has no document of its own").on(at.resource())]);
    }
    let each = documents.iter().map(|one| (at.ssm().document_resource(one), one.label(), one));
    Ok(per(each, NO_DOCUMENT, async |one: &OwnDocument| {
        let content = at.ssm().content(one).await?;
        Ok(judge(&one.label(), &content.content))
    })
    .await)
}

fn judge(what: &str, content: &str) -> Verdict {
    if content.is_empty() {
        return Verdict::undecided(format!("AWS gave no text of {what}"));
    }
    let all = found(content);
    let places: Vec<String> = all.iter().map(|one| format!("{} in line {}", one.kind, one.line)).collect();
    match places.as_slice() {
        [] => Verdict::pass(format!("the default version of {what} has no credential in its text")),
        _ => Verdict::fail("credential", format!("{what} has credentials in its text: {}", places.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_told_by_kind_and_line_and_never_itself() {
        let clean = "schemaVersion: '0.3'\nmainSteps:\n  - name: stop\n    action: aws:executeAwsApi\n";
        assert_eq!(judge("runbook stop", clean).status, Status::Pass);
        let key = ["AKIA", "Q6ZT3MXV2LRWY5NB"].concat();
        let leaky = judge("runbook stop", &format!("{clean}    key: {key}\n"));
        assert_eq!(leaky.reasons, ["credential"]);
        assert!(leaky.message.contains("in line 5") && !leaky.message.contains(&key), "{}", leaky.message);
    }

    #[test]
    fn no_text_is_no_evidence() {
        assert_eq!(judge("document a", "").status, Status::Unknown);
    }
}
