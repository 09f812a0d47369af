//! One finding out of what is recorded in each of several places.

use crate::prelude::*;
use posture_estate::services::cloudtrail::{Recorded, record};
use std::collections::BTreeSet;

/// `recorded` by the places where something happens.
pub(super) fn judge(
    slug: &'static str,
    what: &str,
    recorded: Vec<(String, Recorded)>,
    mut reasons: Reasons,
) -> Verdict {
    let (mut kept, mut lost, mut near) = (BTreeSet::new(), Vec::new(), BTreeSet::new());
    for (place, recorded) in recorded {
        match recorded {
            Recorded::By(by) => drop(kept.insert(record(&by))),
            Recorded::Open(open) => open.add_to(&mut reasons),
            Recorded::No(lacks) => {
                lost.push(place);
                near.extend(lacks);
            }
        }
    }
    if !lost.is_empty() {
        let near: String = near.into_iter().map(|lacks| format!("; {lacks}")).collect();
        let lost = lost.join(", ");
        reasons.broken(slug, format!("no trail or event data store records all {what} in {lost}{near}"));
    }
    let kept: Vec<String> = kept.into_iter().collect();
    reasons.or_pass(|| format!("{} the {what}", kept.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    const DATA: &str = "data_events_not_recorded";

    fn gap() -> Gap {
        Gap::new("111122223333", "us-east-1", "cloudtrail:GetTrailStatus", GapKind::Denied, "no")
    }

    fn by() -> Recorded {
        Recorded::By(vec!["trail main".into()])
    }

    fn no() -> Recorded {
        Recorded::No(vec!["trail main is not logging".into()])
    }

    fn judged(recorded: &[Recorded]) -> Verdict {
        let places = ["eu-west-1", "us-east-1"].iter().map(|place| (*place).to_owned());
        judge(
            DATA,
            "data events of AWS::Lambda::Function",
            places.zip(recorded.iter().cloned()).collect(),
            Reasons::new(),
        )
    }

    #[test]
    fn each_region_needs_a_record() {
        assert_eq!(judged(&[by(), by()]).message, "trail main records the data events of AWS::Lambda::Function");
        let half = judged(&[by(), no()]);
        assert_eq!((half.status, half.reasons), (Status::Fail, vec![DATA]));
        assert!(half.message.ends_with("data events of AWS::Lambda::Function in us-east-1; trail main is not logging"));
        assert_eq!(judged(&[by(), Recorded::Open(gap().into())]).status, Status::Unknown);
        assert_eq!(judged(&[no(), Recorded::Open(gap().into())]).status, Status::Fail);
    }
}
