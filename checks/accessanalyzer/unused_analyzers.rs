//! The analyzers for unused access, of all Regions together: which do what they are for, and why the others do not.

use super::zone::Zone;
use crate::prelude::*;
use posture_estate::services::access_analyzer::Analyzer;

/// The analyzers for unused access of all Regions.
#[derive(Default)]
pub(super) struct UnusedAnalyzers {
    pub(super) fitting: Vec<(Arc<Region>, Analyzer)>,
    /// Slug and words for each that does not fit.
    others: Vec<(&'static str, String)>,
    doubts: Vec<String>,
    gaps: Vec<Gap>,
}

impl UnusedAnalyzers {
    pub(super) async fn of(at: &Account, most: i64) -> UnusedAnalyzers {
        // The home Region is where one usually stands, also when the scan is about others.
        let home = (!at.in_scope(at.home())).then(|| at.home());
        let regions: Vec<_> = at.regions().iter().map(String::as_str).chain(home).map(|name| at.region(name)).collect();
        let asked = regions.iter().map(async |region| (region, region.access_analyzer().analyzers().await));
        let mut seen = UnusedAnalyzers::default();
        for (region, analyzers) in join_all(asked).await {
            match analyzers {
                Ok(all) => seen.sort(region, &all, most),
                Err(gap) => seen.gaps.push(gap),
            }
        }
        seen
    }

    fn sort(&mut self, region: &Arc<Region>, analyzers: &[Analyzer], most: i64) {
        for analyzer in analyzers.iter().filter(|one| one.looks_for_unused()) {
            match fits(region.name(), analyzer, most) {
                Fit::Yes => self.fitting.push((region.clone(), analyzer.clone())),
                Fit::No(slug, why) => self.others.push((slug, why)),
                Fit::Untold(why) => self.doubts.push(why),
            }
        }
    }

    /// Why there is none that fits; broken where nobody else can have one.
    pub(super) fn none_fits(&self, zone: &Zone) -> Verdict {
        let mut reasons = Reasons::new();
        self.gaps.iter().for_each(|gap| reasons.unseen(gap));
        self.doubts.iter().for_each(|why| reasons.doubt(why));
        if !reasons.is_empty() {
            return reasons.open();
        }
        match self.others.first() {
            None => zone.missing("no_analyzer", "no analyzer looks for unused access in the Regions of the scan"),
            Some((slug, _)) => {
                let why: Vec<&str> = self.others.iter().map(|(_, why)| why.as_str()).collect();
                zone.missing(slug, &why.join(", "))
            }
        }
    }
}

enum Fit {
    Yes,
    No(&'static str, String),
    Untold(String),
}

fn fits(region: &str, analyzer: &Analyzer, most: i64) -> Fit {
    let name = &analyzer.name;
    if !analyzer.is_active() {
        return Fit::No("analyzer_not_active", format!("analyzer {name} in {region} is {}", analyzer.status));
    }
    match analyzer.unused_days() {
        Some(days) if days <= most => Fit::Yes,
        Some(days) => Fit::No(
            "tracking_too_long",
            format!("analyzer {name} in {region} calls access unused only after {days} days, more than {most}"),
        ),
        None => Fit::Untold(format!("after how many days analyzer {name} in {region} calls access unused is not said")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accessanalyzer::tests::gap;

    fn analyzer(status: &str, days: Option<i64>) -> Analyzer {
        let configuration = days.map(|days| json!({ "unusedAccess": { "unusedAccessAge": days } }));
        serde_json::from_value(
            json!({ "arn": "arn", "name": "unused", "type": "ACCOUNT_UNUSED_ACCESS", "status": status,
            "configuration": configuration }),
        )
        .unwrap()
    }

    fn slug(status: &str, days: Option<i64>) -> Option<&'static str> {
        match fits("eu-west-1", &analyzer(status, days), 90) {
            Fit::Yes => Some("fits"),
            Fit::No(slug, _) => Some(slug),
            Fit::Untold(_) => None,
        }
    }

    #[test]
    fn an_analyzer_is_active_and_tracks_ninety_days_at_most() {
        assert_eq!(slug("ACTIVE", Some(90)), Some("fits"));
        assert_eq!(slug("ACTIVE", Some(30)), Some("fits"));
        assert_eq!(slug("ACTIVE", Some(91)), Some("tracking_too_long"));
        assert_eq!(slug("DISABLED", Some(90)), Some("analyzer_not_active"));
        assert_eq!(slug("SOMETHING_NEW", Some(90)), Some("analyzer_not_active"));
        assert_eq!(slug("ACTIVE", None), None);
    }

    #[test]
    fn without_one_it_fails_where_nobody_else_can_have_it() {
        // semantics 39
        let none = |seen: &UnusedAnalyzers, zone: &Zone| seen.none_fits(zone);
        let elsewhere = Zone::Within(Ok(vec!["444455556666".into()]));
        assert_eq!(none(&UnusedAnalyzers::default(), &Zone::Alone).reasons, ["no_analyzer"]);
        assert_eq!(none(&UnusedAnalyzers::default(), &elsewhere).status, Status::Unknown);
        let long = UnusedAnalyzers {
            others: vec![("tracking_too_long", "after 365 days".into())],
            ..UnusedAnalyzers::default()
        };
        assert_eq!(none(&long, &Zone::Alone).reasons, ["tracking_too_long"]);
        assert_eq!(none(&long, &elsewhere).status, Status::Unknown);
        let denied = UnusedAnalyzers { gaps: vec![gap("access-analyzer:ListAnalyzers")], ..UnusedAnalyzers::default() };
        assert_eq!(none(&denied, &Zone::Alone).status, Status::Unknown);
        let untold = UnusedAnalyzers { doubts: vec!["not said".into()], ..UnusedAnalyzers::default() };
        assert_eq!(none(&untold, &Zone::Alone).status, Status::Unknown);
    }
}
