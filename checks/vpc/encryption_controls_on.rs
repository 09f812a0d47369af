//! VPC encryption controls tell (monitor) or see to it (enforce) that traffic inside a VPC is encrypted. A VPC that is
//! tagged as holding nothing but public data needs none; what is not labelled is taken for classified.

use crate::prelude::*;
use aws_sdk_ec2::types::{
    Vpc, VpcEncryptionControl, VpcEncryptionControlMode as Mode, VpcEncryptionControlState as State,
};
use posture_estate::services::ec2::encryption::exclusions;
use posture_estate::services::ec2::vpc::{Expiry, expiry};
use posture_estate::text::plain_ascii;

/// Tags that label the data of a VPC.
const CLASSIFYING_TAGS: Setting<[String]> = setting!(encryption_controls_on.classifying_tags);

/// Values of such a tag for data that anyone may read.
const PUBLIC_VALUES: Setting<[String]> = setting!(encryption_controls_on.public_values);

/// Both as they are set.
#[derive(Clone, Copy)]
struct Classes<'a> {
    tags: &'a [String],
    public: &'a [String],
}

pub async fn probe(at: &Region) -> Outcome {
    let vpcs = at.ec2().vpcs().await?;
    let classes = Classes { tags: at.setting(CLASSIFYING_TAGS), public: at.setting(PUBLIC_VALUES) };
    let label = |vpc: &Vpc| label(vpc, classes).map(str::to_owned);
    let own: Vec<&Vpc> = vpcs.iter().filter(|vpc| at.ec2().owns(vpc.owner_id())).collect();
    let controls = if own.iter().all(|vpc| label(vpc).is_some()) {
        Ok(Arc::default())
    } else {
        at.ec2().vpc_encryption_controls().await
    };
    let judged = |vpc: &&Vpc| match &controls {
        Err(gap) if label(vpc).is_none() => Verdict::unseen(gap).on(at.ec2().vpc(vpc)),
        other => judge(vpc, other.as_ref().map(|all| all.as_slice()).unwrap_or_default(), classes, at.now())
            .on(at.ec2().vpc(vpc)),
    };
    Ok(own.iter().map(judged).collect())
}

/// The label that says the VPC holds nothing classified.
fn label<'a>(vpc: &'a Vpc, classes: Classes<'_>) -> Option<&'a str> {
    vpc.tags().iter().find_map(|tag| {
        let (key, value) = (plain_ascii(tag.key()?), tag.value()?);
        let known = classes.tags.iter().any(|known| plain_ascii(known) == key);
        (known && classes.public.iter().any(|public| public.eq_ignore_ascii_case(value))).then_some(value)
    })
}

fn judge(vpc: &Vpc, controls: &[VpcEncryptionControl], classes: Classes<'_>, now: &DateTime) -> Verdict {
    let name = format!("vpc {}", vpc.vpc_id().unwrap_or("?"));
    if let Some(label) = label(vpc, classes) {
        return Verdict::not_applicable(format!("{name} is labelled {label}"));
    }
    let gone = |c: &&VpcEncryptionControl| !matches!(c.state(), Some(State::Deleted | State::Deleting));
    let Some(control) = controls.iter().filter(gone).find(|c| c.vpc_id() == vpc.vpc_id()) else {
        return Verdict::fail("no_control", format!("{name} has no encryption control"));
    };
    let mut reasons = Reasons::new();
    let mode = match control.mode() {
        Some(mode @ (Mode::Monitor | Mode::Enforce)) => mode.as_str(),
        _ => {
            reasons.doubt(format!("the encryption control of {name} has no readable mode"));
            "?"
        }
    };
    match control.state() {
        // Monitoring goes on until enforcement is reached, and when that fails.
        Some(State::Available | State::EnforceInProgress | State::EnforceFailed) => {}
        Some(State::Creating | State::MonitorInProgress) => {
            reasons.doubt(format!("the encryption control of {name} is still being set up"));
        }
        Some(State::MonitorFailed) => {
            reasons.broken("control_failed", format!("the encryption control of {name} failed to start"))
        }
        _ => reasons.doubt(format!("the encryption control of {name} is in no readable state")),
    }
    let excluded = exclusions(control);
    if !excluded.is_empty() {
        let what = format!("the encryption control of {name} excludes {}", excluded.join(", "));
        match expiry(control.tags(), now) {
            Expiry::Ahead(_) => {}
            Expiry::Past(date) => reasons.broken("exclusion_expired", format!("{what}, dated until {date}")),
            Expiry::Unreadable(text) => {
                reasons.broken("exclusion_without_date", format!("{what} until {text:?}, which is no date"));
            }
            Expiry::None => {
                reasons.broken("exclusion_without_date", format!("{what} without a tag that says until when"));
            }
        }
    }
    reasons
        .or_pass(|| format!("{name} has an encryption control in {mode} mode"))
        .evidence(json!({ "excludes": excluded }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{
        Tag, VpcEncryptionControlExclusion, VpcEncryptionControlExclusionState, VpcEncryptionControlExclusions,
    };

    const NOW: i64 = 1_780_000_000; // 2026-05-28

    fn tag(key: &str, value: &str) -> Tag {
        Tag::builder().key(key).value(value).build()
    }

    fn standard() -> Classes<'static> {
        Classes { tags: CLASSIFYING_TAGS.default_value(), public: PUBLIC_VALUES.default_value() }
    }

    fn vpc() -> Vpc {
        Vpc::builder().vpc_id("vpc-1").build()
    }

    fn control(state: State) -> aws_sdk_ec2::types::builders::VpcEncryptionControlBuilder {
        VpcEncryptionControl::builder().vpc_id("vpc-1").mode(Mode::Monitor).state(state)
    }

    fn status(controls: &[VpcEncryptionControl]) -> Status {
        judge(&vpc(), controls, standard(), &DateTime::from_secs(NOW)).status
    }

    #[test]
    fn on_and_off() {
        assert_eq!(status(&[control(State::Available).build()]), Status::Pass);
        assert_eq!(status(&[control(State::Available).mode(Mode::Enforce).build()]), Status::Pass);
        assert_eq!(status(&[control(State::EnforceFailed).build()]), Status::Pass);
        assert_eq!(status(&[]), Status::Fail);
        assert_eq!(status(&[control(State::Deleted).build()]), Status::Fail);
        assert_eq!(status(&[control(State::MonitorFailed).build()]), Status::Fail);
        assert_eq!(status(&[control(State::Available).vpc_id("vpc-2").build()]), Status::Fail);
        assert_eq!(status(&[control(State::Creating).build()]), Status::Unknown);
        assert_eq!(status(&[VpcEncryptionControl::builder().vpc_id("vpc-1").build()]), Status::Unknown);
    }

    #[test]
    fn exclusions_need_a_date_ahead() {
        let nat = VpcEncryptionControlExclusion::builder().state(VpcEncryptionControlExclusionState::Enabled).build();
        let off = VpcEncryptionControlExclusion::builder().state(VpcEncryptionControlExclusionState::Disabled).build();
        let excluding = |e| {
            let all = VpcEncryptionControlExclusions::builder().nat_gateway(e).build();
            control(State::Available).resource_exclusions(all)
        };
        assert_eq!(status(&[excluding(off).build()]), Status::Pass);
        assert_eq!(status(&[excluding(nat.clone()).build()]), Status::Fail);
        assert_eq!(status(&[excluding(nat.clone()).tags(tag("expires", "2027-01-01")).build()]), Status::Pass);
        assert_eq!(status(&[excluding(nat).tags(tag("expires", "2025-01-01")).build()]), Status::Fail);
    }

    #[test]
    fn public_data_needs_none() {
        let judged = |key: &str, value: &str| {
            let vpc = Vpc::builder().vpc_id("vpc-1").tags(tag(key, value)).build();
            judge(&vpc, &[], standard(), &DateTime::from_secs(NOW)).status
        };
        assert_eq!(judged("Data-Classification", "Public"), Status::NotApplicable);
        assert_eq!(judged("data-classification", "secret"), Status::Fail);
        assert_eq!(judged("Name", "public"), Status::Fail);
    }
}
