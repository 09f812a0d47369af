//! Does AWS Config record all types in each Region, and the global types in at least one? The probe of one Region
//! answers the second question for all.

use super::global_types;
use crate::prelude::*;
use posture_estate::services::config::recorder::{RecordedTypes, Run, Seen};

/// How the ARN of the service-linked role ends.
const SERVICE_LINKED_ROLE: &str = ":role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig";

pub async fn probe(at: &Region) -> Outcome {
    let account = at.account();
    let in_scope = account.regions();
    // One Region speaks for all: that of the global services, or else the first.
    let speaker =
        if account.in_scope(account.home()) { Some(account.home()) } else { in_scope.first().map(String::as_str) };
    if speaker != Some(at.name()) {
        return Ok(vec![judge(at.name(), &Seen::look(at).await).on(at.resource())]);
    }
    // The home Region is where the global types usually are recorded, also when the scan is about others.
    let home = (!account.in_scope(account.home())).then(|| account.home());
    let regions: Vec<_> = in_scope.iter().map(String::as_str).chain(home).map(|name| account.region(name)).collect();
    let all = join_all(regions.iter().map(async |region| (region.name(), Seen::look(region).await))).await;
    let own = all.iter().filter(|(name, _)| *name == at.name());
    let mut findings: Vec<Finding> = own.map(|(name, seen)| judge(name, seen).on(at.resource())).collect();
    findings.push(global_types::judge(account, &all).await.sub("global_types").on(at.resource()));
    Ok(findings)
}

fn judge(region: &str, seen: &Seen) -> Verdict {
    let seen = match seen {
        Seen::Nothing(gap) => return Verdict::unseen(gap),
        Seen::NoRecorder(services) => {
            let but = if services.is_empty() { "" } else { " but the service-linked one of " };
            let message = format!("{region} has no Config recorder{but}{}", services.join(", "));
            return Verdict::fail("no_recorder", message);
        }
        Seen::Recorder(recorder) => recorder,
    };
    let name = seen.name();
    let mut reasons = Reasons::new();
    running(name, seen.run(), &mut reasons);
    match seen.coverage() {
        Some(RecordedTypes::All) => {}
        Some(RecordedTypes::LeavesOut(types)) => {
            reasons.broken("types_left_out", format!("recorder {name} leaves out {}", types.join(", ")));
        }
        Some(RecordedTypes::Chosen(types)) => {
            reasons.broken("types_left_out", format!("recorder {name} records {types} chosen resource types, not all"));
        }
        None => reasons.doubt(format!("Config does not say what recorder {name} records")),
    }
    if reasons.add(seen.channels.clone()).is_some_and(|channels| channels.is_empty()) {
        reasons.broken("no_delivery_channel", format!("{region} has no delivery channel"));
    }
    match seen.recorder.role_arn() {
        Some(role) if role.ends_with(SERVICE_LINKED_ROLE) => {}
        Some(role) => reasons
            .broken("role_not_service_linked", format!("recorder {name} uses {role}, not the service-linked role")),
        None => reasons.doubt(format!("Config does not say which role recorder {name} uses")),
    }
    let frequency = seen.recorder.recording_mode().map(|mode| mode.recording_frequency().as_str());
    reasons
        .or_pass(|| format!("recorder {name} records all resource types in {region}, which has a delivery channel"))
        .evidence(json!({ "recorder": name, "frequency": frequency }))
}

fn running(name: &str, run: Result<Run<'_>, &Gap>, reasons: &mut Reasons) {
    match run {
        Err(gap) => reasons.unseen(gap),
        Ok(Run::Succeeded) => {}
        Ok(Run::Untold) => reasons.doubt(format!("Config shows no status of recorder {name}")),
        Ok(Run::Stopped) => reasons.broken("recorder_stopped", format!("recorder {name} is stopped")),
        Ok(Run::Failed(code)) => {
            let code = code.unwrap_or("no error code");
            reasons.broken("recording_fails", format!("the last recording of recorder {name} failed with {code}"));
        }
        Ok(Run::Pending) => reasons.doubt(format!("recorder {name} has recorded nothing yet (PENDING)")),
        Ok(Run::Unclear(last)) => {
            reasons.doubt(format!("the last status of recorder {name} is {}", last.as_deref().unwrap_or("missing")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_config::types::builders::RecordingGroupBuilder;
    use aws_sdk_config::types::{
        ConfigurationRecorder, ConfigurationRecorderStatus, DeliveryChannel, ExclusionByResourceTypes, RecorderStatus,
        RecordingGroup, RecordingStrategy, RecordingStrategyType, ResourceType,
    };
    use posture_estate::finding::GapKind;
    use posture_estate::services::config::recorder::Recorder;

    const ROLE: &str = "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig";

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "config:DescribeConfigurationRecorders", GapKind::Denied, "no")
    }

    fn group() -> RecordingGroupBuilder {
        RecordingGroup::builder().all_supported(true).include_global_resource_types(true)
    }

    fn excluding(types: &[ResourceType]) -> RecordingGroup {
        let by = ExclusionByResourceTypes::builder().set_resource_types(Some(types.to_vec())).build();
        let strategy = RecordingStrategy::builder().use_only(RecordingStrategyType::ExclusionByResourceTypes).build();
        RecordingGroup::builder().exclusion_by_resource_types(by).recording_strategy(strategy).build()
    }

    fn chosen(types: &[ResourceType]) -> RecordingGroup {
        let strategy = RecordingStrategy::builder().use_only(RecordingStrategyType::InclusionByResourceTypes).build();
        RecordingGroup::builder().set_resource_types(Some(types.to_vec())).recording_strategy(strategy).build()
    }

    fn seen(group: RecordingGroup, recording: bool, last: RecorderStatus, role: &str, channels: usize) -> Seen {
        let recorder = ConfigurationRecorder::builder().name("default").role_arn(role).recording_group(group).build();
        let status = ConfigurationRecorderStatus::builder().name("default").recording(recording).last_status(last);
        let channels = vec![DeliveryChannel::builder().name("default").build(); channels];
        let (statuses, channels) = (Ok(Arc::new(vec![status.build()])), Ok(Arc::new(channels)));
        Seen::Recorder(Box::new(Recorder { recorder, statuses, channels }))
    }

    fn recorder(group: RecordingGroup) -> Seen {
        seen(group, true, RecorderStatus::Success, ROLE, 1)
    }

    fn status(seen: &Seen) -> Status {
        judge("eu-west-1", seen).status
    }

    #[test]
    fn a_running_recorder_of_all_types_passes() {
        assert_eq!(status(&recorder(group().build())), Status::Pass);
        assert_eq!(status(&recorder(group().include_global_resource_types(false).build())), Status::Pass);
        assert_eq!(status(&recorder(excluding(&[ResourceType::Role, ResourceType::User]))), Status::Pass);
    }

    #[test]
    fn running_is_not_enough() {
        // semantics 38
        let excluded = judge("eu-west-1", &recorder(excluding(&[ResourceType::Bucket, ResourceType::Role])));
        assert_eq!(excluded.message, "recorder default leaves out AWS::S3::Bucket");
        assert_eq!(status(&recorder(chosen(&[ResourceType::Bucket]))), Status::Fail);
        assert_eq!(status(&seen(group().build(), false, RecorderStatus::Success, ROLE, 1)), Status::Fail);
        assert_eq!(status(&seen(group().build(), true, RecorderStatus::Failure, ROLE, 1)), Status::Fail);
        assert_eq!(status(&seen(group().build(), true, RecorderStatus::Pending, ROLE, 1)), Status::Unknown);
        assert_eq!(status(&seen(group().build(), true, RecorderStatus::from("SUCCESS"), ROLE, 1)), Status::Pass);
        assert_eq!(status(&seen(group().build(), true, RecorderStatus::Success, ROLE, 0)), Status::Fail);
        let own_role = "arn:aws:iam::111122223333:role/config";
        assert_eq!(status(&seen(group().build(), true, RecorderStatus::Success, own_role, 1)), Status::Fail);
    }

    #[test]
    fn service_linked_recorders_do_not_count_and_a_denied_region_is_unknown() {
        // semantics 37
        assert_eq!(status(&Seen::NoRecorder(vec![])), Status::Fail);
        assert!(
            judge("r", &Seen::NoRecorder(vec!["observability.amazonaws.com".into()])).message.contains("observability")
        );
        assert_eq!(status(&Seen::Nothing(gap())), Status::Unknown);
    }
}
