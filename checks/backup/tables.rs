//! Tables, whose list says neither how old they are nor whether they hold anything.

use super::stores::Store;
use crate::prelude::*;
use posture_estate::arn::Arn;
use posture_estate::services::dynamodb::Held;

/// The name of a table, of its ARN.
pub(super) fn table_of(store: &Store) -> Option<&str> {
    Arn::parse(&store.resource.arn)?.resource.strip_prefix("table/")
}

/// A table that holds nothing needs no backup, and a new one has none yet; both are asked where no recent one is known.
pub(super) fn of_table(
    table: &str,
    verdict: Verdict,
    held: Answer<Option<Held>>,
    limit: i64,
    now: &DateTime,
) -> Verdict {
    match held {
        Ok(held) => match held.there() {
            Some(Held { item_count: 0, .. }) => Verdict::not_applicable(format!("table {table} holds no data")),
            Some(Held { created: Some(created), .. }) if days(created, now) <= limit => {
                Verdict::not_applicable(format!(
                    "table {table} was made {} days ago, and its first recovery point is not due yet; the limit is {limit}",
                    days(created, now)
                ))
            }
            Some(_) => verdict,
            None => Verdict::not_applicable(format!("table {table} was deleted while the scan ran")),
        },
        Err(gap) => Verdict::unseen(&gap),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    #[test]
    fn a_table_without_items_needs_no_backup() {
        let now = DateTime::from_secs(1_764_201_600);
        let of = |held| of_table("orders", Verdict::fail("no_recovery_point", "none"), held, 2, &now).status;
        let held = |items: i64, days: Option<i64>| {
            let created =
                days.map(|days| posture_estate::day::rfc3339(DateTime::from_secs(now.secs() - days * 86_400)));
            Ok(Arc::new(Some(
                serde_json::from_value(json!({ "ItemCount": items, "CreationDateTime": created })).unwrap(),
            )))
        };
        assert_eq!(of(held(0, Some(90))), Status::NotApplicable);
        assert_eq!(of(held(1, Some(90))), Status::Fail);
        assert_eq!(of(held(1, None)), Status::Fail);
        assert_eq!(of(held(1, Some(1))), Status::NotApplicable, "its first backup is not due yet");
        assert_eq!(of(Ok(Arc::new(None))), Status::NotApplicable);
        let gap = Gap::new("111122223333", "eu-west-1", "dynamodb:DescribeTable", GapKind::Denied, "no");
        assert_eq!(of(Err(gap)), Status::Unknown);
    }
}
