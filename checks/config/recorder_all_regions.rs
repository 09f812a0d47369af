//! Does AWS Config record all types in each Region, and the global types in at least one? The probe of one Region
//! answers the second question for all.

use crate::prelude::*;
use aws_sdk_config::types::{
    ConfigurationRecorder, ConfigurationRecorderStatus, DeliveryChannel, RecordingGroup, RecordingStrategyType,
};
use posture_estate::services::account::ListedRegion;

/// The types that are the same in every Region and should be recorded in one.
/// <https://docs.aws.amazon.com/config/latest/developerguide/select-resources.html>
const GLOBAL_TYPES: [&str; 4] = ["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"];

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
    let verdict = match global_types(&all) {
        verdict if verdict.status == Status::Fail && !covers_all_regions(account).await => {
            Verdict::undecided(format!("{}; Regions beyond these were not looked at", verdict.message))
        }
        verdict => verdict,
    };
    findings.push(verdict.sub("global_types").on(at.resource()));
    Ok(findings)
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

/// What a Region shows of its recorder.
enum Seen {
    Nothing(Gap),
    /// No recorder but, perhaps, those of AWS services.
    NoRecorder(Vec<String>),
    Recorder(Box<ConfigurationRecorder>, Answer<Vec<ConfigurationRecorderStatus>>, Answer<Vec<DeliveryChannel>>),
}

impl Seen {
    async fn look(at: &Region) -> Seen {
        let recorders = match at.config().config_recorders().await {
            Ok(recorders) => recorders,
            Err(gap) => return Seen::Nothing(gap),
        };
        let Some(recorder) = recorders.iter().find(|recorder| recorder.service_principal().is_none()) else {
            return Seen::NoRecorder(
                recorders.iter().filter_map(|r| r.service_principal()).map(str::to_owned).collect(),
            );
        };
        let (statuses, channels) =
            tokio::join!(at.config().config_recorder_statuses(), at.config().config_delivery_channels());
        Seen::Recorder(Box::new(recorder.clone()), statuses, channels)
    }
}

fn judge(region: &str, seen: &Seen) -> Verdict {
    let (recorder, statuses, channels) = match seen {
        Seen::Nothing(gap) => return Verdict::unseen(gap),
        Seen::NoRecorder(services) if services.is_empty() => {
            return Verdict::fail("no_recorder", format!("{region} has no Config recorder"));
        }
        Seen::NoRecorder(services) => {
            let services = services.join(", ");
            return Verdict::fail(
                "no_recorder",
                format!("{region} has no Config recorder but the service-linked one of {services}"),
            );
        }
        Seen::Recorder(recorder, statuses, channels) => (recorder, statuses, channels),
    };
    let name = recorder.name().unwrap_or("without a name");
    let mut reasons = Reasons::new();
    if let Some(statuses) = reasons.add(statuses.clone()) {
        match status_of(recorder, &statuses) {
            Some(status) => running(name, status, &mut reasons),
            None => reasons.doubt(format!("Config shows no status of recorder {name}")),
        }
    }
    match recorder.recording_group() {
        Some(group) => all_types(name, group, &mut reasons),
        None => reasons.doubt(format!("Config does not say what recorder {name} records")),
    }
    if reasons.add(channels.clone()).is_some_and(|channels| channels.is_empty()) {
        reasons.broken("no_delivery_channel", format!("{region} has no delivery channel"));
    }
    match recorder.role_arn() {
        Some(role) if role.ends_with(SERVICE_LINKED_ROLE) => {}
        Some(role) => reasons
            .broken("role_not_service_linked", format!("recorder {name} uses {role}, not the service-linked role")),
        None => reasons.doubt(format!("Config does not say which role recorder {name} uses")),
    }
    let frequency = recorder.recording_mode().map(|mode| mode.recording_frequency().as_str());
    reasons
        .or_pass(|| format!("recorder {name} records all resource types in {region} and delivers them"))
        .evidence(json!({ "recorder": name, "frequency": frequency }))
}

fn status_of<'a>(
    recorder: &ConfigurationRecorder,
    statuses: &'a [ConfigurationRecorderStatus],
) -> Option<&'a ConfigurationRecorderStatus> {
    statuses.iter().find(|status| status.name() == recorder.name())
}

fn running(name: &str, status: &ConfigurationRecorderStatus, reasons: &mut Reasons) {
    if !status.recording() {
        return reasons.broken("recorder_stopped", format!("recorder {name} is stopped"));
    }
    // The model spells the values Success, AWS's documentation SUCCESS; endpoints are seen with either.
    match status.last_status().map(|last| last.as_str().to_ascii_uppercase()).as_deref() {
        Some("SUCCESS") => {}
        Some("FAILURE") => {
            let code = status.last_error_code().unwrap_or("no error code");
            reasons.broken("recording_fails", format!("the last recording of recorder {name} failed with {code}"));
        }
        Some("PENDING") => reasons.doubt(format!("recorder {name} has recorded nothing yet (PENDING)")),
        other => reasons.doubt(format!("the last status of recorder {name} is {}", other.unwrap_or("missing"))),
    }
}

fn all_types(name: &str, group: &RecordingGroup, reasons: &mut Reasons) {
    match group.recording_strategy().and_then(|strategy| strategy.use_only()) {
        Some(RecordingStrategyType::ExclusionByResourceTypes) => {
            let left_out: Vec<&str> = excluded(group).filter(|kind| !GLOBAL_TYPES.contains(kind)).collect();
            if !left_out.is_empty() {
                reasons.broken("types_left_out", format!("recorder {name} leaves out {}", left_out.join(", ")));
            }
        }
        None | Some(RecordingStrategyType::AllSupportedResourceTypes) if group.all_supported() => {}
        _ => {
            let types = group.resource_types().len();
            reasons.broken("types_left_out", format!("recorder {name} records {types} chosen resource types, not all"));
        }
    }
}

fn excluded(group: &RecordingGroup) -> impl Iterator<Item = &str> {
    group.exclusion_by_resource_types().into_iter().flat_map(|by| by.resource_types()).map(|kind| kind.as_str())
}

fn records_global_types(group: &RecordingGroup) -> bool {
    match group.recording_strategy().and_then(|strategy| strategy.use_only()) {
        Some(RecordingStrategyType::ExclusionByResourceTypes) => {
            !excluded(group).any(|kind| GLOBAL_TYPES.contains(&kind))
        }
        None | Some(RecordingStrategyType::AllSupportedResourceTypes) if group.all_supported() => {
            group.include_global_resource_types()
        }
        _ => GLOBAL_TYPES.iter().all(|global| group.resource_types().iter().any(|kind| kind.as_str() == *global)),
    }
}

fn global_types(seen: &[(&str, Seen)]) -> Verdict {
    let mut reasons = Reasons::new();
    let mut recording = Vec::new();
    for (region, seen) in seen {
        match seen {
            Seen::Nothing(gap) => reasons.unseen(gap),
            Seen::NoRecorder(_) => {}
            Seen::Recorder(recorder, statuses, _) => {
                if recorder.recording_group().is_some_and(records_global_types) {
                    match statuses {
                        Ok(statuses) if status_of(recorder, statuses).is_some_and(|status| status.recording()) => {
                            recording.push(*region);
                        }
                        Ok(_) => {}
                        Err(gap) => reasons.unseen(gap),
                    }
                }
            }
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
    use aws_sdk_config::types::builders::RecordingGroupBuilder;
    use aws_sdk_config::types::{ExclusionByResourceTypes, RecorderStatus, RecordingStrategy, ResourceType};
    use posture_estate::finding::GapKind;

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
        Seen::Recorder(Box::new(recorder), Ok(Arc::new(vec![status.build()])), Ok(Arc::new(channels)))
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
        assert_eq!(status(&Seen::NoRecorder(vec![])), Status::Fail);
        assert!(
            judge("r", &Seen::NoRecorder(vec!["observability.amazonaws.com".into()])).message.contains("observability")
        );
        assert_eq!(status(&Seen::Nothing(gap())), Status::Unknown);
    }

    #[test]
    fn global_types_are_wanted_in_one_region() {
        let with = || recorder(group().build());
        let without = || recorder(group().include_global_resource_types(false).build());
        let judged = |seen: Vec<(&str, Seen)>| global_types(&seen).status;
        assert_eq!(judged(vec![("a", without()), ("b", with())]), Status::Pass);
        assert_eq!(judged(vec![("a", without()), ("b", without())]), Status::Fail);
        assert_eq!(judged(vec![("a", without()), ("b", Seen::Nothing(gap()))]), Status::Unknown);
        assert_eq!(judged(vec![("a", recorder(excluding(&[ResourceType::Role])))]), Status::Fail);
        assert_eq!(judged(vec![("a", recorder(excluding(&[ResourceType::Bucket])))]), Status::Pass);
        let stopped = seen(group().build(), false, RecorderStatus::Success, ROLE, 1);
        assert_eq!(judged(vec![("a", stopped)]), Status::Fail);
    }
}
