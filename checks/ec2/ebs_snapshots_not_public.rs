//! Can anyone restore one of the account's own snapshots? Two paged calls answer for all of them: the own ones, and
//! those of them that are restorable by all. Where the second cannot be read nothing is known about any snapshot. The
//! permission alone does not make a snapshot public: under `block-all-sharing` AWS treats it as private, though the
//! permission still stands (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableSnapshotBlockPublicAccess.html>).

use std::collections::HashSet;

use crate::prelude::*;
use aws_sdk_ec2::types::{Snapshot, SnapshotBlockPublicAccessState as Block};
use posture_estate::finding::GapKind;

pub async fn probe(at: &Region) -> Outcome {
    let own = at.ec2().own_snapshots().await?;
    if own.is_empty() {
        return Ok(vec![]);
    }
    let public = at.ec2().public_snapshots().await;
    let shared: Result<HashSet<&str>, &Gap> =
        public.as_ref().map(|list| list.iter().filter_map(Snapshot::snapshot_id).collect());
    // Only where a snapshot is shared with all does the region's block decide anything.
    let block = match &shared {
        Ok(ids) if own.iter().any(|s| s.snapshot_id().is_some_and(|id| ids.contains(id))) => {
            Some(at.ec2().snapshot_block_public_access().await)
        }
        _ => None,
    };
    let block = block.as_ref().map(|block| block.as_ref().map(|state| &**state));
    Ok(own
        .iter()
        .map(|snapshot| judge(snapshot, shared.as_ref().map_err(|gap| *gap), block).on(at.ec2().snapshot(snapshot)))
        .collect())
}

fn judge(snapshot: &Snapshot, shared: Result<&HashSet<&str>, &Gap>, block: Option<Result<&Block, &Gap>>) -> Verdict {
    let shared = match shared {
        Ok(shared) => shared,
        Err(gap) => return Verdict::unseen(gap),
    };
    let Some(id) = snapshot.snapshot_id() else {
        return Verdict::undecided("EC2 listed a snapshot without an id");
    };
    let open = shared.contains(id);
    let verdict = if open { judge_shared(id, block) } else { Verdict::pass(format!("snapshot {id} is not public")) };
    let state = block.and_then(Result::ok).filter(|_| open).map(Block::as_str);
    let mut evidence =
        json!({"restorable_by_all": open, "encrypted": snapshot.encrypted(), "volume_id": snapshot.volume_id()});
    if let (Some(state), Some(evidence)) = (state, evidence.as_object_mut()) {
        evidence.insert("block_public_access_state".into(), json!(state));
    }
    verdict.evidence(evidence)
}

/// A snapshot that everyone has the permission to restore, under the block of its region.
fn judge_shared(id: &str, block: Option<Result<&Block, &Gap>>) -> Verdict {
    let fail =
        || Verdict::fail("public", format!("snapshot {id} is public: every AWS account can make a volume of it"));
    match block {
        Some(Ok(Block::BlockAllSharing)) => Verdict::pass(format!(
            "snapshot {id} is shared with all, and the region blocks all sharing: it is treated as private"
        )),
        Some(Ok(Block::BlockNewSharing | Block::Unblocked)) => fail(),
        // A region that does not know the feature blocks nothing.
        Some(Err(gap)) if gap.kind() == GapKind::Unsupported => fail(),
        Some(Err(gap)) => Verdict::unseen(gap),
        Some(Ok(other)) => Verdict::undecided(format!(
            "snapshot {id} is shared with all, and the region's block public access is in a state that is not known: {other}"
        )),
        None => Verdict::undecided(format!("the region's block public access was not read for snapshot {id}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(id: &str, block: Option<Result<&Block, &Gap>>) -> Status {
        let shared = HashSet::from(["snap-1"]);
        judge(&Snapshot::builder().snapshot_id(id).build(), Ok(&shared), block).status
    }

    #[test]
    fn a_shared_snapshot_is_public_unless_the_region_blocks_all_sharing() {
        // semantics 118
        for (block, expected) in [
            (Block::Unblocked, Status::Fail),
            (Block::BlockNewSharing, Status::Fail),
            (Block::BlockAllSharing, Status::Pass),
            (Block::from("block-some"), Status::Unknown),
        ] {
            assert_eq!(status("snap-1", Some(Ok(&block))), expected, "{block}");
            assert_eq!(status("snap-2", Some(Ok(&block))), Status::Pass, "not shared, {block}");
        }
    }

    #[test]
    fn what_was_not_read_decides_only_where_it_matters() {
        // semantics 15
        let gap = Gap::new("1", "r", "ec2:GetSnapshotBlockPublicAccessState", GapKind::Denied, "no");
        assert_eq!(status("snap-1", Some(Err(&gap))), Status::Unknown);
        assert_eq!(status("snap-2", Some(Err(&gap))), Status::Pass);
        assert_eq!(status("snap-2", None), Status::Pass);
        let unread = judge(&Snapshot::builder().snapshot_id("snap-2").build(), Err(&gap), None);
        assert_eq!(unread.status, Status::Unknown);
        assert_eq!(judge(&Snapshot::builder().build(), Ok(&HashSet::new()), None).status, Status::Unknown);
    }
}
