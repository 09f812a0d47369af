//! Does AWS Backup have a recent recovery point of every store that holds data? Each is a finding of its own; a list that was refused is one.

use super::stores::{Backups, Store, of_cluster, of_instance, of_volume};
use super::tables::{of_table, table_of};
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
        Some(Store { resource, label: format!("table {name}"), within: Vec::new(), created: None })
    });
    found.take(at, "file-systems", files, |one| {
        let resource = at.efs().file_system(one);
        let (label, created) = (format!("file system {}", one.id), Some(one.created()));
        one.holds_data().then(|| Store { resource, label, within: Vec::new(), created })
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
            Some(table) => {
                let held = at.dynamodb().held(table).await;
                of_table(table, verdict, held, *at.setting(MAX_AGE_DAYS), at.now())
            }
            None => verdict,
        };
        verdict.on(store.resource)
    })
    .await
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
