//! Is GuardDuty fitted to the account: suppression rules that hide no more than they mean, and detections of its own that are kept up?

use super::protections::{Guard, resource};
use crate::prelude::*;
use posture_estate::services::guardduty::{GuardDutyFilter, OwnDetections};
use posture_estate::text::counted;

/// Days in which own detections change.
const MAX_AGE_DAYS: Setting<i64> = setting!(detections_tuned.max_age_days);
/// Regions that need no detections of their own.
const NO_OWN_NEEDED: Setting<Patterns> = setting!(detections_tuned.no_own_needed);

pub async fn probe(at: &Region) -> Outcome {
    let (id, _) = match Guard::look(at).await?.idle() {
        Ok(on) => on,
        Err(verdict) => return Ok(vec![verdict.on(at.resource())]),
    };
    let days = *at.setting(MAX_AGE_DAYS);
    let since = DateTime::from_secs(at.now().secs() - days * 86_400);
    let asked = at.guardduty();
    let needed = !at.setting(NO_OWN_NEEDED).matches(at.name());
    let own = async {
        if !needed {
            return None;
        }
        let own = asked.own_detections(&id, since).await;
        // A member's lists are its administrator's, and show only there.
        let by = if own.recent.is_empty() { asked.administered_by(&id).await } else { Ok(None) };
        Some((own, by))
    };
    let (filters, own) = join!(asked.filters(&id), own);
    let mut reasons = Reasons::new();
    let suppressing = suppression(filters, &mut reasons);
    let shown = own.map_or_else(
        || "own detections are not needed here".to_owned(),
        |(own, by)| own_detections(at.name(), days, &own, by, &mut reasons),
    );
    let verdict = reasons.or_pass(|| format!("{suppressing} in {}, and {shown}", at.name()));
    Ok(vec![verdict.on(resource(at, &id))])
}

/// The condition that what is archived unseen is named; gives what was seen.
fn suppression(filters: Result<Vec<Answer<GuardDutyFilter>>, Gap>, reasons: &mut Reasons) -> String {
    let mut suppressing = 0;
    for filter in reasons.add(filters).into_iter().flatten() {
        let Some(filter) = reasons.add(filter) else { continue };
        let name = &filter.name;
        match filter.action.as_str() {
            "NOOP" => continue,
            "ARCHIVE" => suppressing += 1,
            other => {
                reasons.doubt(format!("filter {name} has the action {other}"));
                continue;
            }
        }
        if !filter.names_types() {
            reasons.broken("suppression_without_type", format!("suppression rule {name} names no finding type"));
        }
        if !filter.names_resources() {
            reasons.broken("suppression_without_resource", format!("suppression rule {name} names no resource"));
        }
    }
    match suppressing {
        0 => "no rule suppresses findings".to_owned(),
        count => format!("{} by type and resource", counted(count, "suppression rule")),
    }
}

/// The condition that there are own detections and that they are kept up; gives what was seen.
fn own_detections(
    region: &str,
    days: i64,
    own: &OwnDetections,
    administered_by: Result<Option<String>, Gap>,
    reasons: &mut Reasons,
) -> String {
    if let Some(one) = own.recent.first() {
        return format!("{one} changed within {days} days");
    }
    let settled = own.gaps.is_empty() && own.undated.is_empty() && matches!(administered_by, Ok(None));
    own.gaps.iter().for_each(|gap| reasons.unseen(gap));
    if let Some(one) = own.undated.first() {
        reasons.doubt(format!("{one} is at work in {region}, and when it changed is not said"));
    }
    if let Some(by) = reasons.add(administered_by).flatten() {
        reasons.doubt(format!("account {by} administers GuardDuty of this one, and its detections show only there"));
    }
    match own.older.first() {
        _ if !settled => {}
        Some(one) => reasons.broken("own_detections_old", format!("{one} in {region} did not change for {days} days")),
        None => reasons.broken("no_own_detections", format!("{region} has no detections of its own")),
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "guardduty:ListInvestigations", GapKind::Denied, "no")
    }

    fn filter(action: &str, criterion: serde_json::Value) -> Answer<GuardDutyFilter> {
        let filter = json!({ "Name": "f", "Action": action, "FindingCriteria": { "Criterion": criterion } });
        Ok(Arc::new(serde_json::from_value(filter).unwrap()))
    }

    fn suppressed(filters: Result<Vec<Answer<GuardDutyFilter>>, Gap>) -> Verdict {
        let mut reasons = Reasons::new();
        let seen = suppression(filters, &mut reasons);
        reasons.or_pass(|| seen)
    }

    #[test]
    fn suppression_rules_name_types_and_resources() {
        let kind = || json!({ "Equals": ["Recon:EC2/Portscan"] });
        let resource = || json!({ "Equals": ["i-1"] });
        let both = json!({ "type": kind(), "resource.instanceDetails.instanceId": resource() });
        assert_eq!(suppressed(Ok(vec![])).status, Status::Pass);
        assert_eq!(suppressed(Ok(vec![filter("ARCHIVE", both)])).status, Status::Pass);
        let of = |criterion| suppressed(Ok(vec![filter("ARCHIVE", criterion)])).reasons;
        assert_eq!(of(json!({ "type": kind() })), ["suppression_without_resource"]);
        assert_eq!(of(json!({ "resource.instanceDetails.instanceId": resource() })), ["suppression_without_type"]);
        assert_eq!(
            of(json!({ "severity": { "LessThan": 4 } })),
            ["suppression_without_type", "suppression_without_resource"]
        );
        assert_eq!(suppressed(Ok(vec![filter("NOOP", json!({}))])).status, Status::Pass, "it only sorts");
        assert_eq!(suppressed(Ok(vec![filter("SOMETHING_NEW", json!({}))])).status, Status::Unknown);
        assert_eq!(suppressed(Ok(vec![Err(gap())])).status, Status::Unknown);
        assert_eq!(suppressed(Err(gap())).status, Status::Unknown);
    }

    fn shown(own: &OwnDetections, by: Result<Option<String>, Gap>) -> Verdict {
        let mut reasons = Reasons::new();
        let seen = own_detections("eu-west-1", 365, own, by, &mut reasons);
        reasons.or_pass(|| seen)
    }

    #[test]
    fn own_detections_are_there_and_kept_up() {
        let one = || vec!["threat list l".to_owned()];
        let recent = OwnDetections { recent: one(), older: one(), gaps: vec![gap()], ..OwnDetections::default() };
        assert_eq!(shown(&recent, Ok(None)).status, Status::Pass);
        assert_eq!(shown(&OwnDetections::default(), Ok(None)).reasons, ["no_own_detections"]);
        let older = OwnDetections { older: one(), ..OwnDetections::default() };
        assert_eq!(shown(&older, Ok(None)).reasons, ["own_detections_old"]);
        let undated = OwnDetections { undated: one(), ..OwnDetections::default() };
        assert_eq!(shown(&undated, Ok(None)).status, Status::Unknown);
        let denied = OwnDetections { gaps: vec![gap()], ..OwnDetections::default() };
        assert_eq!(shown(&denied, Ok(None)).status, Status::Unknown);
    }

    #[test]
    fn a_member_does_not_see_what_its_administrator_has() {
        let none = OwnDetections::default();
        let administered = shown(&none, Ok(Some("444455556666".into())));
        assert_eq!(administered.status, Status::Unknown);
        assert!(administered.message.contains("444455556666"));
        assert_eq!(shown(&none, Err(gap())).status, Status::Unknown);
    }
}
