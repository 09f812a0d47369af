//! Can anyone restore one of the account's own snapshots? Two paged calls answer for all of them: the own ones, and
//! those of them that are restorable by all. Where the second cannot be read nothing is known about any snapshot.

use std::collections::HashSet;

use crate::prelude::*;
use aws_sdk_ec2::types::Snapshot;

pub async fn probe(at: &Region) -> Outcome {
    let own = at.ec2().own_snapshots().await?;
    if own.is_empty() {
        return Ok(vec![]);
    }
    let public = at.ec2().public_snapshots().await;
    let ids = public.as_ref().map(|list| list.iter().filter_map(Snapshot::snapshot_id).collect());
    Ok(own
        .iter()
        .map(|snapshot| judge(snapshot, ids.as_ref().map_err(|gap| *gap)).on(at.ec2().snapshot(snapshot)))
        .collect())
}

fn judge(snapshot: &Snapshot, public: Result<&HashSet<&str>, &Gap>) -> Verdict {
    let public = match public {
        Ok(public) => public,
        Err(gap) => return Verdict::unseen(gap),
    };
    let Some(id) = snapshot.snapshot_id() else {
        return Verdict::undecided("EC2 listed a snapshot without an id");
    };
    let open = public.contains(id);
    if open {
        Verdict::fail("public", format!("snapshot {id} is public: every AWS account can make a volume of it"))
    } else {
        Verdict::pass(format!("snapshot {id} is not public"))
    }
    .evidence(json!({"restorable_by_all": open, "encrypted": snapshot.encrypted(), "volume_id": snapshot.volume_id()}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides() {
        let snapshot = |id: &str| Snapshot::builder().snapshot_id(id).build();
        let public = HashSet::from(["snap-1"]);
        assert_eq!(judge(&snapshot("snap-1"), Ok(&public)).status, Status::Fail);
        assert_eq!(judge(&snapshot("snap-2"), Ok(&public)).status, Status::Pass);
        assert_eq!(judge(&Snapshot::builder().build(), Ok(&public)).status, Status::Unknown);
    }
}
