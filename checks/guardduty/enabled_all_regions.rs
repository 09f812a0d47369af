//! Is GuardDuty at work in each Region?

use super::protections::{Guard, resource};
use crate::prelude::*;

pub async fn probe(at: &Region) -> Outcome {
    let guard = Guard::look(at).await?;
    let on = match &guard {
        Guard::On(id, _) => resource(at, id),
        Guard::Off(..) | Guard::Untold(_) => at.resource(),
    };
    Ok(vec![judge(at.name(), guard).on(on)])
}

fn judge(region: &str, guard: Guard) -> Verdict {
    match guard {
        Guard::On(id, _) => Verdict::pass(format!("detector {id} watches {region}")),
        Guard::Off(slug, why) => Verdict::fail(slug, why),
        Guard::Untold(why) => Verdict::undecided(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_off_and_untold_are_three_things() {
        // semantics 37
        let status = |guard: Guard| judge("eu-west-1", guard).status;
        assert_eq!(status(Guard::On("d".into(), Arc::default())), Status::Pass);
        assert_eq!(status(Guard::Off("no_detector", "none".into())), Status::Fail);
        assert_eq!(status(Guard::Off("detector_suspended", "suspended".into())), Status::Fail);
        assert_eq!(status(Guard::Untold("new".into())), Status::Unknown);
    }
}
