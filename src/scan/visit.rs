//! One account: its checks at all its places at once, every outcome turned into findings, whatever happens.

use super::{Event, Place, Progress};
use crate::catalogue::Check;
use crate::record::{Record, Stop, Terms};
use posture_estate::check::Probe;
use posture_estate::finding::{Finding, Gap, Resource, Status, Verdict};
use posture_estate::place::Outcome;
use posture_estate::session::Session;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tokio::task::{Id, JoinSet};

/// What is done in one account.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    pub session: &'a Session,
    pub checks: &'a [&'static Check],
    /// Places that were done before.
    pub skip: &'a BTreeSet<Place>,
    pub progress: &'a Progress,
    /// What its findings are told by.
    pub terms: &'a dyn Terms,
}

impl Visit<'_> {
    fn record(&self, check: &'static Check, place: &Place, finding: Finding) -> Record {
        Record::new(check, self.session.account.account_id(), place, finding, self.terms)
    }
}

/// One check at one place.
#[derive(Clone, Debug)]
struct Unit {
    check: &'static Check,
    place: Place,
}

/// The checks that run.
#[derive(Debug)]
struct Running {
    tasks: JoinSet<Outcome>,
    units: HashMap<Id, Unit>,
    /// How many have not ended, by place.
    left: BTreeMap<Place, usize>,
}

impl Running {
    /// Starts them all, the riskiest first, should the time run out.
    fn start(visit: &Visit<'_>) -> Running {
        let mut running = Running { tasks: JoinSet::new(), units: HashMap::new(), left: BTreeMap::new() };
        let account = &visit.session.account;
        let mut checks = visit.checks.to_vec();
        checks.sort_by_key(|check| Reverse(visit.terms.severity(check)));
        for check in checks {
            match check.probe {
                Probe::Account(probe) | Probe::Organization(probe) if !visit.skip.contains(&None) => {
                    let account = account.clone();
                    running.spawn(Unit { check, place: None }, async move { probe(&account).await });
                }
                Probe::Account(_) | Probe::Organization(_) => {}
                Probe::Region(probe) => {
                    for name in account.regions().iter().filter(|name| !visit.skip.contains(&Some((*name).clone()))) {
                        let region = account.region(name);
                        let unit = Unit { check, place: Some(name.clone()) };
                        running.spawn(unit, async move { probe(&region).await });
                    }
                }
            }
        }
        visit.progress.begin(running.units.len(), running.left.keys().flatten().count());
        running
    }

    fn spawn(&mut self, unit: Unit, probe: impl Future<Output = Outcome> + Send + 'static) {
        *self.left.entry(unit.place.clone()).or_default() += 1;
        self.units.insert(self.tasks.spawn(probe).id(), unit);
    }

    /// Tells of the regions that no check can reach; they belong to the account as a whole.
    fn beyond<E>(&mut self, visit: &Visit<'_>, tell: &mut impl FnMut(Event<'_>) -> Result<(), E>) -> Result<(), E> {
        let beyond = if visit.skip.contains(&None) { Vec::new() } else { out_of_reach(visit) };
        if beyond.is_empty() {
            return Ok(());
        }
        self.left.entry(None).or_default();
        for record in beyond {
            tell(Event::Finding(&None, Box::new(record)))?;
        }
        if self.left.get(&None) == Some(&0) { tell(Event::Done(&None)) } else { Ok(()) }
    }

    /// A check has ended at a place.
    fn ended<E>(
        &mut self,
        visit: &Visit<'_>,
        unit: &Unit,
        outcome: Result<Outcome, String>,
        tell: &mut impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let findings = findings_of(visit.session, unit, outcome);
        visit.progress.ended(findings.iter().filter(|finding| finding.verdict.status == Status::Fail).count());
        for finding in findings {
            let record = visit.record(unit.check, &unit.place, finding);
            tell(Event::Finding(&unit.place, Box::new(record)))?;
        }
        if let Some(left) = self.left.get_mut(&unit.place) {
            *left -= 1;
            if *left == 0 {
                visit.progress.place_ended(unit.place.is_some());
                tell(Event::Done(&unit.place))?;
            }
        }
        release(visit.session, &self.left, unit.place.as_deref());
        Ok(())
    }
}

/// Runs the checks and tells each finding, in no order; stops early, with what is there, when `stop` is ready. Gives the places that
/// did not get to their end.
///
/// # Errors
/// Those of `tell`.
pub async fn run<E>(
    visit: &Visit<'_>,
    stop: impl Future<Output = Stop>,
    mut tell: impl FnMut(Event<'_>) -> Result<(), E>,
) -> Result<Option<(Stop, BTreeSet<Place>)>, E> {
    let mut running = Running::start(visit);
    running.beyond(visit, &mut tell)?;
    tokio::pin!(stop);
    let why = loop {
        let (id, outcome) = tokio::select! {
            joined = running.tasks.join_next_with_id() => match joined {
                None => return Ok(None),
                Some(Ok((id, outcome))) => (id, Ok(outcome)),
                Some(Err(error)) => (error.id(), Err(error.to_string())),
            },
            why = &mut stop => break why,
        };
        if let Some(unit) = running.units.remove(&id) {
            running.ended(visit, &unit, outcome, &mut tell)?;
        }
    };
    running.tasks.abort_all();
    // Those that did not get to their end are in the report too: not seen is not passed.
    let mut unfinished = BTreeSet::new();
    for Unit { check, place } in running.units.into_values() {
        let finding = Verdict::undecided(why.message()).on(visit.session.account.resource());
        tell(Event::Finding(&place, Box::new(visit.record(check, &place, finding))))?;
        unfinished.insert(place);
    }
    Ok(Some((why, unfinished)))
}

/// A region's answers go when its last check is done and no account-wide check can still ask for them.
fn release(session: &Session, left: &BTreeMap<Place, usize>, region: Option<&str>) {
    let done = |place: &Place| left.get(place).is_none_or(|left| *left == 0);
    if !done(&None) {
        return;
    }
    match region {
        Some(name) if done(&Some(name.to_owned())) => session.account.forget(name),
        Some(_) => {}
        None => left
            .keys()
            .flatten()
            .filter(|name| done(&Some((*name).clone())))
            .for_each(|name| session.account.forget(name)),
    }
}

/// An outcome as findings; there is always at least one.
fn findings_of(session: &Session, unit: &Unit, outcome: Result<Outcome, String>) -> Vec<Finding> {
    let resource = session.account.resource();
    match outcome {
        Ok(Ok(findings)) if findings.is_empty() => {
            vec![Verdict::not_applicable("there is no resource that this check judges").on(resource)]
        }
        Ok(Ok(findings)) => offered(findings, &resource),
        Ok(Err(gap)) => offered(vec![Verdict::unseen(&gap).on(resource.clone())], &resource),
        Err(panic) => {
            tracing::error!(check = unit.check.id, "internal error: {panic}");
            vec![Verdict::undecided("the check ended with an internal error; please report it").on(resource)]
        }
    }
}

/// What is open only because AWS does not offer the service there is not applicable, in one line each Region and not one a resource.
fn offered(findings: Vec<Finding>, account: &Resource) -> Vec<Finding> {
    let absent = |gap: &Gap| gap.is(Gap::NOT_OFFERED);
    let mut told = BTreeSet::new();
    let keep = |finding: Finding| {
        let gaps = &finding.verdict.gaps;
        if finding.verdict.status != Status::Unknown || gaps.is_empty() || !gaps.iter().all(absent) {
            return Some(finding);
        }
        let why = gaps.iter().map(Gap::message).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join("; ");
        let resource = Resource { region: finding.resource.region, ..account.clone() };
        told.insert(why.clone()).then(|| Verdict::not_applicable(why).on(resource))
    };
    findings.into_iter().filter_map(keep).collect()
}

/// Regional checks are unknown for regions that could not be listed, and for those that were asked for and are off.
fn out_of_reach(visit: &Visit<'_>) -> Vec<Record> {
    let session = visit.session;
    let mut records = Vec::new();
    for check in visit.checks.iter().filter(|check| matches!(check.probe, Probe::Region(_))) {
        if let Some(gap) = &session.regions_gap {
            let mut verdict = Verdict::unseen(gap).sub("other-regions");
            verdict.message = format!("regions other than those scanned {}", verdict.message);
            records.push(visit.record(check, &None, verdict.on(session.account.resource())));
        }
        for region in &session.not_enabled {
            let why = format!("region {region} is not enabled for the account, so that nothing could be asked there");
            let finding = Verdict::undecided(why).on(session.account.resource());
            records.push(visit.record(check, &Some(region.clone()), finding));
        }
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn unseen(region: &str, code: &str, on: &str) -> Finding {
        let gap = Gap::new(
            "111122223333",
            region,
            "codebuild:ListProjects",
            GapKind::Unsupported,
            format!("not in {region}"),
        );
        Verdict::unseen(&gap.with_code(Some(code.into())))
            .on(Resource::new(on, "AWS::CodeBuild::Project", on).region(region))
    }

    #[test]
    fn what_aws_does_not_offer_is_one_line_a_region_and_hides_nothing_else() {
        let account = Resource::new("arn:aws:iam::111122223333:root", "AWS::::Account", "111122223333");
        let pass = Verdict::pass("seen").on(account.clone());
        let findings = vec![
            unseen("ap-east-2", Gap::NOT_OFFERED, "a"),
            unseen("ap-east-2", Gap::NOT_OFFERED, "b"),
            unseen("ca-west-1", Gap::NOT_OFFERED, "c"),
            unseen("eu-west-1", "AccessDenied", "d"),
            pass.clone(),
        ];
        let told = offered(findings, &account);
        let statuses: Vec<Status> = told.iter().map(|finding| finding.verdict.status).collect();
        assert_eq!(statuses, [Status::NotApplicable, Status::NotApplicable, Status::Unknown, Status::Pass]);
        assert_eq!(told[0].resource.id, account.id);
        assert_eq!(told[1].resource.region.as_deref(), Some("ca-west-1"));
    }
}
