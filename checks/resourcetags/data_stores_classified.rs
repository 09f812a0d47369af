//! Does everything that keeps data say of what kind they are? Protection follows from the class.

use super::stores::{Found, Store, stores};
use crate::prelude::*;

/// Keys of the tag.
const KEYS: Setting<[String]> = setting!(data_stores_classified.tag_keys);
/// Its values.
const VALUES: Setting<[String]> = setting!(data_stores_classified.allowed_values);

pub async fn probe(at: &Region) -> Outcome {
    let Found { stores, gaps, lost } = stores(at).await;
    let mut findings: Vec<Finding> = stores
        .into_iter()
        .map(|store| judge(&store, at.setting(KEYS), at.setting(VALUES)).on(store.resource))
        .collect();
    findings.extend(gaps.iter().map(|gap| Verdict::unseen(gap).sub(gap.call().to_owned()).on(at.resource())));
    // Once in a scan of several Regions it is here, or it is in none of them.
    findings.extend(lost.into_iter().map(|bucket| {
        let why = format!("where bucket {} is was not seen, and {} knows no tag of it", bucket.id, at.name());
        Verdict::undecided(why).on(bucket)
    }));
    if findings.is_empty() {
        let none = format!(
            "no bucket, database, table or file system, and nothing else that keeps data and ever had a tag, shows in {}",
            at.name()
        );
        findings.push(Verdict::not_applicable(none).on(at.resource()));
    }
    Ok(findings)
}

fn judge(store: &Store, keys: &[String], values: &[String]) -> Verdict {
    let (what, same) = (&store.label, |one: &String, text: &str| one.eq_ignore_ascii_case(text));
    let tags = match &store.tags {
        Ok(tags) => tags,
        Err(gap) => return Verdict::unseen(gap),
    };
    let of = || tags.iter().filter(|(key, _)| keys.iter().any(|one| same(one, key)));
    // One tag with a class is enough, whatever another of the keys says.
    let class = of().find(|(_, value)| values.iter().any(|one| same(one, value.trim())));
    match (class, of().next()) {
        (Some((key, value)), _) => Verdict::pass(format!("{what} is classified by its tag {key} as {value}")),
        (None, None) => Verdict::fail("not_classified", format!("{what} has no tag that classifies its data")),
        (None, Some((key, value))) => {
            Verdict::fail("value_not_allowed", format!("{what} has the tag {key} with {value:?}, which is no class"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn of(tags: Result<&[(&str, &str)], Gap>) -> Verdict {
        let tags = tags.map(|tags| tags.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect());
        let resource = Resource::new("arn:aws:s3:::orders", "AWS::S3::Bucket", "orders");
        judge(&Store { resource, label: "bucket orders".into(), tags }, KEYS.default_value(), VALUES.default_value())
    }

    #[test]
    fn a_store_has_a_class_that_is_allowed() {
        assert_eq!(of(Ok(&[("DataClassification", "Confidential")])).status, Status::Pass);
        assert_eq!(of(Ok(&[("data-classification", "internal")])).status, Status::Pass);
        assert_eq!(of(Ok(&[("team", "shop")])).reasons, ["not_classified"]);
        assert_eq!(of(Ok(&[])).reasons, ["not_classified"]);
        assert_eq!(of(Ok(&[("data-classification", "yes")])).reasons, ["value_not_allowed"]);
        assert_eq!(of(Ok(&[("data-classification", "")])).reasons, ["value_not_allowed"]);
    }

    #[test]
    fn one_tag_with_a_class_is_enough_beside_others() {
        // semantics 147
        assert_eq!(of(Ok(&[("classification", "tier-2"), ("data-classification", "internal")])).status, Status::Pass);
        assert_eq!(of(Ok(&[("data-class", "internal"), ("data-classification", "tbd")])).status, Status::Pass);
        assert_eq!(of(Ok(&[("classification", "tier-2"), ("data-class", "x")])).reasons, ["value_not_allowed"]);
    }

    #[test]
    fn tags_that_were_not_seen_are_unknown() {
        let gap = Gap::new("111122223333", "eu-west-1", "resourcegroupstaggingapi:GetResources", GapKind::Denied, "no");
        assert_eq!(of(Err(gap)).status, Status::Unknown);
    }
}
