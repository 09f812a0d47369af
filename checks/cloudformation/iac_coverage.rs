//! How much of a Region was made by templates? The Tagging API shows what has tags; how much has none, Resource Explorer tells, and without
//! it no share is known that is good enough.

use crate::prelude::*;
use posture_estate::arn::Arn;
use posture_estate::services::resource_explorer::{Search, View};
use posture_estate::services::resourcegroupstaggingapi::TaggedResource;

/// Tags that say by which template a resource was made.
const IAC_TAGS: Setting<[String]> = setting!(iac_coverage.iac_tags);

/// The share that is wanted.
const TARGET_PERCENT: Setting<i64> = setting!(iac_coverage.target_percent);

pub async fn probe(at: &Region) -> Outcome {
    let resources = at.resourcegroupstaggingapi().tagged().await?;
    let target = usize::try_from(*at.setting(TARGET_PERCENT)).unwrap_or(100);
    let count = Count::of(&resources, at.setting(IAC_TAGS));
    let verdict = match count.so_far(at.name(), target) {
        Some(verdict) => verdict,
        None => match untagged(at).await {
            Ok(untagged) => count.with(untagged.as_ref(), at.name(), target),
            Err(gap) => Verdict::unseen(&gap),
        },
    };
    let evidence = json!({ "by_template": count.covered, "tagged": count.tagged, "listed": count.listed });
    Ok(vec![verdict.evidence(evidence).on(at.resource())])
}

/// What has no tag, and whether the view shows it all.
async fn untagged(at: &Region) -> Result<Option<(Arc<Option<Search>>, Arc<View>)>, Gap> {
    let search = at.resource_explorer().untagged().await?;
    let Some(found) = search.there() else { return Ok(None) };
    let view = at.resource_explorer().view(&found.view).await?;
    Ok(Some((search, view)))
}

/// What the Tagging API lists, stacks apart: they are the templates, not what was made by them.
#[derive(Debug, PartialEq, Eq)]
struct Count {
    covered: usize,
    tagged: usize,
    /// With those that had a tag once.
    listed: usize,
}

impl Count {
    fn of(resources: &[TaggedResource], iac_tags: &[String]) -> Count {
        let mut count = Count { covered: 0, tagged: 0, listed: 0 };
        let is_stack = |one: &TaggedResource| Arn::parse(&one.arn).is_some_and(|arn| arn.service == "cloudformation");
        for one in resources.iter().filter(|one| !is_stack(one)) {
            count.listed += 1;
            count.tagged += usize::from(!one.tags.is_empty());
            count.covered += usize::from(iac_tags.iter().any(|wanted| one.tags.iter().any(|tag| tag.is(wanted))));
        }
        count
    }

    /// What is known from the list alone: what it does not hold can only lower the share.
    fn so_far(&self, region: &str, target: usize) -> Option<Verdict> {
        match self.listed {
            0 => Some(Verdict::not_applicable(format!("no resource in {region} has or had a tag"))),
            all => (self.covered * 100 < target * all).then(|| self.below(all, region, target)),
        }
    }

    fn with(&self, untagged: Option<&(Arc<Option<Search>>, Arc<View>)>, region: &str, target: usize) -> Verdict {
        let of_list = format!(
            "{} of {} resources in {region} that have or had a tag were made by a template",
            self.covered, self.listed
        );
        let Some((search, view)) = untagged else {
            return Verdict::undecided(format!(
                "{of_list}; how many never had one is not known without Resource Explorer"
            ));
        };
        let Some(search) = search.there() else { return Verdict::undecided(of_list) };
        let all = self.listed.max(self.tagged + search.found());
        if self.covered * 100 < target * all {
            return self.below(all, region, target);
        }
        match (search.is_complete(), view.is_partial()) {
            (true, false) => {
                Verdict::pass(format!("{} of {all} resources in {region} were made by a template", self.covered))
            }
            (_, true) => Verdict::undecided(format!(
                "{of_list}; the default view of Resource Explorer hides some that have none"
            )),
            (false, _) => Verdict::undecided(format!("{of_list}; Resource Explorer counted only some that have none")),
        }
    }

    fn below(&self, all: usize, region: &str, target: usize) -> Verdict {
        let covered = self.covered;
        let percent = covered * 100 / all.max(1);
        let message =
            format!("{covered} of {all} resources in {region} ({percent}%) were made by a template, below {target}%");
        Verdict::fail("below_target", message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resources(tags: &[Option<(&str, &str)>]) -> Vec<TaggedResource> {
        let one = |(n, tag): (usize, &Option<(&str, &str)>)| {
            let tags: Vec<_> = tag.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
            let arn = ["arn:aws:sns:eu-west-1:111122223333:t", &n.to_string()].concat();
            serde_json::from_value(json!({ "ResourceARN": arn, "Tags": tags })).unwrap()
        };
        tags.iter().enumerate().map(one).collect()
    }

    const BY_STACK: Option<(&str, &str)> = Some(("aws:cloudformation:stack-id", "arn:aws:cloudformation:x"));
    const BY_HAND: Option<(&str, &str)> = Some(("team", "shop"));

    fn count(tags: &[Option<(&str, &str)>]) -> Count {
        let wanted = ["aws:cloudformation:stack-id", "managed-by=terraform"].map(str::to_owned);
        Count::of(&resources(tags), &wanted)
    }

    fn judged(tags: &[Option<(&str, &str)>], untagged: Option<(i64, bool, &str)>) -> Status {
        let count = count(tags);
        let seen = untagged.map(|(found, complete, filter)| {
            let search = json!({ "Count": { "TotalResources": found, "Complete": complete }, "ViewArn": "arn" });
            let view = json!({ "Filters": { "FilterString": filter } });
            (Arc::new(Some(serde_json::from_value(search).unwrap())), Arc::new(serde_json::from_value(view).unwrap()))
        });
        count.so_far("eu-west-1", 80).unwrap_or_else(|| count.with(seen.as_ref(), "eu-west-1", 80)).status
    }

    #[test]
    fn a_resource_is_covered_by_a_tag_of_a_stack_or_one_that_was_agreed_on() {
        assert_eq!(count(&[BY_STACK, BY_HAND, None]), Count { covered: 1, tagged: 2, listed: 3 });
        assert_eq!(count(&[Some(("managed-by", "terraform")), Some(("managed-by", "hand"))]).covered, 1);
        let stack = json!({ "ResourceARN": "arn:aws:cloudformation:eu-west-1:111122223333:stack/a/1", "Tags": [{ "Key": "team", "Value": "a" }] });
        let stack: TaggedResource = serde_json::from_value(stack).unwrap();
        assert_eq!(Count::of(&[stack], &[]).listed, 0);
    }

    #[test]
    fn a_share_below_the_target_fails_whatever_else_there_is() {
        assert_eq!(judged(&[BY_STACK, BY_HAND], None), Status::Fail);
        assert_eq!(judged(&[BY_STACK, BY_STACK, BY_STACK, BY_STACK, None], None), Status::Unknown, "80 of 100");
        assert_eq!(judged(&[], None), Status::NotApplicable);
    }

    #[test]
    fn a_good_share_passes_only_where_what_has_no_tag_was_counted() {
        assert_eq!(judged(&[BY_STACK; 8], None), Status::Unknown);
        assert_eq!(judged(&[BY_STACK; 8], Some((2, true, ""))), Status::Pass, "8 of 10");
        assert_eq!(judged(&[BY_STACK; 8], Some((3, true, ""))), Status::Fail, "8 of 11");
        assert_eq!(judged(&[BY_STACK; 8], Some((1, false, ""))), Status::Unknown);
        assert_eq!(judged(&[BY_STACK; 8], Some((0, true, "region:us*"))), Status::Unknown);
        assert_eq!(judged(&[BY_STACK; 8], Some((1000, false, "region:us*"))), Status::Fail, "more can only lower it");
    }
}
