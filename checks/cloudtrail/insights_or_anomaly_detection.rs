//! Does anything learn what is usual and tell when it is not: CloudTrail Insights, or an anomaly detector of CloudWatch?

use crate::prelude::*;
use posture_estate::services::cloudtrail::Trail;
use posture_estate::services::cloudwatch::AnomalyDetector;
use posture_estate::services::logs::LogAnomalyDetector;
use posture_estate::text::counted;

pub async fn probe(at: &Region) -> Outcome {
    let mut reasons = Reasons::new();
    let by = insights(at, &mut reasons).await;
    if let Some(by) = by {
        return Ok(vec![Verdict::pass(by).on(at.resource())]);
    }
    let (metrics, logs) = join!(at.cloudwatch().anomaly_detectors(), at.logs().log_anomaly_detectors());
    Ok(vec![judge(at.name(), metrics, logs, reasons).on(at.resource())])
}

/// What has Insights on that sees the Region's calls: a trail, or else an event data store.
async fn insights(at: &Region, reasons: &mut Reasons) -> Option<String> {
    let cloudtrail = at.account().cloudtrail();
    let trails = reasons.add(cloudtrail.trails().await);
    let hidden = trails.iter().flat_map(|trails| &trails.gaps).filter(|gap| gap.region() == at.name());
    let mut answers: Vec<Result<Option<String>, Gap>> = hidden.cloned().map(Err).collect();
    let here = trails.iter().flat_map(|trails| &trails.seen).filter(|trail| trail.works_in(at.name()));
    answers.extend(join_all(here.map(|trail| of_trail(at, trail))).await);
    if !answers.iter().any(|answer| matches!(answer, Ok(Some(_)))) {
        let stores = reasons.add(cloudtrail.event_data_stores(at.name()).await);
        let stores = stores.iter().flat_map(|stores| stores.iter());
        answers.extend(
            join_all(stores.map(async |store| {
                let types = cloudtrail.store_insight_types(at.name(), store).await?;
                Ok((!types.is_empty())
                    .then(|| format!("event data store {store} has Insights on: {}", types.join(", "))))
            }))
            .await,
        );
    }
    let found = answers.iter().find_map(|answer| answer.as_ref().ok()?.clone());
    answers.into_iter().filter_map(Result::err).for_each(|gap| reasons.unseen(&gap));
    found
}

async fn of_trail(at: &Region, trail: &Trail) -> Result<Option<String>, Gap> {
    let types = at.account().cloudtrail().insight_types(trail).await?;
    if types.is_empty() {
        return Ok(None);
    }
    let status = at.account().cloudtrail().trail_status(trail).await?;
    Ok((status.is_logging() == Some(true)).then(|| by(&trail.name, &types)))
}

fn by(trail: &str, types: &[String]) -> String {
    format!("trail {trail} is logging and has Insights on: {}", types.join(", "))
}

fn judge(
    region: &str,
    metrics: Answer<Vec<AnomalyDetector>>,
    logs: Answer<Vec<LogAnomalyDetector>>,
    mut reasons: Reasons,
) -> Verdict {
    let metrics = reasons.add(metrics);
    let logs = reasons.add(logs);
    let trained = metrics.iter().flat_map(|all| all.iter()).filter(|one| one.is_active()).count();
    let analyzing = logs.iter().flat_map(|all| all.iter()).filter(|one| one.is_active()).count();
    if trained + analyzing > 0 {
        let kinds = [(trained, "metric anomaly detector"), (analyzing, "log anomaly detector")];
        let active: Vec<String> =
            kinds.iter().filter(|(all, _)| *all > 0).map(|(all, kind)| counted(*all, kind)).collect();
        return Verdict::pass(format!("CloudWatch has {} at work in {region}", active.join(" and ")));
    }
    let learning = metrics.iter().flat_map(|all| all.iter()).filter(|one| !one.is_idle()).count()
        + logs.iter().flat_map(|all| all.iter()).filter(|one| !one.is_idle()).count();
    if learning > 0 {
        reasons.doubt(format!("{} in {region} may be about to start", counted(learning, "anomaly detector")));
    }
    if reasons.is_empty() {
        let none = "no trail has Insights on, and no anomaly detector of CloudWatch is active";
        reasons.broken("nothing_detects_anomalies", format!("{none} in {region}"));
    }
    reasons.open()
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn metrics(state: &str) -> Answer<Vec<AnomalyDetector>> {
        Ok(Arc::new(vec![serde_json::from_value(json!({ "StateValue": state })).unwrap()]))
    }

    fn logs(status: &str) -> Answer<Vec<LogAnomalyDetector>> {
        let one = json!({ "anomalyDetectorArn": "arn", "anomalyDetectorStatus": status });
        Ok(Arc::new(vec![serde_json::from_value(one).unwrap()]))
    }

    fn judged(metrics: Answer<Vec<AnomalyDetector>>, logs: Answer<Vec<LogAnomalyDetector>>) -> Verdict {
        judge("eu-west-1", metrics, logs, Reasons::new())
    }

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "cloudwatch:DescribeAnomalyDetectors", GapKind::Denied, "no")
    }

    #[test]
    fn one_active_detector_suffices() {
        assert_eq!(judged(metrics("TRAINED"), logs("PAUSED")).status, Status::Pass);
        assert_eq!(judged(metrics("TRAINED_INSUFFICIENT_DATA"), logs("ANALYZING")).status, Status::Pass);
        assert_eq!(judged(Err(gap()), logs("ANALYZING")).status, Status::Pass);
        assert_eq!(judged(metrics("TRAINED"), Err(gap())).status, Status::Pass);
    }

    #[test]
    fn none_that_is_active_fails_and_one_that_learns_or_was_not_seen_is_unknown() {
        for dead in ["FAILED", "DELETED", "PAUSED"] {
            assert_eq!(judged(metrics("TRAINED_INSUFFICIENT_DATA"), logs(dead)).reasons, ["nothing_detects_anomalies"]);
        }
        assert_eq!(judged(Ok(Arc::default()), Ok(Arc::default())).status, Status::Fail);
        for learning in ["INITIALIZING", "TRAINING"] {
            assert_eq!(judged(Ok(Arc::default()), logs(learning)).status, Status::Unknown);
        }
        assert_eq!(judged(metrics("PENDING_TRAINING"), Ok(Arc::default())).status, Status::Unknown);
        assert_eq!(judged(Err(gap()), Ok(Arc::default())).status, Status::Unknown);
        let mut unseen = Reasons::new();
        unseen.unseen(&gap());
        assert_eq!(judge("eu-west-1", Ok(Arc::default()), Ok(Arc::default()), unseen).status, Status::Unknown);
    }

    #[test]
    fn a_state_that_is_not_known_decides_nothing() {
        assert_eq!(judged(metrics("SOMETHING"), Ok(Arc::default())).status, Status::Unknown);
        assert_eq!(judged(Ok(Arc::default()), logs("SOMETHING")).status, Status::Unknown);
    }

    #[test]
    fn a_pass_names_what_is_on() {
        assert_eq!(
            by("main", &["ApiCallRateInsight".to_owned(), "ApiErrorRateInsight".to_owned()]),
            "trail main is logging and has Insights on: ApiCallRateInsight, ApiErrorRateInsight"
        );
    }
}
