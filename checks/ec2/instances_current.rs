//! Is the fleet renewed? A running instance ages from its last start and from its image; a stopped one from its stop.

use std::collections::{BTreeSet, HashMap};

use crate::prelude::*;
use aws_sdk_ec2::types::{Image, ImageState, Instance};
use aws_smithy_types::date_time::Format;
use posture_estate::services::ec2::{exists, instance_id, runs};

/// A running instance that was started longer ago than this is due for replacement.
const RUNNING_DAYS: Setting<i64> = setting!(instances_current.running_days);

/// A stopped instance that was stopped longer ago than this is due for removal; Security Hub's EC2.4 uses the same
/// number.
const STOPPED_DAYS: Setting<i64> = setting!(instances_current.stopped_days);

type Images<'a> = Result<HashMap<&'a str, &'a Image>, &'a Gap>;

pub async fn probe(at: &Region) -> Outcome {
    let instances = at.ec2().instances().await?;
    let ids: BTreeSet<String> = instances.iter().filter(|i| runs(i)).filter_map(|i| i.image_id.clone()).collect();
    let images = match ids.is_empty() {
        true => Ok(Arc::new(vec![])),
        false => at.ec2().images(&Vec::from_iter(ids)).await,
    };
    let images: Images = images.as_ref().map(|list| list.iter().filter_map(|i| Some((i.image_id()?, i))).collect());
    let now = *at.now();
    let (running, stopped) = (*at.setting(RUNNING_DAYS), *at.setting(STOPPED_DAYS));
    let judge = |i: &Instance| match runs(i) {
        true => judge_running(i, &images, running, now),
        false => judge_stopped(i, stopped, now),
    };
    Ok(instances.iter().filter(|i| exists(i)).map(|i| judge(i).on(at.ec2().instance(i))).collect())
}

fn judge_running(instance: &Instance, images: &Images, limit: i64, now: DateTime) -> Verdict {
    let id = instance_id(instance);
    let mut reasons = Reasons::new();
    let age = instance.launch_time().map(|start| days(start, &now));
    match age {
        Some(age) if age > limit => {
            reasons.broken("running_too_long", format!("instance {id} was started {age} days ago (limit {limit})"));
        }
        Some(_) => {}
        None => reasons.doubt(format!("EC2 did not say when instance {id} was started")),
    }
    let ami = instance.image_id().unwrap_or("unnamed");
    match images {
        Err(gap) => reasons.unseen(gap),
        Ok(images) => judge_image(&mut reasons, id, ami, images.get(ami).copied(), now),
    }
    reasons
        .or_pass(|| format!("instance {id} is within the age limit and its image {ami} is not deprecated"))
        .evidence(json!({"days_since_start": age, "image_id": ami}))
}

fn judge_image(reasons: &mut Reasons, id: &str, ami: &str, image: Option<&Image>, now: DateTime) {
    let Some(image) = image else {
        return reasons
            .doubt(format!("instance {id} runs image {ami}, which is deregistered or not visible to this account"));
    };
    if let Some(state @ (ImageState::Deregistered | ImageState::Disabled)) = image.state() {
        reasons.broken("image_withdrawn", format!("instance {id} runs image {ami}, which is {state}"));
    }
    if let Some(date) = image.deprecation_time().filter(|date| !date.is_empty()) {
        match DateTime::from_str(date, Format::DateTime) {
            Ok(since) if since <= now => {
                reasons.broken("image_deprecated", format!("instance {id} runs image {ami}, deprecated since {date}"))
            }
            Ok(_) => {}
            Err(_) => reasons.doubt(format!("the deprecation date of image {ami} cannot be read: {date}")),
        }
    }
}

fn judge_stopped(instance: &Instance, limit: i64, now: DateTime) -> Verdict {
    let id = instance_id(instance);
    let reason = instance.state_transition_reason().unwrap_or_default();
    let stopped = stop_time(reason).map(|stop| days(&stop, &now));
    let started = instance.launch_time().map(|start| days(start, &now));
    match (stopped, started) {
        (Some(age), _) if age > limit => {
            Verdict::fail("stopped_too_long", format!("instance {id} was stopped {age} days ago (limit {limit})"))
        }
        (Some(age), _) => Verdict::pass(format!("instance {id} was stopped {age} days ago")),
        (None, Some(age)) if age <= limit => {
            Verdict::pass(format!("instance {id} is stopped and was still running {age} days ago"))
        }
        _ => Verdict::undecided(format!("instance {id} is stopped and EC2 does not say since when")),
    }
    .evidence(json!({"days_since_stop": stopped, "state_transition_reason": reason}))
}

/// The time in a reason such as `User initiated (2025-03-01 12:00:00 GMT)`.
fn stop_time(reason: &str) -> Option<DateTime> {
    let (_, rest) = reason.rsplit_once('(')?;
    let (date, time) = rest.split_once(')')?.0.trim_end_matches(" GMT").trim_end_matches(" UTC").split_once(' ')?;
    DateTime::from_str(&format!("{date}T{time}Z"), Format::DateTime).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2025-06-30T00:00:00Z";

    fn time(text: &str) -> DateTime {
        DateTime::from_str(text, Format::DateTime).unwrap()
    }

    fn running(since: &str, image: Option<Image>) -> Status {
        let instance = Instance::builder().instance_id("i-1").image_id("ami-1").launch_time(time(since)).build();
        let images = Ok(image.iter().filter_map(|i| Some((i.image_id()?, i))).collect());
        judge_running(&instance, &images, 180, time(NOW)).status
    }

    fn image(deprecation: Option<&str>) -> Option<Image> {
        Some(Image::builder().image_id("ami-1").set_deprecation_time(deprecation.map(String::from)).build())
    }

    fn stopped(since: &str, reason: &str) -> Status {
        let instance = Instance::builder().launch_time(time(since)).state_transition_reason(reason).build();
        judge_stopped(&instance, 30, time(NOW)).status
    }

    #[test]
    fn a_running_instance_ages_from_its_start() {
        assert_eq!(running("2025-01-01T00:00:00Z", image(None)), Status::Pass);
        assert_eq!(running("2024-12-30T00:00:00Z", image(None)), Status::Fail);
    }

    #[test]
    fn a_deprecated_image_fails_once_its_day_has_come() {
        assert_eq!(running("2025-06-01T00:00:00Z", image(Some("2025-06-01T00:00:00.000Z"))), Status::Fail);
        assert_eq!(running("2025-06-01T00:00:00Z", image(Some("2027-06-01T00:00:00.000Z"))), Status::Pass);
        assert_eq!(running("2025-06-01T00:00:00Z", image(Some("soon"))), Status::Unknown);
    }

    #[test]
    fn an_image_that_cannot_be_seen_is_no_pass() {
        assert_eq!(running("2025-06-01T00:00:00Z", None), Status::Unknown);
        assert_eq!(running("2024-06-01T00:00:00Z", None), Status::Fail);
    }

    #[test]
    fn a_disabled_image_fails() {
        let disabled = Image::builder().image_id("ami-1").state(ImageState::Disabled).build();
        assert_eq!(running("2025-06-01T00:00:00Z", Some(disabled)), Status::Fail);
    }

    #[test]
    fn a_stopped_instance_ages_from_its_stop() {
        assert_eq!(stopped("2024-01-01T00:00:00Z", "User initiated (2025-06-10 12:00:00 GMT)"), Status::Pass);
        assert_eq!(stopped("2024-01-01T00:00:00Z", "User initiated (2025-05-01 12:00:00 GMT)"), Status::Fail);
        assert_eq!(
            stopped("2024-01-01T00:00:00Z", "Server.ScheduledStop: Stopped due to scheduled retirement"),
            Status::Unknown
        );
        assert_eq!(stopped("2025-06-15T00:00:00Z", ""), Status::Pass);
    }
}
