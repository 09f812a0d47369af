//! VPC Block Public Access: one switch per region above all route tables and security groups. Exclusions are fine as
//! long as each says, by a tag, until when.

use crate::prelude::*;
use aws_sdk_ec2::types::{
    InternetGatewayBlockMode, VpcBlockPublicAccessExclusion, VpcBlockPublicAccessOptions, VpcBlockPublicAccessState,
};
use posture_estate::services::ec2::vpc::{Expiry, excludes, expiry};

pub async fn probe(at: &Region) -> Outcome {
    let options = at.ec2().vpc_block_public_access().await?;
    let verdict = judge(&options, at.name());
    let on = verdict.status == Status::Pass;
    let mut findings = vec![verdict.on(at.resource())];
    if on {
        // With the mode off an exclusion excludes nothing.
        match at.ec2().vpc_block_public_access_exclusions().await {
            Ok(all) => findings.extend(all.iter().filter(|e| excludes(e)).map(|exclusion| {
                judge_exclusion(exclusion, at.now()).on(at.ec2().vpc_block_public_access_exclusion(exclusion))
            })),
            Err(gap) => findings.push(Verdict::unseen(&gap).sub("exclusions").on(at.resource())),
        }
    }
    Ok(findings)
}

fn judge(options: &VpcBlockPublicAccessOptions, region: &str) -> Verdict {
    let changing = options.state() == Some(&VpcBlockPublicAccessState::UpdateInProgress);
    match options.internet_gateway_block_mode() {
        Some(InternetGatewayBlockMode::Off) => {
            Verdict::fail("off", format!("vpc block public access is off in {region}"))
        }
        Some(mode @ (InternetGatewayBlockMode::BlockBidirectional | InternetGatewayBlockMode::BlockIngress)) => {
            if changing {
                Verdict::undecided(format!("vpc block public access is being changed to {mode} in {region}"))
            } else {
                Verdict::pass(format!("vpc block public access is {mode} in {region}"))
            }
        }
        other => {
            let mode = other.map_or("no mode", InternetGatewayBlockMode::as_str);
            Verdict::undecided(format!("vpc block public access in {region} answers {mode}"))
        }
    }
}

fn judge_exclusion(exclusion: &VpcBlockPublicAccessExclusion, now: &DateTime) -> Verdict {
    let mode = exclusion.internet_gateway_exclusion_mode().map_or("an unknown mode", |mode| mode.as_str());
    let of = exclusion.resource_arn().unwrap_or("an unnamed resource");
    let name = format!("exclusion {} ({mode}) of {of}", exclusion.exclusion_id().unwrap_or("?"));
    match expiry(exclusion.tags(), now) {
        Expiry::Ahead(date) => Verdict::pass(format!("{name} is dated until {date}")),
        Expiry::Past(date) => {
            Verdict::fail("exclusion_expired", format!("{name} was dated until {date} and is still in force"))
        }
        Expiry::Unreadable(text) => {
            Verdict::fail("exclusion_without_date", format!("{name} has an end that is no date: {text:?}"))
        }
        Expiry::None => Verdict::fail("exclusion_without_date", format!("{name} has no tag that says until when")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{Tag, VpcBlockPublicAccessExclusionState as State};

    fn options(mode: InternetGatewayBlockMode, state: VpcBlockPublicAccessState) -> VpcBlockPublicAccessOptions {
        VpcBlockPublicAccessOptions::builder().internet_gateway_block_mode(mode).state(state).build()
    }

    #[test]
    fn modes() {
        let judged = |mode| judge(&options(mode, VpcBlockPublicAccessState::UpdateComplete), "r").status;
        assert_eq!(judged(InternetGatewayBlockMode::BlockBidirectional), Status::Pass);
        assert_eq!(judged(InternetGatewayBlockMode::BlockIngress), Status::Pass);
        assert_eq!(judged(InternetGatewayBlockMode::Off), Status::Fail);
        let changing = options(InternetGatewayBlockMode::BlockIngress, VpcBlockPublicAccessState::UpdateInProgress);
        assert_eq!(judge(&changing, "r").status, Status::Unknown);
        assert_eq!(judge(&VpcBlockPublicAccessOptions::builder().build(), "r").status, Status::Unknown);
    }

    #[test]
    fn exclusions_need_a_date_ahead() {
        let now = DateTime::from_secs(1_780_000_000); // 2026-05-28
        let judged = |tag: Option<(&str, &str)>| {
            let tags = tag.map(|(key, value)| vec![Tag::builder().key(key).value(value).build()]);
            judge_exclusion(&VpcBlockPublicAccessExclusion::builder().set_tags(tags).build(), &now).status
        };
        assert_eq!(judged(Some(("expires-on", "2026-12-31"))), Status::Pass);
        assert_eq!(judged(Some(("ExpiresOn", "2026-05-28"))), Status::Pass);
        assert_eq!(judged(Some(("expires-on", "2026-05-27"))), Status::Fail);
        assert_eq!(judged(Some(("expires-on", "soon"))), Status::Fail);
        assert_eq!(judged(Some(("owner", "2026-12-31"))), Status::Fail);
        assert_eq!(judged(None), Status::Fail);
    }

    #[test]
    fn what_is_deleted_excludes_nothing() {
        let exclusion = |state| VpcBlockPublicAccessExclusion::builder().state(state).build();
        assert!(excludes(&exclusion(State::CreateComplete)));
        assert!(excludes(&VpcBlockPublicAccessExclusion::builder().build()));
        assert!(!excludes(&exclusion(State::DeleteComplete)));
    }
}
