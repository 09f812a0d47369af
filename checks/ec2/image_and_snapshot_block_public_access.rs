//! Does the region refuse to make images and snapshots public? Two settings, two findings. For snapshots the stronger
//! of the two blocking modes is asked for: the weaker one leaves what is public already public.

use crate::prelude::*;
use aws_sdk_ec2::types::SnapshotBlockPublicAccessState;

pub async fn probe(at: &Region) -> Outcome {
    let (images, snapshots) =
        tokio::join!(at.ec2().image_block_public_access(), at.ec2().snapshot_block_public_access());
    let images = images.map_or_else(|gap| Verdict::unseen(&gap), |state| judge_images(&state));
    let snapshots = snapshots.map_or_else(|gap| Verdict::unseen(&gap), |state| judge_snapshots(&state));
    Ok(vec![images.sub("images").on(at.resource()), snapshots.sub("snapshots").on(at.resource())])
}

fn judge_images(state: &str) -> Verdict {
    match state {
        "block-new-sharing" => Verdict::pass("block public access is on for images: none can be made public"),
        "unblocked" => {
            Verdict::fail("images_not_blocked", "block public access is off for images: any of them can be made public")
        }
        other => Verdict::undecided(format!("block public access for images is in a state that is not known: {other}")),
    }
    .evidence(json!({
        "image_block_public_access_state": state,
        "open": if state == "unblocked" { &["new sharing"][..] } else { &[] },
    }))
}

fn judge_snapshots(state: &SnapshotBlockPublicAccessState) -> Verdict {
    let open = match state {
        SnapshotBlockPublicAccessState::Unblocked => &["what is public already", "new sharing"][..],
        SnapshotBlockPublicAccessState::BlockNewSharing => &["what is public already"],
        _ => &[],
    };
    match state {
        SnapshotBlockPublicAccessState::BlockAllSharing => {
            Verdict::pass("block public access blocks all sharing of snapshots")
        }
        SnapshotBlockPublicAccessState::BlockNewSharing => Verdict::fail(
            "public_snapshots_stay",
            "block public access blocks only new sharing of snapshots: those that are public already stay public",
        ),
        SnapshotBlockPublicAccessState::Unblocked => Verdict::fail(
            "snapshots_not_blocked",
            "block public access is off for snapshots: any of them can be made public",
        ),
        other => {
            Verdict::undecided(format!("block public access for snapshots is in a state that is not known: {other}"))
        }
    }
    .evidence(json!({"snapshot_block_public_access_state": state.as_str(), "open": open}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images() {
        assert_eq!(judge_images("block-new-sharing").status, Status::Pass);
        assert_eq!(judge_images("unblocked").status, Status::Fail);
        assert_eq!(judge_images("other").status, Status::Unknown);
    }

    #[test]
    fn snapshots_need_the_mode_that_covers_old_shares() {
        assert_eq!(judge_snapshots(&SnapshotBlockPublicAccessState::BlockAllSharing).status, Status::Pass);
        assert_eq!(judge_snapshots(&SnapshotBlockPublicAccessState::BlockNewSharing).status, Status::Fail);
        assert_eq!(judge_snapshots(&SnapshotBlockPublicAccessState::Unblocked).status, Status::Fail);
        assert_eq!(judge_snapshots(&SnapshotBlockPublicAccessState::from("new")).status, Status::Unknown);
    }
}
