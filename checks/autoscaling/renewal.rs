//! How the instances of an Auto Scaling group are renewed: by a maximum lifetime, by a refresh, or not. AWS tells of refreshes of six weeks
//! only; before that the age of the instances and of the group says what it can.

use crate::prelude::*;
use posture_estate::services::autoscaling::{GONE, Group, REFRESHES_SHOWN, last_success};

/// How the instances of a group are renewed.
pub(super) enum Renewal {
    /// After so many days at the latest.
    Lifetime(i64),
    /// By a refresh that finished so many days ago.
    Refreshed(i64),
    None,
    Unseen(Gap),
    /// It may have been before what AWS shows.
    Earlier,
}

pub(super) async fn renewal(at: &Region, group: &Group, limit: i64) -> Result<Renewal, Gap> {
    if let Some(seconds) = group.max_instance_lifetime.filter(|seconds| *seconds > 0) {
        return Ok(Renewal::Lifetime(seconds / 86_400));
    }
    let refreshes = at.autoscaling().refreshes(&group.name).await?;
    let recent = last_success(&refreshes).map(|end| days(&end, at.now())).filter(|age| *age <= limit);
    Ok(match recent {
        Some(age) => Renewal::Refreshed(age),
        None => renewal_of(group, oldest(at, group, limit).await, limit, *at.now()),
    })
}

/// What was not seen of the refreshes leaves open how the instances are renewed, and nothing else; of a group that is gone nothing is said.
pub(super) fn or_unseen(renewal: Result<Renewal, Gap>) -> Result<Renewal, Gap> {
    renewal.or_else(|gap| if GONE.iter().any(|code| gap.is(code)) { Err(gap) } else { Ok(Renewal::Unseen(gap)) })
}

/// When the oldest instance of a group was started; asked only where it matters.
async fn oldest(at: &Region, group: &Group, limit: i64) -> Result<Option<DateTime>, Gap> {
    if limit <= REFRESHES_SHOWN || group.instances.is_empty() || days(&group.created_time, at.now()) <= REFRESHES_SHOWN
    {
        return Ok(None);
    }
    at.ec2().oldest_start(group.instances.iter().map(|one| one.instance_id.as_str())).await
}

/// Of a group without a refresh in what AWS shows, or none that is new enough.
pub(super) fn renewal_of(group: &Group, oldest: Result<Option<DateTime>, Gap>, limit: i64, now: DateTime) -> Renewal {
    if limit <= REFRESHES_SHOWN || days(&group.created_time, &now) <= REFRESHES_SHOWN {
        return Renewal::None;
    }
    match oldest {
        Err(gap) => Renewal::Unseen(gap),
        Ok(Some(start)) if days(&start, &now) > limit => Renewal::None,
        Ok(_) => Renewal::Earlier,
    }
}
