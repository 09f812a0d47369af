//! Are the IAM types, which are the same in every Region, recorded in one at least? Half of what `recorder_all_regions` asks, and
//! asked of all Regions together.

use crate::prelude::*;
use posture_estate::services::config::recorder::{Run, Seen, records_global_types};

/// On what each Region shows.
pub(super) async fn judge(account: &Account, seen: &[(&str, Seen)]) -> Verdict {
    let verdict = recorded(account.partition(), seen);
    if verdict.status == Status::Fail && !account.account_management().in_scope_whole().await {
        return Verdict::undecided(format!("{}; Regions beyond these were not looked at", verdict.message));
    }
    verdict
}

fn recorded(partition: &str, seen: &[(&str, Seen)]) -> Verdict {
    let mut reasons = Reasons::new();
    let (mut recording, mut in_vain) = (Vec::new(), Vec::new());
    for (region, seen) in seen {
        let can = records_global_types(partition, region);
        match seen {
            // What is not seen there could not be what is looked for.
            Seen::Nothing(_) if can == Some(false) => {}
            Seen::Nothing(gap) => reasons.unseen(gap),
            Seen::Recorder(recorder) if recorder.covers_global_types() => match (recorder.run(), can) {
                (Ok(Run::Stopped | Run::Failed(_)), _) => {}
                (_, Some(false)) => in_vain.push(*region),
                (Err(gap), _) => reasons.unseen(gap),
                (Ok(Run::Succeeded), Some(true)) => recording.push(*region),
                (Ok(Run::Succeeded), None) => {
                    reasons
                        .doubt(format!("whether Config can record the global IAM types in {region} is not documented"));
                }
                (Ok(_), _) => {
                    reasons.doubt(format!("whether recorder {} works in {region} is not said yet", recorder.name()))
                }
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
    let mut why = "the global IAM types are recorded in no Region in scope".to_owned();
    if !in_vain.is_empty() {
        why += &format!("; AWS Config cannot record them in {}, whatever the recorder says", in_vain.join(", "));
    }
    Verdict::fail("global_types_not_recorded", why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_config::types::{
        ConfigurationRecorder, ConfigurationRecorderStatus, RecorderStatus, RecordingGroup, RecordingStrategy,
        RecordingStrategyType, ResourceType,
    };
    use posture_estate::finding::GapKind;
    use posture_estate::services::config::recorder::Recorder;

    const IRELAND: &str = "eu-west-1";
    const OHIO: &str = "us-east-2";

    fn gap() -> Gap {
        Gap::new("1", "r", "config:DescribeConfigurationRecorders", GapKind::Denied, "no")
    }

    fn judged(seen: Vec<(&str, Seen)>) -> Status {
        recorded("aws", &seen).status
    }

    fn recorder(group: RecordingGroup, recording: bool) -> Seen {
        recorder_that(group, recording, "SUCCESS")
    }

    fn recorder_that(group: RecordingGroup, recording: bool, last: &str) -> Seen {
        let recorder = ConfigurationRecorder::builder().name("default").recording_group(group).build();
        let status = ConfigurationRecorderStatus::builder().name("default").recording(recording);
        let status = status.last_status(RecorderStatus::from(last)).build();
        let (statuses, channels) = (Ok(Arc::new(vec![status])), Ok(Arc::default()));
        Seen::Recorder(Box::new(Recorder { recorder, statuses, channels }))
    }

    fn all(global: bool) -> RecordingGroup {
        RecordingGroup::builder().all_supported(true).include_global_resource_types(global).build()
    }

    #[test]
    fn global_types_are_wanted_in_one_region() {
        // semantics 38
        let (with, without) = (|| recorder(all(true), true), || recorder(all(false), true));
        assert_eq!(judged(vec![(IRELAND, without()), (OHIO, with())]), Status::Pass);
        assert_eq!(judged(vec![(IRELAND, without()), (OHIO, without())]), Status::Fail);
        assert_eq!(judged(vec![(IRELAND, without()), (OHIO, Seen::Nothing(gap()))]), Status::Unknown);
        assert_eq!(judged(vec![(IRELAND, without()), (OHIO, Seen::NoRecorder(vec![]))]), Status::Fail);
        let chosen = RecordingGroup::builder().resource_types(ResourceType::Role).build();
        assert_eq!(judged(vec![(IRELAND, recorder(chosen, true))]), Status::Fail, "one of the four");
        assert_eq!(judged(vec![(IRELAND, recorder(all(true), false))]), Status::Fail, "stopped");
    }

    #[test]
    fn a_recorder_counts_where_it_works() {
        let of = |last: &str| judged(vec![(IRELAND, recorder_that(all(true), true, last))]);
        assert_eq!((of("SUCCESS"), of("FAILURE"), of("PENDING")), (Status::Pass, Status::Fail, Status::Unknown));
        let both = vec![(IRELAND, recorder_that(all(true), true, "FAILURE")), (OHIO, recorder(all(true), true))];
        assert_eq!(judged(both), Status::Pass);
    }

    #[test]
    fn regions_that_cannot_record_them_do_not_count_whatever_the_recorder_says() {
        // semantics 107
        let spain = "eu-south-2";
        let seen = || vec![("us-east-1", recorder(all(false), true)), (spain, recorder(all(true), true))];
        let verdict = recorded("aws", &seen());
        assert_eq!(verdict.status, Status::Fail);
        assert!(verdict.message.contains("cannot record them in eu-south-2"), "{}", verdict.message);
        let excluding = RecordingGroup::builder()
            .recording_strategy(
                RecordingStrategy::builder().use_only(RecordingStrategyType::ExclusionByResourceTypes).build(),
            )
            .build();
        assert_eq!(judged(vec![(spain, recorder(excluding.clone(), true))]), Status::Fail);
        assert_eq!(
            judged(vec![("us-east-1", recorder(excluding, true)), (spain, recorder(all(true), true))]),
            Status::Pass
        );
        // Nothing that is not seen there could help; where it could, it is unknown.
        assert_eq!(
            judged(vec![("us-east-1", recorder(all(false), true)), (spain, Seen::Nothing(gap()))]),
            Status::Fail
        );
        assert_eq!(recorded("aws-us-gov", &[("us-gov-east-1", recorder(all(true), true))]).status, Status::Pass);
        assert_eq!(recorded("aws-cn", &[("cn-northwest-1", recorder(all(true), true))]).status, Status::Pass);
        assert_eq!(recorded("aws-iso", &[("us-iso-east-1", recorder(all(true), true))]).status, Status::Unknown);
    }
}
