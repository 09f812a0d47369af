//! Are the IAM types, which are the same in every Region, recorded in one at least? Half of what `recorder_all_regions` asks, and
//! asked of all Regions together.

use crate::prelude::*;
use posture_estate::services::account::ListedRegion;
use posture_estate::services::config::recorder::{Run, Seen};

/// On what each Region shows.
pub(super) async fn judge(account: &Account, seen: &[(&str, Seen)]) -> Verdict {
    let verdict = recorded(seen);
    if verdict.status == Status::Fail && !covers_all_regions(account).await {
        return Verdict::undecided(format!("{}; Regions beyond these were not looked at", verdict.message));
    }
    verdict
}

/// Whether the scan looks at every Region that the account has enabled; the engine has asked for them already.
async fn covers_all_regions(account: &Account) -> bool {
    let enabled =
        |region: &&ListedRegion| ["ENABLED", "ENABLED_BY_DEFAULT"].contains(&region.region_opt_status.as_str());
    account
        .account_management()
        .list_regions()
        .await
        .is_ok_and(|regions| regions.iter().filter(enabled).all(|region| account.in_scope(&region.region_name)))
}

fn recorded(seen: &[(&str, Seen)]) -> Verdict {
    let mut reasons = Reasons::new();
    let mut recording = Vec::new();
    for (region, seen) in seen {
        match seen {
            Seen::Nothing(gap) => reasons.unseen(gap),
            Seen::Recorder(recorder) if recorder.covers_global_types() => match recorder.run() {
                Ok(Run::Stopped | Run::Untold) => {}
                Ok(_) => recording.push(*region),
                Err(gap) => reasons.unseen(gap),
            },
            Seen::NoRecorder(_) | Seen::Recorder(_) => {}
        }
    }
    if !recording.is_empty() {
        return Verdict::pass(format!("the global IAM types are recorded in {}", recording.join(", ")))
            .evidence(json!({ "regions": recording }));
    }
    if !reasons.is_empty() {
        return reasons.open();
    }
    Verdict::fail("global_types_not_recorded", "the global IAM types are recorded in no Region in scope")
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_config::types::{ConfigurationRecorder, ConfigurationRecorderStatus, RecordingGroup, ResourceType};
    use posture_estate::finding::GapKind;
    use posture_estate::services::config::recorder::Recorder;

    fn recorder(group: RecordingGroup, recording: bool) -> Seen {
        let recorder = ConfigurationRecorder::builder().name("default").recording_group(group).build();
        let status = ConfigurationRecorderStatus::builder().name("default").recording(recording).build();
        let (statuses, channels) = (Ok(Arc::new(vec![status])), Ok(Arc::default()));
        Seen::Recorder(Box::new(Recorder { recorder, statuses, channels }))
    }

    fn all(global: bool) -> RecordingGroup {
        RecordingGroup::builder().all_supported(true).include_global_resource_types(global).build()
    }

    #[test]
    fn global_types_are_wanted_in_one_region() {
        let gap = Gap::new("1", "r", "config:DescribeConfigurationRecorders", GapKind::Denied, "no");
        let (with, without) = (|| recorder(all(true), true), || recorder(all(false), true));
        let judged = |seen: Vec<(&str, Seen)>| recorded(&seen).status;
        assert_eq!(judged(vec![("a", without()), ("b", with())]), Status::Pass);
        assert_eq!(judged(vec![("a", without()), ("b", without())]), Status::Fail);
        assert_eq!(judged(vec![("a", without()), ("b", Seen::Nothing(gap))]), Status::Unknown);
        assert_eq!(judged(vec![("a", without()), ("b", Seen::NoRecorder(vec![]))]), Status::Fail);
        let chosen = RecordingGroup::builder().resource_types(ResourceType::Role).build();
        assert_eq!(judged(vec![("a", recorder(chosen, true))]), Status::Fail, "one of the four");
        assert_eq!(judged(vec![("a", recorder(all(true), false))]), Status::Fail, "stopped");
    }
}
