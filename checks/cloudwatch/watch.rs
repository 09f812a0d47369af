//! From an event to a person: a multi-Region trail, its log group, a metric filter that counts the event, an alarm on the count, a topic
//! and somebody who has confirmed a subscription. Several filters may cover a kind between them; one way for each event suffices.

use super::kinds::Kind;
use super::way::{Seen, way};
use crate::prelude::*;
use posture_estate::arn::Arn;
use posture_estate::services::cloudtrail::Trail;
use posture_estate::services::cloudtrail::delivery::{one_suffices, to_log_group};
use posture_estate::services::cloudtrail::selectors::{Access, Category, Coverage, Events, Selectors};
use posture_estate::services::logs::MetricFilter;
use posture_estate::services::logs::filter_pattern::{FilterMatch, LogSample, matches};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A trail, as far as it leads to metric filters.
pub(super) struct Source {
    trail: String,
    /// Region and name.
    group: Option<(String, String)>,
    works: Verdict,
    selectors: Option<Arc<Selectors>>,
    filters: Option<Answer<Vec<MetricFilter>>>,
}

/// One finding for each kind, with what else may tell of its events.
pub(super) async fn judge(at: &Account, kinds: Vec<Kind>) -> Outcome {
    let told = told(at, &kinds).await?;
    let judged = kinds.iter().zip(told).map(|(kind, told)| sum_up(kind, told).sub(kind.key).on(at.resource()));
    Ok(judged.collect())
}

/// Whether alarms tell of each sample of each kind.
pub(super) async fn told(at: &Account, kinds: &[Kind]) -> Result<Vec<Vec<Verdict>>, Gap> {
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
    let seen = join_all(seen.map(async |(region, filters)| (region.clone(), Seen::of(at, region, filters).await))).await;
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

/// Whether the filter counts the event.
fn counts(filter: &MetricFilter, sample: &LogSample) -> FilterMatch {
    let matched = matches(&filter.filter_pattern, sample);
    let doubt = match filter {
        _ if matched == FilterMatch::No => None,
        MetricFilter { apply_on_transformed_logs: Some(true), .. } => Some("it looks at transformed events"),
        MetricFilter { field_selection_criteria: Some(text), .. } if !text.is_empty() => {
            Some("it chooses events by system fields first")
        }
        _ => None,
    };
    doubt.map_or(matched, |why| FilterMatch::Perhaps(why.to_owned()))
}

/// Whether an alarm tells of an event, by any trail and filter.
fn told_of(kind: &Kind, sample: &LogSample, sources: &[Source], seen: &BTreeMap<String, Seen>) -> Verdict {
    if sources.is_empty() {
        return Verdict::fail("no_trail", "the account has no multi-Region trail");
    }
    let mut ways = Vec::new();
    let mut searched = Vec::new();
    for source in sources {
        let mut reasons = Reasons::new();
        if source.works.status != Status::Pass {
            reasons.join(source.works.clone());
        }
        if let Some(selectors) = &source.selectors {
            recorded(&source.trail, selectors, kind, sample, &mut reasons);
        }
        let works = reasons.or_pass(|| source.works.message.clone());
        let (Some((region, group)), Some(filters)) = (&source.group, &source.filters) else {
            ways.push(works);
            continue;
        };
        let filters = match (works.status, filters) {
            (Status::Fail, _) => {
                ways.push(works);
                continue;
            }
            (_, Err(gap)) => {
                ways.push(Verdict::unseen(gap));
                continue;
            }
            (_, Ok(filters)) => filters,
        };
        searched.push(group.as_str());
        for filter in filters.iter() {
            let matched = counts(filter, sample);
            let Some(seen) = seen.get(region).filter(|_| matched != FilterMatch::No) else { continue };
            let found = way(filter, seen, kind.each);
            match (matched, found.status, works.status) {
                (FilterMatch::Perhaps(_), Status::Fail, _) => {}
                (FilterMatch::Perhaps(why), ..) => {
                    let filter = &filter.filter_name;
                    ways.push(Verdict::undecided(format!("whether metric filter {filter} counts it is not certain: {why}")));
                }
                (_, Status::Pass, Status::Unknown) => ways.push(works.clone()),
                _ => ways.push(found),
            }
        }
    }
    let mut said = BTreeSet::new();
    ways.retain(|way| way.status == Status::Pass || said.insert(way.message.clone()));
    searched.dedup();
    let none = format!("no metric filter of log group {} counts {}", searched.join(", "), sample.what);
    one_suffices(ways, Verdict::fail("no_filter", none))
}

/// Whether the trail records what the sample stands for.
fn recorded(trail: &str, selectors: &Selectors, kind: &Kind, sample: &LogSample, reasons: &mut Reasons) {
    let source = sample.event().get("eventSource").and_then(Value::as_str).unwrap_or("");
    if selectors.excluded_sources().iter().any(|excluded| excluded == source) {
        reasons.broken("not_recorded", format!("trail {trail} leaves out the events of {source}"));
        return;
    }
    // What it leaves out of other services does not matter here.
    let mut rest = selectors.clone();
    rest.basic.iter_mut().for_each(|one| one.exclude_management_event_sources = None);
    for selector in &mut rest.advanced {
        selector.field_selectors.retain(|field| field.field() != "eventSource" || field.not_equals().is_empty());
    }
    let of = |access| rest.coverage(&Events::all(Category::Management, access));
    let covered: Vec<Coverage> =
        Access::BOTH.into_iter().filter(|access| kind.reads || *access == Access::Write).map(of).collect();
    if covered.contains(&Coverage::Nothing) {
        reasons.broken("not_recorded", format!("trail {trail} does not record all {}", kind.what));
    } else if covered.contains(&Coverage::Part) {
        reasons.doubt(format!("trail {trail} filters management events"));
    }
}

/// One verdict for a kind out of those of its samples; what is said of several events alike is said once.
pub(super) fn sum_up(kind: &Kind, told: Vec<Verdict>) -> Verdict {
    let mut by = BTreeSet::new();
    let mut lacks: BTreeMap<String, (Verdict, Vec<&str>)> = BTreeMap::new();
    for (sample, verdict) in kind.samples.iter().zip(told) {
        if verdict.status == Status::Pass {
            by.insert(verdict.message);
            continue;
        }
        let alike = verdict.message.strip_suffix(&sample.what).map(str::to_owned);
        let named = alike.as_ref().map(|_| sample.what.as_str());
        let lack = lacks.entry(alike.unwrap_or_else(|| verdict.message.clone())).or_insert_with(|| (verdict, Vec::new()));
        lack.1.extend(named);
    }
    let mut reasons = Reasons::new();
    for (message, (verdict, mut events)) in lacks {
        events.dedup();
        reasons.join(Verdict { message: message + &events.join(", "), ..verdict });
    }
    let by: Vec<String> = by.into_iter().collect();
    let verdict = reasons.or_pass(|| by.join("; "));
    Verdict { message: format!("{}: {}", kind.what, verdict.message), ..verdict }
}

#[cfg(test)]
mod tests;
