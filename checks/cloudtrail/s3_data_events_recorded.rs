//! Are reads and writes of S3 objects recorded, for all buckets at once or for each in a Region in scope? The buckets that trails
//! deliver to may be left out, or the trail would record itself.

use crate::prelude::*;
use posture_estate::services::cloudtrail::selectors::{Access, Events};
use posture_estate::services::cloudtrail::{Open, Recorded, S3_OBJECTS, Trails, record};
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
        Recorded::By(by) => Verdict::pass(format!("{} the {word} data events of every bucket", record(&by))),
        Recorded::No(_) | Recorded::Open(_) => match at.s3().buckets_in_scope().await {
            Ok(buckets) => judge(&by_bucket(at, trails, &buckets, access).await, word),
            Err(gap) => Verdict::unseen(&gap),
        },
    };
    verdict.sub(word).on(at.resource())
}

/// The buckets that no trail delivers to, each with what records it. Trails of a single Region elsewhere were not asked for, so
/// neither are the buckets there.
async fn by_bucket(at: &Account, trails: &Trails, buckets: &[Bucket], access: Access) -> Vec<(String, Recorded)> {
    let stores = trails.buckets();
    let watched = buckets.iter().filter(|bucket| !stores.iter().any(|(store, _)| store == bucket.name()));
    join_all(watched.map(async |bucket| {
        let prefix = at.cloudtrail().objects_of(bucket.name());
        let events = [Events { category: S3_OBJECTS, access, arn_prefix: &prefix }];
        let recorded = at.cloudtrail().recorded(trails, bucket.region(), &events).await;
        (bucket.name().to_owned(), if bucket.region().is_some() { recorded } else { unlocated(bucket, recorded) })
    }))
    .await
}

/// What holds for a bucket whose Region is not known: a trail of that Region alone may record it.
fn unlocated(bucket: &Bucket, everywhere: Recorded) -> Recorded {
    match everywhere {
        Recorded::No(_) => {
            let doubt = format!("the Region of bucket {} is not known", bucket.name());
            Recorded::Open(Open { gaps: Vec::new(), doubts: vec![doubt] })
        }
        Recorded::By(_) | Recorded::Open(_) => everywhere,
    }
}

fn judge(buckets: &[(String, Recorded)], word: &str) -> Verdict {
    if buckets.is_empty() {
        return Verdict::not_applicable("no bucket lies in a Region in scope but those that trails deliver to");
    }
    let mut reasons = Reasons::new();
    let mut bare = Vec::new();
    for (name, recorded) in buckets {
        match recorded {
            Recorded::By(_) => {}
            Recorded::No(_) => bare.push(name.as_str()),
            Recorded::Open(open) => open.add_to(&mut reasons),
        }
    }
    if !bare.is_empty() {
        let named = bare.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        let more = if bare.len() > NAMED { format!(" and {} more", bare.len() - NAMED) } else { String::new() };
        let all = buckets.len();
        reasons.broken(
            "data_events_not_recorded",
            format!("nothing records the {word} data events of {} of {all} buckets: {named}{more}", bare.len()),
        );
    }
    let evidence = json!({ "buckets": buckets.len(), "not_recorded": bare.len() });
    reasons
        .or_pass(|| format!("the {word} data events of all {} buckets are recorded", buckets.len()))
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
        let by = Recorded::By(vec!["trail main".into()]);
        assert_eq!(judged(&[("a", by.clone()), ("b", by.clone())]).status, Status::Pass);
        let some = judged(&[("a", by.clone()), ("b", Recorded::No(vec![]))]);
        assert_eq!(some.message, "nothing records the read data events of 1 of 2 buckets: b");
        assert_eq!(some.status, Status::Fail);
        assert_eq!(judged(&[]).status, Status::NotApplicable);
    }

    #[test]
    fn a_trail_that_was_not_seen_leaves_it_open() {
        let gap = Gap::new("111122223333", "us-east-1", "cloudtrail:GetEventSelectors", GapKind::Denied, "no");
        let open = judged(&[("a", Recorded::By(vec!["trail main".into()])), ("b", Recorded::Open(gap.into()))]);
        assert_eq!((open.status, open.gaps.len()), (Status::Unknown, 1));
    }

    #[test]
    fn a_bucket_whose_region_is_not_known_may_be_recorded_there() {
        // semantics 112
        let of = |recorded| unlocated(&Bucket::named("a"), recorded);
        assert!(matches!(of(Recorded::No(vec![])), Recorded::Open(_)));
        assert!(matches!(of(Recorded::By(vec![])), Recorded::By(_)));
    }
}
