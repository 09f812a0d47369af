//! Is at least one conformance pack, the account's own or its organization's, completely deployed in the Region?

use crate::prelude::*;
use aws_sdk_config::types::{ConformancePackState, ConformancePackStatusDetail};

pub async fn probe(at: &Region) -> Outcome {
    let packs = at.config().conformance_pack_statuses().await?;
    Ok(vec![judge(&packs, at.name()).on(at.resource())])
}

fn judge(packs: &[ConformancePackStatusDetail], region: &str) -> Verdict {
    use ConformancePackState::{CreateComplete, CreateInProgress};
    let in_state = |state: ConformancePackState| packs.iter().filter(move |p| *p.conformance_pack_state() == state);
    let evidence = json!({ "conformance_packs": packs.len(), "complete": in_state(CreateComplete).count() });
    let told = |pack: &ConformancePackStatusDetail| {
        format!("{} is {}", pack.conformance_pack_name(), pack.conformance_pack_state().as_str())
    };
    let verdict = if let Some(pack) = in_state(CreateComplete).next() {
        Verdict::pass(format!("conformance pack {} is deployed in {region}", pack.conformance_pack_name()))
    } else if let Some(pack) = in_state(CreateInProgress).next() {
        Verdict::undecided(format!(
            "conformance pack {} in {region} is still being deployed",
            pack.conformance_pack_name()
        ))
    } else if packs.is_empty() {
        Verdict::fail("no_conformance_pack", format!("{region} has no conformance pack"))
    } else {
        let states: Vec<String> = packs.iter().map(told).collect();
        Verdict::fail(
            "pack_not_deployed",
            format!("no conformance pack in {region} is deployed: {}", states.join(", ")),
        )
    };
    verdict.evidence(evidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(states: &[ConformancePackState]) -> Status {
        let pack = |state: &ConformancePackState| {
            ConformancePackStatusDetail::builder()
                .conformance_pack_name("baseline")
                .conformance_pack_id("1")
                .conformance_pack_arn("arn")
                .stack_arn("arn")
                .last_update_requested_time(DateTime::from_secs(0))
                .conformance_pack_state(state.clone())
                .build()
                .unwrap()
        };
        judge(&states.iter().map(pack).collect::<Vec<_>>(), "eu-west-1").status
    }

    #[test]
    fn one_complete_pack_suffices() {
        use ConformancePackState::{CreateComplete, CreateFailed, CreateInProgress, DeleteInProgress};
        assert_eq!(status(&[CreateFailed, CreateComplete]), Status::Pass);
        assert_eq!(status(&[CreateFailed, DeleteInProgress]), Status::Fail);
        assert_eq!(status(&[CreateFailed, CreateInProgress]), Status::Unknown);
        assert_eq!(status(&[]), Status::Fail);
    }
}
