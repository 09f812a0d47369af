//! Can management events be searched and alarmed on: in CloudWatch Logs, or else in an event data store? The stores are
//! asked for only when no trail delivers to a log group.

use crate::prelude::*;
use aws_sdk_cloudtrail::operation::get_event_data_store::GetEventDataStoreOutput;
use aws_sdk_cloudtrail::operation::get_trail_status::GetTrailStatusOutput;
use posture_estate::services::cloudtrail::Trail;
use posture_estate::services::cloudtrail::delivery::{one_suffices, to_log_group, to_store};
use posture_estate::services::cloudtrail::selectors::{Access, Category, Coverage, Events, Selectors};

pub async fn probe(at: &Account) -> Outcome {
    let mut verdicts = match at.cloudtrail().multi_region_trails().await {
        Ok(trails) => {
            join_all(trails.iter().map(async |trail| match &trail.log_group {
                Some(group) => {
                    let (status, selectors) =
                        join!(at.cloudtrail().trail_status(trail), at.cloudtrail().event_selectors(trail));
                    judge(trail, group, status, selectors, at.now())
                }
                None => Verdict::fail("no_log_group", format!("trail {} has no log group", trail.name)),
            }))
            .await
        }
        Err(gap) => vec![Verdict::unseen(&gap)],
    };
    if !verdicts.iter().any(|verdict| verdict.status == Status::Pass) {
        verdicts.extend(join_all(at.regions().iter().map(|region| stores(at, region))).await.into_iter().flatten());
    }
    let none =
        Verdict::fail("no_trail_or_store", "the account has neither a multi-Region trail nor an event data store");
    Ok(vec![one_suffices(verdicts, none).on(at.resource())])
}

async fn stores(at: &Account, region: &str) -> Vec<Verdict> {
    match at.cloudtrail().event_data_stores(region).await {
        Ok(arns) => {
            join_all(arns.iter().map(async |arn| match at.cloudtrail().event_data_store(region, arn).await {
                Ok(store) => searchable(&store),
                Err(gap) => Verdict::unseen(&gap),
            }))
            .await
        }
        Err(gap) => vec![Verdict::unseen(&gap)],
    }
}

fn judge(
    trail: &Trail,
    group: &str,
    status: Answer<GetTrailStatusOutput>,
    selectors: Answer<Selectors>,
    now: &DateTime,
) -> Verdict {
    let name = &trail.name;
    let mut reasons = Reasons::new();
    if trail.multi_region.is_none() {
        reasons.doubt(format!("CloudTrail does not say whether trail {name} covers all Regions"));
    }
    if let Some(status) = reasons.add(status) {
        to_log_group(name, &status, now, &mut reasons);
    }
    if reasons
        .add(selectors)
        .is_some_and(|selectors| !Access::BOTH.into_iter().any(|access| has_some(&selectors, access)))
    {
        reasons.broken("no_management_events", format!("trail {name} records no management events"));
    }
    reasons.or_pass(|| format!("multi-Region trail {name} delivers to {group}"))
}

fn has_some(selectors: &Selectors, access: Access) -> bool {
    selectors.coverage(&Events::all(Category::Management, access)) != Coverage::Nothing
}

fn searchable(store: &GetEventDataStoreOutput) -> Verdict {
    let name = store.name().unwrap_or("without a name");
    let mut reasons = Reasons::new();
    to_store(&format!("event data store {name}"), store, &mut reasons);
    match store.multi_region_enabled() {
        Some(true) => {}
        Some(false) => reasons.broken("store_of_one_region", format!("event data store {name} covers one Region only")),
        None => reasons.doubt(format!("CloudTrail does not say whether event data store {name} covers all Regions")),
    }
    let selectors = Selectors { basic: vec![], advanced: store.advanced_event_selectors().to_vec() };
    let whole = |access| selectors.coverage(&Events::all(Category::Management, access)) == Coverage::Whole;
    if !Access::BOTH.into_iter().all(whole) {
        reasons.broken("store_incomplete", format!("event data store {name} does not record all management events"));
    }
    reasons.or_pass(|| format!("event data store {name} records the management events of all Regions"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_cloudtrail::types::{AdvancedEventSelector, AdvancedFieldSelector, EventDataStoreStatus};
    use posture_estate::finding::GapKind;
    use posture_estate::services::cloudtrail::example;

    const NOW: i64 = 1_750_000_000;

    #[test]
    fn a_trail_delivers_to_its_log_group_or_not() {
        let of = |status, selectors| {
            judge(&example("main"), "group", status, Ok(Arc::new(selectors)), &DateTime::from_secs(NOW)).status
        };
        let judged = |status| of(status, Selectors::default_of_a_trail());
        let status = GetTrailStatusOutput::builder().is_logging(true);
        let recent = status.clone().latest_cloud_watch_logs_delivery_time(DateTime::from_secs(NOW - 600));
        assert_eq!(judged(Ok(Arc::new(recent.clone().build()))), Status::Pass);
        assert_eq!(of(Ok(Arc::new(recent.build())), Selectors::default()), Status::Fail, "data events only");
        assert_eq!(judged(Ok(Arc::new(status.build()))), Status::Fail);
        let gap = Gap::new("111122223333", "us-east-1", "cloudtrail:GetTrailStatus", GapKind::Denied, "no");
        assert_eq!(judged(Err(gap)), Status::Unknown);
    }

    #[test]
    fn an_event_data_store_over_all_regions_does_as_well() {
        let field = AdvancedFieldSelector::builder().field("eventCategory").equals("Management").build().unwrap();
        let management = AdvancedEventSelector::builder().field_selectors(field).build().unwrap();
        let store = GetEventDataStoreOutput::builder()
            .name("lake")
            .status(EventDataStoreStatus::Enabled)
            .multi_region_enabled(true)
            .advanced_event_selectors(management);
        assert_eq!(searchable(&store.clone().build()).status, Status::Pass);
        assert_eq!(searchable(&store.clone().multi_region_enabled(false).build()).status, Status::Fail);
        assert_eq!(
            searchable(&store.clone().status(EventDataStoreStatus::StoppedIngestion).build()).status,
            Status::Fail
        );
        assert_eq!(searchable(&store.set_advanced_event_selectors(None).build()).status, Status::Fail);
    }
}
