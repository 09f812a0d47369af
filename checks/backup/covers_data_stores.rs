//! Does AWS Backup have a recent recovery point of every store that holds data? Each is a finding of its own; a list that was refused is one.

use super::stores::{Backups, Store, of_cluster, of_instance, of_volume, table_of};
use crate::prelude::*;

/// A recovery point older than this many days fails.
const MAX_AGE_DAYS: Setting<i64> = setting!(covers_data_stores.max_age_days);
/// Stores that need no backup.
const EXEMPT: Setting<Resources> = setting!(covers_data_stores.exempt);

pub async fn probe(at: &Region) -> Outcome {
    let (volumes, instances, clusters, tables, files) = join!(
        at.ec2().volumes(),
        at.rds().instances(),
        at.rds().clusters(),
        at.dynamodb().tables(),
        at.efs().file_systems()
    );
    let mut found = Listed::default();
    found.take(at, "volumes", volumes, |volume| of_volume(at, volume));
    found.take(at, "instances", instances, of_instance);
    found.take(at, "clusters", clusters, of_cluster);
    found.take(at, "tables", tables, |name: &String| {
        let resource = at.dynamodb().table(name);
        Some(Store { resource, label: format!("table {name}"), within: Vec::new() })
    });
    found.take(at, "file-systems", files, |one| {
        let resource = at.efs().file_system(one);
        one.holds_data().then(|| Store { resource, label: format!("file system {}", one.id), within: Vec::new() })
    });
    let Listed { stores, mut findings } = found;
    let exempt = at.setting(EXEMPT);
    let (spared, stores): (Vec<Store>, Vec<Store>) = stores.into_iter().partition(|one| exempt.has(&one.resource));
    findings.extend(spared.into_iter().map(|store| {
        Verdict::not_applicable(format!("{} needs no backup, as listed", store.label)).on(store.resource)
    }));
    if stores.is_empty() && findings.is_empty() {
        let none = format!("{} has no volume, database, table or file system that holds data", at.name());
        return Ok(vec![Verdict::not_applicable(none).on(at.resource())]);
    }
    if !stores.is_empty() {
        findings.extend(judged(at, stores).await);
    }
    Ok(findings)
}

async fn judged(at: &Region, stores: Vec<Store>) -> Vec<Finding> {
    let protected = at.backup().protected_resources().await;
    let backups = protected.map(|protected| Backups::of(&protected));
    each(stores, async |store: Store| {
        let verdict = match &backups {
            Ok(backups) => backups.judge(&store, *at.setting(MAX_AGE_DAYS), at.now()),
            Err(gap) => Verdict::unseen(gap),
        };
        let verdict = match table_of(&store).filter(|_| verdict.status == Status::Fail) {
            Some(table) => of_table(table, verdict, at.dynamodb().item_count(table).await),
            None => verdict,
        };
        verdict.on(store.resource)
    })
    .await
}

/// A table that holds nothing needs no backup; it is asked for where there is none.
fn of_table(table: &str, verdict: Verdict, items: Answer<Option<i64>>) -> Verdict {
    match items {
        Ok(items) => match items.there() {
            Some(0) => Verdict::not_applicable(format!("table {table} holds no data")),
            Some(_) => verdict,
            None => Verdict::not_applicable(format!("table {table} was deleted while the scan ran")),
        },
        Err(gap) => Verdict::unseen(&gap),
    }
}

/// Stores, and a finding for each list that was not seen.
#[derive(Default)]
struct Listed {
    stores: Vec<Store>,
    findings: Vec<Finding>,
}

impl Listed {
    fn take<T>(&mut self, at: &Region, list: &str, answer: Answer<Vec<T>>, store: impl Fn(&T) -> Option<Store>) {
        match answer {
            Ok(all) => self.stores.extend(all.iter().filter_map(store)),
            Err(gap) => self.findings.push(Verdict::unseen(&gap).sub(list).on(at.resource())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    #[test]
    fn a_table_without_items_needs_no_backup() {
        let of = |items| of_table("orders", Verdict::fail("no_recovery_point", "none"), items).status;
        assert_eq!(of(Ok(Arc::new(Some(0)))), Status::NotApplicable);
        assert_eq!(of(Ok(Arc::new(Some(1)))), Status::Fail);
        assert_eq!(of(Ok(Arc::new(None))), Status::NotApplicable);
        let gap = Gap::new("111122223333", "eu-west-1", "dynamodb:DescribeTable", GapKind::Denied, "no");
        assert_eq!(of(Err(gap)), Status::Unknown);
    }
}
