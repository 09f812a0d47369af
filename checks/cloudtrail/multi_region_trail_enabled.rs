//! Do trails over all Regions, own or organization, deliver every management event? One suffices, and so do several that
//! share reads and writes between them: stopped or narrower trails beside them are no fault, and a trail that cannot be read
//! matters only if no other qualifies.

use crate::prelude::*;
use aws_sdk_cloudtrail::operation::get_trail_status::GetTrailStatusOutput;
use posture_estate::services::cloudtrail::delivery::{one_suffices, to_bucket};
use posture_estate::services::cloudtrail::selectors::{Access, Category, Coverage, Events, Selectors};
use posture_estate::services::cloudtrail::{Recorded, Trail, Trails, record};

pub async fn probe(at: &Account) -> Outcome {
    let trails = at.cloudtrail().multi_region_trails().await?;
    let verdicts = join_all(trails.iter().map(async |trail| {
        let (status, selectors) =
            tokio::join!(at.cloudtrail().trail_status(trail), at.cloudtrail().event_selectors(trail));
        judge(trail, status, selectors, at.now())
    }));
    let names: Vec<String> = trails.iter().map(|trail| trail.name.clone()).collect();
    let none = Verdict::fail("no_multi_region_trail", "the account has no multi-Region trail");
    let mut verdict = one_suffices(verdicts.await, none);
    if verdict.status != Status::Pass {
        let seen = Trails { seen: trails, gaps: Vec::new() };
        let events = Access::BOTH.map(|access| Events::all(Category::Management, access));
        verdict = match at.cloudtrail().recorded_by_trails(&seen, None, &events).await {
            Recorded::By(by) => Verdict::pass(format!("{} all management events", record(&by))),
            Recorded::Open(open) if verdict.status == Status::Fail => open.verdict(),
            Recorded::Open(_) | Recorded::No(_) => verdict,
        };
    }
    Ok(vec![verdict.evidence(json!({ "multi_region_trails": names })).on(at.resource())])
}

fn judge(trail: &Trail, status: Answer<GetTrailStatusOutput>, selectors: Answer<Selectors>, now: &DateTime) -> Verdict {
    let name = &trail.name;
    let mut reasons = Reasons::new();
    if trail.multi_region.is_none() {
        reasons.doubt(format!("CloudTrail does not say whether trail {name} covers all Regions"));
    }
    if let Some(status) = reasons.add(status) {
        to_bucket(name, &status, now, &mut reasons);
    }
    if let Some(selectors) = reasons.add(selectors) {
        let excluded = selectors.excluded_sources();
        for access in Access::BOTH {
            match selectors.coverage(&Events::all(Category::Management, access)) {
                Coverage::Whole => {}
                Coverage::Nothing => reasons.broken(
                    "events_not_recorded",
                    format!("trail {name} records no {} management events", access.word()),
                ),
                Coverage::Part if excluded.is_empty() => {
                    reasons
                        .broken("events_filtered", format!("trail {name} filters {} management events", access.word()));
                }
                Coverage::Part => {
                    let excluded = excluded.join(", ");
                    reasons.broken(
                        "events_filtered",
                        format!("trail {name} leaves out {} management events of {excluded}", access.word()),
                    );
                }
            }
        }
    }
    reasons.or_pass(|| format!("multi-Region trail {name} records all management events and delivers them"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_cloudtrail::types::{AdvancedEventSelector, AdvancedFieldSelector, ReadWriteType};
    use posture_estate::finding::GapKind;
    use posture_estate::services::cloudtrail::example;

    const NOW: i64 = 1_750_000_000;

    fn status(logging: bool) -> Answer<GetTrailStatusOutput> {
        let delivered = DateTime::from_secs(NOW - 600);
        Ok(Arc::new(GetTrailStatusOutput::builder().is_logging(logging).latest_delivery_time(delivered).build()))
    }

    fn gap() -> Gap {
        Gap::new("111122223333", "us-east-1", "cloudtrail:GetTrailStatus", GapKind::Denied, "no")
    }

    fn judged(status: Answer<GetTrailStatusOutput>, selectors: Selectors) -> Verdict {
        judge(&example("main"), status, Ok(Arc::new(selectors)), &DateTime::from_secs(NOW))
    }

    fn advanced(exclude: Option<&str>) -> Selectors {
        let field = |name: &str| AdvancedFieldSelector::builder().field(name);
        let mut fields = vec![field("eventCategory").equals("Management").build().unwrap()];
        fields.extend(exclude.map(|source| field("eventSource").not_equals(source).build().unwrap()));
        let selector = AdvancedEventSelector::builder().set_field_selectors(Some(fields)).build().unwrap();
        Selectors { basic: vec![], advanced: vec![selector] }
    }

    #[test]
    fn default_and_advanced_selectors_record_everything() {
        // semantics 33
        assert_eq!(judged(status(true), Selectors::default_of_a_trail()).status, Status::Pass);
        assert_eq!(judged(status(true), advanced(None)).status, Status::Pass);
    }

    #[test]
    fn what_is_left_out_is_named() {
        let mut writes = Selectors::default_of_a_trail();
        writes.basic[0].read_write_type = Some(ReadWriteType::WriteOnly);
        assert_eq!(judged(status(true), writes).message, "trail main records no read management events");
        let kms = judged(status(true), advanced(Some("kms.amazonaws.com")));
        assert_eq!(kms.status, Status::Fail);
        assert!(kms.message.contains("management events of kms.amazonaws.com"));
    }

    #[test]
    fn a_stopped_trail_fails_and_an_unseen_one_is_unknown() {
        assert_eq!(judged(status(false), Selectors::default_of_a_trail()).status, Status::Fail);
        assert_eq!(judged(Err(gap()), Selectors::default_of_a_trail()).status, Status::Unknown);
        let now = DateTime::from_secs(NOW);
        assert_eq!(judge(&example("main"), status(true), Err(gap()), &now).status, Status::Unknown);
    }
}
