//! The head of a report from all that a scan was and came to.

use super::Request;
use super::connect::Connected;
use super::gather::Gathered;
use super::plan::Plan;
use crate::report::{Head, Scan, Summary, Tool, json};
use aws_smithy_types::DateTime;
use posture_estate::day::rfc3339;
use posture_estate::finding::PlacedGap;
use std::collections::BTreeSet;
use std::time::SystemTime;

/// The head without practices and baseline, which are judged over it.
pub(super) fn assemble(request: &Request, plan: &Plan, connected: &Connected, gathered: &Gathered) -> Head {
    Head {
        schema_version: json::SCHEMA_VERSION.to_owned(),
        tool: Tool::this(),
        scan: scan(request, plan, connected, gathered),
        summary: Summary::of(&gathered.tally),
        practices: Vec::new(),
        suppressions: gathered.suppressions.clone(),
        baseline: None,
    }
}

fn scan(request: &Request, plan: &Plan, connected: &Connected, gathered: &Gathered) -> Scan {
    let Connected { scene, targets, checks } = connected;
    let config = &request.config;
    let regions: BTreeSet<&String> = gathered.heads.iter().flat_map(|head| &head.regions).collect();
    Scan {
        id: plan.id.clone(),
        started_at: rfc3339(plan.started),
        finished_at: rfc3339(DateTime::from(SystemTime::now())),
        duration_ms: u64::try_from(plan.clock.elapsed().as_millis()).unwrap_or(u64::MAX),
        as_of: rfc3339(scene.now),
        replayed: scene.transport.is_replay(),
        caller: targets.caller.clone(),
        regions: regions.into_iter().cloned().collect(),
        selection: request.force.selection.clone(),
        config: config.source.clone(),
        attestations: config.attestations_source.clone(),
        severities: config.severities.changes(checks.iter().copied()),
        settings: config.checks.changed_of(checks),
        checks: checks.iter().map(|check| check.id.to_owned()).collect(),
        calls: scene.transport.stats().calls(),
        complete: gathered.stopped().is_none(),
        shard: plan.shard,
        plan: plan.shard.map(|_| plan.digest.clone()),
        unanswered: gathered.unanswered.values().map(PlacedGap::from).collect(),
        accounts: gathered.rows.clone(),
    }
}
