//! Are reads and writes of S3 objects recorded, for all buckets at once or for each by name? The buckets that trails deliver
//! to may be left out, or the trail would record itself.

use crate::prelude::*;
use posture_estate::services::cloudtrail::selectors::{Access, Events};
use posture_estate::services::cloudtrail::{Recorded, S3_OBJECTS, Trails};
use posture_estate::services::s3::Bucket;

/// How many buckets a message names.
const NAMED: usize = 5;

pub async fn probe(at: &Account) -> Outcome {
    let trails = at.cloudtrail().trails().await?;
    Ok(each(Access::BOTH, |access| judged(at, &trails, access)).await)
}

async fn judged(at: &Account, trails: &Trails, access: Access) -> Finding {
    let word = access.word();
    let verdict = match at.cloudtrail().recorded(trails, None, &[Events::all(S3_OBJECTS, access)]).await {
        Recorded::By(trail) => Verdict::pass(format!("trail {trail} records the {word} data events of every bucket")),
        Recorded::No(_) | Recorded::Unseen(_) => match at.s3().buckets().await {
            Ok(buckets) => judge(&by_bucket(at, trails, &buckets, access).await, word),
            Err(gap) => Verdict::unseen(&gap),
        },
    };
    verdict.sub(word).on(at.resource())
}

/// The buckets that no trail delivers to, each with the trail that records it.
async fn by_bucket(at: &Account, trails: &Trails, buckets: &[Bucket], access: Access) -> Vec<(String, Recorded)> {
    let stores = trails.buckets();
    let watched = buckets.iter().filter(|bucket| !stores.iter().any(|(store, _)| store == bucket.name()));
    join_all(watched.map(async |bucket| {
        let prefix = at.cloudtrail().objects_of(bucket.name());
        let events = Events { category: S3_OBJECTS, access, arn_prefix: &prefix };
        let region = bucket.region().unwrap_or_default();
        (bucket.name().to_owned(), at.cloudtrail().recorded(trails, Some(region), &[events]).await)
    }))
    .await
}

fn judge(buckets: &[(String, Recorded)], word: &str) -> Verdict {
    if buckets.is_empty() {
        return Verdict::not_applicable("the account has no buckets but those that trails deliver to");
    }
    let mut reasons = Reasons::new();
    let mut bare = Vec::new();
    for (name, recorded) in buckets {
        match recorded {
            Recorded::By(_) => {}
            Recorded::No(_) => bare.push(name.as_str()),
            Recorded::Unseen(gaps) => gaps.iter().for_each(|gap| reasons.unseen(gap)),
        }
    }
    if !bare.is_empty() {
        let named = bare.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        let more = if bare.len() > NAMED { format!(" and {} more", bare.len() - NAMED) } else { String::new() };
        let all = buckets.len();
        reasons.broken(
            "data_events_not_recorded",
            format!("no trail records the {word} data events of {} of {all} buckets: {named}{more}", bare.len()),
        );
    }
    let evidence = json!({ "buckets": buckets.len(), "not_recorded": bare.len() });
    reasons
        .or_pass(|| format!("trails record the {word} data events of all {} buckets", buckets.len()))
        .evidence(evidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn judged(buckets: &[(&str, Recorded)]) -> Verdict {
        let buckets: Vec<_> = buckets.iter().map(|(name, recorded)| (name.to_string(), recorded.clone())).collect();
        judge(&buckets, "read")
    }

    #[test]
    fn every_bucket_needs_a_record() {
        let by = Recorded::By("main".into());
        assert_eq!(judged(&[("a", by.clone()), ("b", by.clone())]).status, Status::Pass);
        let some = judged(&[("a", by.clone()), ("b", Recorded::No(vec![]))]);
        assert_eq!(some.message, "no trail records the read data events of 1 of 2 buckets: b");
        assert_eq!(some.status, Status::Fail);
        assert_eq!(judged(&[]).status, Status::NotApplicable);
    }

    #[test]
    fn a_trail_that_was_not_seen_leaves_it_open() {
        let gap = Gap::new("111122223333", "us-east-1", "cloudtrail:GetEventSelectors", GapKind::Denied, "no");
        let open = judged(&[("a", Recorded::By("main".into())), ("b", Recorded::Unseen(vec![gap]))]);
        assert_eq!((open.status, open.gaps.len()), (Status::Unknown, 1));
    }
}
