//! Whether events are recorded: by trails that deliver and event data stores that ingest, by one of them or by several between
//! them. What works is judged as [`delivery`] and [`ingestion`] judge it for every check: a trail that is on and reaches no bucket records
//! nothing.

use super::selectors::{Access, Coverage, Events, Selectors, together};
use super::{CloudTrail, S3_OBJECTS, Trails, delivery, ingestion};
use crate::arn::Arn;
use crate::finding::{Gap, Reasons, Status, Verdict};
use crate::place::Account;
use futures_util::future::join_all;
use std::sync::Arc;

/// Whether events are recorded, and by what.
#[derive(Debug, Clone, PartialEq)]
pub enum Recorded {
    /// By these, such as "trail main": one that records all, or several between them.
    By(Vec<String>),
    /// By none; where something comes near, what it lacks.
    No(Vec<String>),
    /// By none for certain.
    Open(Open),
}

/// Why it cannot be told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Open {
    pub gaps: Vec<Gap>,
    pub doubts: Vec<String>,
}

impl Open {
    /// Among the reasons of a check.
    pub fn add_to(&self, reasons: &mut Reasons) {
        self.gaps.iter().for_each(|gap| reasons.unseen(gap));
        self.doubts.iter().for_each(|doubt| reasons.doubt(doubt));
    }

    /// As the whole answer of a check.
    pub fn verdict(&self) -> Verdict {
        let mut reasons = Reasons::new();
        self.add_to(&mut reasons);
        reasons.open()
    }
}

impl From<Gap> for Open {
    fn from(gap: Gap) -> Self {
        Open { gaps: vec![gap], doubts: Vec::new() }
    }
}

/// "trail main records", "trail reads and trail writes together record".
pub fn record(by: &[String]) -> String {
    match by {
        [one] => format!("{one} records"),
        many => format!("{} together record", many.join(" and ")),
    }
}

/// A trail or an event data store that selects some of the events.
struct Recorder {
    name: String,
    selectors: Arc<Selectors>,
    /// Pass: what it selects is kept.
    works: Verdict,
}

impl CloudTrail<'_, Account> {
    /// Whether all of `events` are recorded; `region` is where they happen, `None` for everywhere. The status is asked only of trails
    /// whose selectors have some of them, and event data stores, in the Regions in scope, only where the trails do not suffice.
    ///
    /// Calls: `cloudtrail:GetEventSelectors`, `cloudtrail:GetTrailStatus`, `cloudtrail:ListEventDataStores` and
    /// `cloudtrail:GetEventDataStore`.
    pub async fn recorded(self, trails: &Trails, region: Option<&str>, events: &[Events<'_>]) -> Recorded {
        // A Region whose trails were not seen can hide trails of that Region only.
        let hidden = trails.gaps.iter().filter(|gap| region == Some(gap.region())).cloned().map(Err);
        let mut answers: Vec<Result<Recorder, Gap>> = hidden.collect();
        answers.extend(self.trail_recorders(trails, region, events).await);
        let by_trails = sum_up(&answers, events);
        if matches!(by_trails, Recorded::By(_)) {
            return by_trails;
        }
        answers.extend(self.store_recorders(region, events).await);
        sum_up(&answers, events)
    }

    /// The same of trails only.
    pub async fn recorded_by_trails(self, trails: &Trails, region: Option<&str>, events: &[Events<'_>]) -> Recorded {
        sum_up(&self.trail_recorders(trails, region, events).await, events)
    }

    /// The same Region by Region, where nothing records them everywhere.
    pub async fn recorded_in(self, trails: &Trails, regions: &[String], events: &[Events<'_>]) -> Vec<(String, Recorded)> {
        let everywhere = self.recorded(trails, None, events).await;
        if matches!(everywhere, Recorded::By(_)) {
            return regions.iter().map(|region| (region.clone(), everywhere.clone())).collect();
        }
        join_all(regions.iter().map(async |region| (region.clone(), self.recorded(trails, Some(region), events).await))).await
    }

    async fn trail_recorders(
        self,
        trails: &Trails,
        region: Option<&str>,
        events: &[Events<'_>],
    ) -> Vec<Result<Recorder, Gap>> {
        let fits = |trail: &&super::Trail| region.map_or(trail.multi_region == Some(true), |region| trail.works_in(region));
        let asked = trails.seen.iter().filter(fits).map(async |trail| {
            let selectors = match self.event_selectors(trail).await {
                Ok(selectors) if selects_some(&selectors, events) => selectors,
                Ok(_) => return None,
                Err(gap) => return Some(Err(gap)),
            };
            let mut reasons = Reasons::new();
            if let Some(status) = reasons.add(self.trail_status(trail).await) {
                match selectors.management() {
                    true => delivery::to_bucket(&trail.name, &status, self.now(), &mut reasons),
                    false => delivery::of_data_only(&trail.name, &status, &mut reasons),
                }
            }
            let works = reasons.or_pass(|| "delivers".into());
            Some(Ok(Recorder { name: format!("trail {}", trail.name), selectors, works }))
        });
        join_all(asked).await.into_iter().flatten().collect()
    }

    async fn store_recorders(self, region: Option<&str>, events: &[Events<'_>]) -> Vec<Result<Recorder, Gap>> {
        let asked = self.regions().iter().map(async |home| {
            let stores = match self.event_data_stores(home).await {
                Ok(stores) => stores,
                Err(gap) => return vec![Err(gap)],
            };
            let asked = stores.iter().map(async |arn| {
                let store = match self.event_data_store(home, arn).await {
                    Ok(store) => store,
                    Err(gap) => return Some(Err(gap)),
                };
                let fits = store.multi_region_enabled() == Some(true) || region == Some(home);
                let selectors = Selectors { basic: vec![], advanced: store.advanced_event_selectors().to_vec() };
                if !fits || !selects_some(&selectors, events) {
                    return None;
                }
                let name = format!("event data store {}", store.name().unwrap_or(arn));
                let mut reasons = Reasons::new();
                ingestion::to_store(&name, &store, &mut reasons);
                Some(Ok(Recorder { name, selectors: Arc::new(selectors), works: reasons.or_pass(|| "ingests".into()) }))
            });
            join_all(asked).await.into_iter().flatten().collect()
        });
        join_all(asked).await.into_iter().flatten().collect()
    }

    /// Whether reads and writes of every object in this bucket are recorded.
    ///
    /// Calls: `cloudtrail:DescribeTrails` and those of [`CloudTrail::recorded`].
    pub async fn s3_data_events(self, bucket: &str, region: &str) -> Recorded {
        match self.trails().await {
            Err(gap) => Recorded::Open(gap.into()),
            Ok(trails) => {
                let prefix = self.objects_of(bucket);
                let events = Access::BOTH.map(|access| Events { category: S3_OBJECTS, access, arn_prefix: &prefix });
                self.recorded(&trails, Some(region), &events).await
            }
        }
    }

    /// What the ARNs of all objects of a bucket begin with.
    pub fn objects_of(self, bucket: &str) -> String {
        Arn::s3(self.partition(), &format!("{bucket}/")).to_string()
    }
}

fn selects_some(selectors: &Selectors, events: &[Events<'_>]) -> bool {
    events.iter().any(|events| selectors.coverage(events) != Coverage::Nothing)
}

/// What all come to together: each class of events has to be recorded by those that work, by one or between them.
fn sum_up(answers: &[Result<Recorder, Gap>], events: &[Events<'_>]) -> Recorded {
    let of = |status: Status| {
        answers.iter().filter_map(|answer| answer.as_ref().ok()).filter(move |recorder| recorder.works.status == status)
    };
    let suffice = |recorders: &[&Recorder]| {
        let selectors = || recorders.iter().map(|recorder| &*recorder.selectors);
        events.iter().all(|events| together(selectors(), events) == Coverage::Whole)
    };
    let working: Vec<&Recorder> = of(Status::Pass).collect();
    if let Some(one) = working.iter().find(|one| suffice(&[one])) {
        return Recorded::By(vec![one.name.clone()]);
    }
    if suffice(&working) && !working.is_empty() {
        return Recorded::By(working.iter().map(|recorder| recorder.name.clone()).collect());
    }
    let gaps: Vec<Gap> = answers.iter().filter_map(|answer| answer.as_ref().err()).cloned().collect();
    let unsure: Vec<&Recorder> = of(Status::Unknown).collect();
    if !gaps.is_empty() || suffice(&working.iter().chain(&unsure).copied().collect::<Vec<_>>()) {
        let mut open = Open { gaps, doubts: Vec::new() };
        for recorder in unsure {
            open.gaps.extend(recorder.works.gaps.iter().cloned());
            if recorder.works.gaps.is_empty() {
                open.doubts.push(recorder.works.message.clone());
            }
        }
        open.gaps.sort();
        open.gaps.dedup();
        return Recorded::Open(open);
    }
    let part = |recorder: &Recorder| format!("{} records a part of them", recorder.name);
    let broken = of(Status::Fail).map(|recorder| recorder.works.message.clone());
    Recorded::No(broken.chain(working.into_iter().chain(unsure).map(part)).collect())
}

#[cfg(test)]
mod tests {
    use super::super::selectors::Category;
    use super::*;
    use crate::finding::GapKind;
    use aws_sdk_cloudtrail::types::{DataResource, EventSelector, ReadWriteType};

    fn gap() -> Gap {
        Gap::new("111122223333", "us-east-1", "cloudtrail:GetTrailStatus", GapKind::Denied, "no")
    }

    fn both() -> [Events<'static>; 2] {
        Access::BOTH.map(|access| Events::all(S3_OBJECTS, access))
    }

    fn recorder(name: &str, access: ReadWriteType, value: &str, works: Verdict) -> Result<Recorder, Gap> {
        let objects = DataResource::builder().r#type("AWS::S3::Object").values(value).build();
        let basic = EventSelector::builder().read_write_type(access).include_management_events(true);
        let selectors = Selectors { basic: vec![basic.data_resources(objects).build()], advanced: vec![] };
        Ok(Recorder { name: name.into(), selectors: Arc::new(selectors), works })
    }

    fn works() -> Verdict {
        Verdict::pass("delivers")
    }

    fn broken() -> Verdict {
        Verdict::fail("delivery_fails", "the last delivery of trail off failed with NoSuchBucket")
    }

    const ALL: &str = "arn:aws:s3";

    #[test]
    fn one_that_works_suffices_whatever_the_others_say() {
        // semantics 32
        let answers = vec![
            Err(gap()),
            recorder("trail off", ReadWriteType::All, ALL, broken()),
            recorder("trail main", ReadWriteType::All, ALL, works()),
        ];
        assert_eq!(sum_up(&answers, &both()), Recorded::By(vec!["trail main".into()]));
    }

    #[test]
    fn a_trail_that_is_on_and_reaches_no_bucket_records_nothing() {
        // semantics 106
        let answers = vec![recorder("trail off", ReadWriteType::All, ALL, broken())];
        let near = vec!["the last delivery of trail off failed with NoSuchBucket".into()];
        assert_eq!(sum_up(&answers, &both()), Recorded::No(near));
    }

    #[test]
    fn reads_and_writes_may_be_recorded_by_two() {
        // semantics 113
        let reads = || recorder("trail reads", ReadWriteType::ReadOnly, ALL, works());
        let writes = |works| recorder("trail writes", ReadWriteType::WriteOnly, ALL, works);
        let by = sum_up(&[reads(), writes(works())], &both());
        assert_eq!(by, Recorded::By(vec!["trail reads".into(), "trail writes".into()]));
        let Recorded::By(by) = by else { unreachable!() };
        assert_eq!(record(&by), "trail reads and trail writes together record");
        assert!(matches!(sum_up(&[reads()], &both()), Recorded::No(_)));
        assert!(matches!(sum_up(&[reads(), writes(broken())], &both()), Recorded::No(_)), "a half that does not work");
        let new = writes(Verdict::undecided("trail writes was started within 24 hours"));
        let open = Open { gaps: vec![], doubts: vec!["trail writes was started within 24 hours".into()] };
        assert_eq!(sum_up(&[reads(), new], &both()), Recorded::Open(open));
    }

    #[test]
    fn none_is_only_said_when_all_were_seen() {
        // semantics 112
        assert_eq!(sum_up(&[], &both()), Recorded::No(vec![]));
        assert_eq!(sum_up(&[Err(gap())], &both()), Recorded::Open(gap().into()));
        let part = || recorder("trail some", ReadWriteType::All, "arn:aws:s3:::data/", works());
        assert_eq!(sum_up(&[part()], &both()), Recorded::No(vec!["trail some records a part of them".into()]));
        let unseen = recorder("trail far", ReadWriteType::All, ALL, Verdict::unseen(&gap()));
        assert_eq!(sum_up(&[part(), unseen], &both()), Recorded::Open(gap().into()));
        let unseen = recorder("trail far", ReadWriteType::All, "arn:aws:s3:::other/", Verdict::unseen(&gap()));
        assert!(matches!(sum_up(&[part(), unseen], &both()), Recorded::No(_)), "that would not have sufficed either");
    }

    #[test]
    fn a_class_of_its_own_is_not_covered_by_others() {
        let lambda = [Events::all(Category::Data("AWS::Lambda::Function"), Access::Write)];
        assert_eq!(sum_up(&[], &lambda), Recorded::No(vec![]));
    }
}
