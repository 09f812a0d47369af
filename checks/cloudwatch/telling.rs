//! From an event to a person: a multi-Region trail, its log group, a metric filter that counts the event, an alarm on the count, a topic
//! and somebody who has confirmed a subscription. Several filters may cover a kind between them; one way for each event suffices. Here
//! is what is asked; `steps` judges it.

use super::kinds::Kind;
use super::steps::{Source, counts, sum_up, told_of};
use super::way::Seen;
use crate::prelude::*;
use posture_estate::arn::Arn;
use posture_estate::services::cloudtrail::Trail;
use posture_estate::services::cloudtrail::delivery::to_log_group;
use posture_estate::services::logs::MetricFilter;
use posture_estate::services::logs::filter_pattern::FilterMatch;
use std::collections::BTreeMap;

/// One finding for each kind, with what else may tell of its events.
pub(super) async fn judge(at: &Account, kinds: Vec<Kind>) -> Outcome {
    let told = told(at, &kinds).await?;
    let judged = kinds.iter().zip(told).map(|(kind, told)| sum_up(kind, told).sub(kind.key).on(at.resource()));
    Ok(judged.collect())
}

/// Whether alarms tell of each sample of each kind.
pub(crate) async fn told(at: &Account, kinds: &[Kind]) -> Result<Vec<Vec<Verdict>>, Gap> {
    let trails = at.cloudtrail().multi_region_trails().await?;
    let sources = join_all(trails.iter().map(async |trail| source(at, trail).await)).await;
    let mut regions: BTreeMap<String, Vec<&MetricFilter>> = BTreeMap::new();
    for source in &sources {
        let Some((region, _)) = &source.group else { continue };
        let counts = |filter: &&MetricFilter| {
            let samples = kinds.iter().flat_map(|kind| &kind.samples);
            samples.into_iter().any(|sample| counts(filter, sample) != FilterMatch::No)
        };
        let filters = source.filters.iter().flatten().flat_map(|filters| filters.iter()).filter(counts);
        regions.entry(region.clone()).or_default().extend(filters);
    }
    let seen = regions.iter().filter(|(_, filters)| !filters.is_empty());
    let seen =
        join_all(seen.map(async |(region, filters)| (region.clone(), Seen::of(at, region, filters).await))).await;
    let seen: BTreeMap<String, Seen> = seen.into_iter().collect();
    let of_kind = |kind: &Kind| kind.samples.iter().map(|sample| told_of(kind, sample, &sources, &seen)).collect();
    Ok(kinds.iter().map(of_kind).collect())
}

async fn source(at: &Account, trail: &Trail) -> Source {
    let name = &trail.name;
    let is_ours = |arn: &Arn<'_>| arn.account == at.account_id();
    let group = trail.log_group.as_deref().and_then(Arn::parse);
    let place = group.as_ref().filter(|arn| is_ours(arn)).and_then(|arn| {
        let group = arn.resource.strip_prefix("log-group:")?;
        Some((arn.region.to_owned(), group.trim_end_matches(":*").to_owned()))
    });
    let source = |works| Source { trail: name.clone(), group: None, works, selectors: None, filters: None };
    let Some((region, group)) = place else {
        return source(match (&trail.log_group, group) {
            (None, _) => Verdict::fail("no_log_group", format!("trail {name} has no log group")),
            (Some(_), Some(arn)) if !is_ours(&arn) => Verdict::undecided(format!(
                "trail {name} delivers to a log group of account {}, whose filters and alarms show only there",
                arn.account
            )),
            (Some(group), _) => Verdict::undecided(format!("the log group {group} of trail {name} cannot be read")),
        });
    };
    let (status, selectors) = join!(at.cloudtrail().trail_status(trail), at.cloudtrail().event_selectors(trail));
    let mut reasons = Reasons::new();
    if trail.multi_region.is_none() {
        reasons.doubt(format!("CloudTrail does not say whether trail {name} covers all Regions"));
    }
    if let Some(status) = reasons.add(status) {
        to_log_group(name, &status, at.now(), &mut reasons);
    }
    let selectors = reasons.add(selectors);
    let works = reasons.or_pass(|| format!("trail {name} delivers to log group {group}"));
    let filters = match works.status {
        Status::Fail => None,
        _ => Some(at.region(&region).logs().metric_filters(&group).await),
    };
    Source { group: Some((region, group)), selectors, filters, ..source(works) }
}
