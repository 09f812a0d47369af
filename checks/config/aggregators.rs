//! Whether one of the aggregators of an account takes in its organization and every Region.

use crate::prelude::*;
use aws_sdk_config::types::ConfigurationAggregator;

/// Of those that were seen, each with its Region; `reasons` are why there may be more.
pub(super) fn judge(
    aggregators: &[(String, ConfigurationAggregator)],
    enabled: Result<Vec<String>, Gap>,
    whole: bool,
    mut reasons: Reasons,
) -> Verdict {
    let mut partial = Vec::new();
    for (region, aggregator) in aggregators {
        let Some(source) = aggregator.organization_aggregation_source() else { continue };
        let name = aggregator.configuration_aggregator_name().unwrap_or("without a name");
        if source.all_aws_regions() {
            return Verdict::pass(format!("aggregator {name} in {region} takes in the organization and all Regions"));
        }
        partial.push((region, name, source.aws_regions()));
    }
    for (region, name, listed) in &partial {
        let left_out: Vec<&String> = match &enabled {
            Ok(enabled) => enabled.iter().filter(|one| !listed.contains(one)).collect(),
            Err(gap) => {
                reasons.unseen(gap);
                continue;
            }
        };
        if left_out.is_empty() {
            let all =
                format!("aggregator {name} in {region} takes in the organization and every enabled Region by name");
            return Verdict::pass(all);
        }
        let left_out: Vec<&str> = left_out.into_iter().map(String::as_str).collect();
        let left_out = left_out.join(", ");
        if whole && reasons.is_empty() {
            let what = format!("aggregator {name} in {region} leaves out {left_out}");
            reasons.broken("regions_left_out", what);
        }
    }
    if !whole {
        reasons.doubt("no aggregator of the organization is whole in the Regions of the scan; whether one is in another was not looked at");
    }
    if reasons.is_empty() {
        reasons.broken("no_organization_aggregator", "no Region has a Config aggregator of the organization");
    }
    reasons.open()
}
