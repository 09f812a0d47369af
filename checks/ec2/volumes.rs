//! Volumes that nothing holds, or that outlive what does. For `network_and_volumes_orderly`.

use crate::prelude::*;
use aws_sdk_ec2::types::{Volume, VolumeState};

/// Neither being made nor being deleted.
pub(super) fn is_settled(volume: &Volume) -> bool {
    !matches!(volume.state(), Some(VolumeState::Creating | VolumeState::Deleting | VolumeState::Deleted))
}

pub(super) fn judge_volume(volume: &Volume, meant: bool) -> Verdict {
    let id = volume.volume_id().unwrap_or("unnamed");
    let mut reasons = Reasons::new();
    if volume.attachments().is_empty() {
        match volume.state() {
            Some(VolumeState::Available | VolumeState::Error) if meant => {}
            Some(VolumeState::Available | VolumeState::Error) => {
                reasons.broken("volume_unattached", format!("volume {id} is not attached to any instance"))
            }
            _ => reasons.doubt(format!("volume {id} is neither attached nor available")),
        }
    }
    for attachment in volume.attachments() {
        let instance = attachment.instance_id().unwrap_or("unnamed");
        match attachment.delete_on_termination() {
            Some(true) => {}
            Some(false) if meant => {}
            Some(false) => reasons.broken(
                "volume_outlives_instance",
                format!("volume {id} stays behind when instance {instance} is terminated"),
            ),
            None => reasons
                .doubt(format!("EC2 did not say what becomes of volume {id} when instance {instance} is terminated")),
        }
    }
    let kept = volume.attachments().is_empty()
        || volume.attachments().iter().any(|a| a.delete_on_termination() == Some(false));
    let pass = || match kept {
        true if volume.attachments().is_empty() => format!("volume {id} is not attached to any instance, as listed"),
        true => format!("volume {id} stays behind when its instance is terminated, as listed"),
        false => format!("volume {id} is attached and goes with its instance"),
    };
    reasons.or_pass(pass).evidence(json!({
        "state": volume.state().map(VolumeState::as_str),
        "attached_to": volume.attachments().iter().map(|a| a.instance_id()).collect::<Vec<_>>(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::VolumeAttachment;

    #[test]
    fn volumes() {
        // semantics 114
        let volume = |kept: Option<bool>| {
            let attachment = VolumeAttachment::builder()
                .instance_id("i-1")
                .set_delete_on_termination(kept.map(|kept| !kept))
                .build();
            Volume::builder().volume_id("vol-1").state(VolumeState::InUse).attachments(attachment).build()
        };
        assert_eq!(judge_volume(&volume(Some(false)), false).status, Status::Pass);
        assert_eq!(judge_volume(&volume(Some(true)), false).status, Status::Fail);
        assert_eq!(judge_volume(&volume(Some(true)), true).status, Status::Pass);
        assert_eq!(judge_volume(&volume(None), false).status, Status::Unknown);
        let free = Volume::builder().volume_id("vol-1").state(VolumeState::Available).build();
        assert_eq!(judge_volume(&free, false).status, Status::Fail);
        let listed = judge_volume(&free, true);
        assert_eq!(listed.status, Status::Pass, "the setting covers every fault of a volume");
        assert_eq!(listed.message, "volume vol-1 is not attached to any instance, as listed");
        assert!(!is_settled(&Volume::builder().state(VolumeState::Deleting).build()));
    }
}
