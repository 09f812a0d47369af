//! Does every trail sign digests of its log files?

use crate::prelude::*;
use posture_estate::services::cloudtrail::Trail;

pub async fn probe(at: &Account) -> Outcome {
    let trails = at.cloudtrail().trails().await?;
    let judged = trails.seen.iter().map(|trail| judge(trail).on(at.cloudtrail().trail(trail)));
    Ok(judged.chain(trails.unseen(at)).collect())
}

fn judge(trail: &Trail) -> Verdict {
    let name = &trail.name;
    match trail.validation {
        Some(true) => Verdict::pass(format!("trail {name} has log file validation on")),
        Some(false) => Verdict::fail("validation_off", format!("trail {name} has log file validation off")),
        None => Verdict::undecided(format!("CloudTrail does not say whether trail {name} has log file validation on")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::services::cloudtrail::example;

    #[test]
    fn validation_is_on_off_or_not_told() {
        let mut trail = example("main");
        for (validation, status) in [(Some(true), Status::Pass), (Some(false), Status::Fail), (None, Status::Unknown)] {
            trail.validation = validation;
            assert_eq!(judge(&trail).status, status);
        }
    }
}
