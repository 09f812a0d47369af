//! Is every EBS volume, and every own snapshot, encrypted? Each is a finding of its own; either list may fail alone.

use crate::prelude::*;
use aws_sdk_ec2::types::{Volume, VolumeState};
use posture_estate::services::ec2::of_each;

pub async fn probe(at: &Region) -> Outcome {
    let (volumes, snapshots) = tokio::join!(at.ec2().volumes(), at.ec2().own_snapshots());
    let mut findings = of_each(at, "volumes", volumes, |volume| {
        is_kept(volume).then(|| {
            judge("volume", volume.volume_id(), volume.encrypted(), volume.kms_key_id()).on(at.ec2().volume(volume))
        })
    });
    findings.extend(of_each(at, "snapshots", snapshots, |snapshot| {
        let verdict = judge("snapshot", snapshot.snapshot_id(), snapshot.encrypted(), snapshot.kms_key_id());
        Some(verdict.on(at.ec2().snapshot(snapshot)))
    }));
    Ok(findings)
}

/// A volume that is being deleted has nothing left to protect.
fn is_kept(volume: &Volume) -> bool {
    !matches!(volume.state(), Some(VolumeState::Deleting | VolumeState::Deleted))
}

fn judge(kind: &str, id: Option<&str>, encrypted: Option<bool>, key: Option<&str>) -> Verdict {
    let id = id.unwrap_or("unnamed");
    match encrypted {
        Some(true) => Verdict::pass(format!("{kind} {id} is encrypted")),
        Some(false) => Verdict::fail("not_encrypted", format!("{kind} {id} is not encrypted")),
        None => Verdict::undecided(format!("EC2 did not say whether {kind} {id} is encrypted")),
    }
    .evidence(json!({"encrypted": encrypted, "kms_key_id": key}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_and_no_answer() {
        assert_eq!(judge("volume", Some("vol-1"), Some(true), Some("key")).status, Status::Pass);
        assert_eq!(judge("volume", Some("vol-1"), Some(false), None).status, Status::Fail);
        assert_eq!(judge("snapshot", Some("snap-1"), None, None).status, Status::Unknown);
    }

    #[test]
    fn a_deleted_volume_is_left_out() {
        assert!(!is_kept(&Volume::builder().state(VolumeState::Deleting).build()));
        assert!(is_kept(&Volume::builder().state(VolumeState::Available).build()));
        assert!(is_kept(&Volume::builder().build()));
    }
}
