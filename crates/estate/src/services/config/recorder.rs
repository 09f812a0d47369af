//! What a Region shows of its Config recorder: whether it runs, what it covers and whether it delivers.

use crate::finding::Gap;
use crate::place::{Answer, Region};
use aws_sdk_config::types::{
    ConfigurationRecorder, ConfigurationRecorderStatus, DeliveryChannel, RecordingGroup, RecordingStrategyType,
};

/// The types that are the same in every Region and should be recorded in one.
/// <https://docs.aws.amazon.com/config/latest/developerguide/select-resources.html>
const GLOBAL_TYPES: [&str; 4] = ["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"];

/// Where AWS Config was available before February 2022. Only there the global types can be recorded; in the Regions that it came to later
/// they never are, whatever a recorder says, so that this list does not grow.
/// <https://docs.aws.amazon.com/config/latest/developerguide/select-resources.html#select-resources-all>, read 2026-11-26: it names among
/// the others Hyderabad, Melbourne, Calgary, Spain, Zurich, Tel Aviv and the United Arab Emirates.
const GLOBAL_TYPES_REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ca-central-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-north-1",
    "eu-south-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "me-south-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// Whether Config can record the global types in a Region; `None` in partitions of which AWS's documentation does not say it.
pub fn records_global_types(partition: &str, region: &str) -> Option<bool> {
    ["aws", "aws-cn", "aws-us-gov"].contains(&partition).then(|| GLOBAL_TYPES_REGIONS.contains(&region))
}

/// What a Region shows of its recorder.
#[derive(Debug)]
pub enum Seen {
    Nothing(Gap),
    /// No recorder but, perhaps, those of AWS services.
    NoRecorder(Vec<String>),
    Recorder(Box<Recorder>),
}

/// The customer managed recorder of a Region, and the answers about it.
#[derive(Debug)]
pub struct Recorder {
    pub recorder: ConfigurationRecorder,
    pub statuses: Answer<Vec<ConfigurationRecorderStatus>>,
    pub channels: Answer<Vec<DeliveryChannel>>,
}

/// What the last recording came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Run<'a> {
    Stopped,
    Succeeded,
    /// With an error code, if Config tells one.
    Failed(Option<&'a str>),
    Pending,
    /// Another word than Config has documented, or none.
    Unclear(Option<String>),
    /// Config shows no status of the recorder.
    Untold,
}

/// Which types are recorded; the global ones need not be, in any one Region.
#[derive(Debug, PartialEq, Eq)]
pub enum RecordedTypes<'a> {
    All,
    LeavesOut(Vec<&'a str>),
    /// So many chosen types.
    Chosen(usize),
}

impl Seen {
    pub async fn look(at: &Region) -> Seen {
        let recorders = match at.config().config_recorders().await {
            Ok(recorders) => recorders,
            Err(gap) => return Seen::Nothing(gap),
        };
        let Some(recorder) = recorders.iter().find(|recorder| recorder.service_principal().is_none()) else {
            let services = recorders.iter().filter_map(|r| r.service_principal()).map(str::to_owned);
            return Seen::NoRecorder(services.collect());
        };
        let (statuses, channels) =
            tokio::join!(at.config().config_recorder_statuses(), at.config().config_delivery_channels());
        Seen::Recorder(Box::new(Recorder { recorder: recorder.clone(), statuses, channels }))
    }
}

impl Recorder {
    pub fn name(&self) -> &str {
        self.recorder.name().unwrap_or("without a name")
    }

    /// What the recorder does at present.
    pub fn run(&self) -> Result<Run<'_>, &Gap> {
        let statuses = self.statuses.as_ref()?;
        let Some(status) = statuses.iter().find(|status| status.name() == self.recorder.name()) else {
            return Ok(Run::Untold);
        };
        if !status.recording() {
            return Ok(Run::Stopped);
        }
        // The model spells the values Success, AWS's documentation SUCCESS; endpoints are seen with either.
        Ok(match status.last_status().map(|last| last.as_str().to_ascii_uppercase()).as_deref() {
            Some("SUCCESS") => Run::Succeeded,
            Some("FAILURE") => Run::Failed(status.last_error_code()),
            Some("PENDING") => Run::Pending,
            other => Run::Unclear(other.map(str::to_owned)),
        })
    }

    /// `None` when Config does not say what is recorded.
    pub fn coverage(&self) -> Option<RecordedTypes<'_>> {
        self.recorder.recording_group().map(coverage)
    }

    /// Whether the global types are among what is recorded.
    pub fn covers_global_types(&self) -> bool {
        self.recorder.recording_group().is_some_and(covers_global_types)
    }
}

fn coverage(group: &RecordingGroup) -> RecordedTypes<'_> {
    match group.recording_strategy().and_then(|strategy| strategy.use_only()) {
        Some(RecordingStrategyType::ExclusionByResourceTypes) => {
            let left_out: Vec<&str> = excluded(group).filter(|kind| !GLOBAL_TYPES.contains(kind)).collect();
            if left_out.is_empty() { RecordedTypes::All } else { RecordedTypes::LeavesOut(left_out) }
        }
        None | Some(RecordingStrategyType::AllSupportedResourceTypes) if group.all_supported() => RecordedTypes::All,
        _ => RecordedTypes::Chosen(group.resource_types().len()),
    }
}

fn excluded(group: &RecordingGroup) -> impl Iterator<Item = &str> {
    group.exclusion_by_resource_types().into_iter().flat_map(|by| by.resource_types()).map(|kind| kind.as_str())
}

fn covers_global_types(group: &RecordingGroup) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_config::types::{ExclusionByResourceTypes, RecorderStatus, RecordingStrategy, ResourceType};
    use std::sync::Arc;

    fn excluding(types: &[ResourceType]) -> RecordingGroup {
        let by = ExclusionByResourceTypes::builder().set_resource_types(Some(types.to_vec())).build();
        let strategy = RecordingStrategy::builder().use_only(RecordingStrategyType::ExclusionByResourceTypes).build();
        RecordingGroup::builder().exclusion_by_resource_types(by).recording_strategy(strategy).build()
    }

    #[test]
    fn regions_that_config_came_to_after_february_2022_record_no_global_types() {
        // semantics 107
        for region in ["us-east-1", "eu-south-1", "ap-southeast-3", "me-south-1", "ap-northeast-3"] {
            assert_eq!(records_global_types("aws", region), Some(true), "{region}");
        }
        let later = ["ap-south-2", "ap-southeast-4", "ca-west-1", "eu-south-2", "eu-central-2", "il-central-1", "me-central-1"];
        for region in later.into_iter().chain(["ap-southeast-5", "ap-southeast-7", "mx-central-1", "ap-east-2", "xx-new-1"]) {
            assert_eq!(records_global_types("aws", region), Some(false), "{region}");
        }
        assert_eq!(records_global_types("aws-cn", "cn-northwest-1"), Some(true));
        assert_eq!(records_global_types("aws-us-gov", "us-gov-east-1"), Some(true));
        assert_eq!(records_global_types("aws-iso", "us-iso-east-1"), None);
        assert_eq!(records_global_types("aws-eusc", "eusc-de-east-1"), None);
    }

    #[test]
    fn global_types_may_be_left_out_of_all() {
        let some = excluding(&[ResourceType::Role, ResourceType::Bucket]);
        assert_eq!(coverage(&some), RecordedTypes::LeavesOut(vec!["AWS::S3::Bucket"]));
        let group = excluding(&[ResourceType::Role]);
        assert_eq!((coverage(&group), covers_global_types(&group)), (RecordedTypes::All, false));
        let all = RecordingGroup::builder().all_supported(true);
        assert!(covers_global_types(&all.clone().include_global_resource_types(true).build()));
        assert!(!covers_global_types(&all.build()));
        let chosen = RecordingGroup::builder().resource_types(ResourceType::Bucket).build();
        assert_eq!((coverage(&chosen), covers_global_types(&chosen)), (RecordedTypes::Chosen(1), false));
    }

    #[test]
    fn a_status_is_that_of_the_recorder_in_either_spelling() {
        let run = |name: &str, recording: bool, last: &str| {
            let status = ConfigurationRecorderStatus::builder().name(name).recording(recording);
            let statuses = Ok(Arc::new(vec![status.last_status(RecorderStatus::from(last)).build()]));
            let recorder = ConfigurationRecorder::builder().name("default").build();
            format!("{:?}", Recorder { recorder, statuses, channels: Ok(Arc::default()) }.run())
        };
        assert_eq!(run("default", true, "SUCCESS"), run("default", true, "Success"));
        assert_eq!(run("default", true, "Success"), "Ok(Succeeded)");
        assert_eq!(run("default", true, "Failure"), "Ok(Failed(None))");
        assert_eq!(run("default", false, "Success"), "Ok(Stopped)");
        assert_eq!(run("other", true, "Success"), "Ok(Untold)");
        assert_eq!(run("default", true, "Odd"), "Ok(Unclear(Some(\"ODD\")))");
    }
}
