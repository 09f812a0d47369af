//! Does every trail encrypt its log files with a KMS key? The trail's own setting, not the bucket's default, decides.

use crate::prelude::*;
use posture_estate::services::cloudtrail::Trail;

pub async fn probe(at: &Account) -> Outcome {
    let trails = at.cloudtrail().trails().await?;
    let judged = trails.seen.iter().map(|trail| judge(trail).on(at.cloudtrail().trail(trail)));
    Ok(judged.chain(trails.unseen(at)).collect())
}

fn judge(trail: &Trail) -> Verdict {
    let name = &trail.name;
    match &trail.kms_key {
        Some(key) => {
            Verdict::pass(format!("trail {name} encrypts its log files with {key}")).evidence(json!({ "kms_key": key }))
        }
        None => Verdict::fail("no_kms_key", format!("trail {name} names no KMS key")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::services::cloudtrail::example;

    #[test]
    fn a_trail_names_a_key_or_fails() {
        let mut trail = example("main");
        assert_eq!(judge(&trail).status, Status::Pass);
        trail.kms_key = None;
        assert_eq!(judge(&trail).status, Status::Fail);
    }
}
