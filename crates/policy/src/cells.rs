//! A grant in pieces, each of which a Deny either hits whole or not at all.

use std::collections::BTreeMap;

use super::actions;
use super::arn::Arn;
use super::document::{Document, Set, Statement};
use super::pattern::Pattern;
use super::remains::Cell;

/// The one thing that a resource policy can be about, in parts: a bucket and its objects, an access point and its.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// The service whose actions count; `None` for any.
    pub service: Option<&'static str>,
    /// The resource's ARN and what is inside it.
    pub parts: Vec<Pattern>,
}

impl Target {
    /// A bucket or an access point by its ARN.
    pub fn bucket(arn: &str) -> Self {
        let objects = if arn.contains(":accesspoint/") { format!("{arn}/object/*") } else { format!("{arn}/*") };
        Self { service: Some("s3"), parts: vec![Pattern::wild(arn, false), Pattern::wild(&objects, false)] }
    }

    /// A role, which only STS actions are for.
    pub fn role() -> Self {
        Self { service: Some("sts"), parts: Vec::new() }
    }

    /// The S3 bucket or access point that the policy is about, by what it names; `None` when it is not about S3.
    pub fn guess(document: &Document) -> Option<Self> {
        let about_s3 = document.allows().any(|s| {
            let names = |p: &Pattern| p.prefix().starts_with("s3:");
            s.actions.patterns().iter().any(names) || arns(s).next().is_some()
        });
        if !about_s3 {
            return None;
        }
        let mut named: Vec<String> = document.allows().flat_map(arns).collect();
        if named.is_empty() {
            named = document.denies().flat_map(arns).collect();
        }
        named.sort();
        named.dedup();
        Some(match &named[..] {
            [one] => Self::bucket(one),
            _ => Self { service: Some("s3"), parts: Vec::new() },
        })
    }
}

/// The buckets and access points in a statement's resources, each without what is inside it.
fn arns(statement: &Statement) -> impl Iterator<Item = String> {
    let patterns = statement.resources.as_ref().map_or(&[][..], Set::patterns);
    patterns.iter().filter_map(|pattern| {
        let prefix = pattern.prefix();
        let arn = Arn::parse(&prefix).filter(|arn| arn.service == "s3")?;
        let mut parts = arn.resource.split('/');
        let mut bucket = parts.next()?.to_owned();
        if bucket == "accesspoint" {
            bucket = format!("accesspoint/{}", parts.next()?);
        }
        let whole = parts.next().is_some() || pattern.fixed().is_some();
        (whole && !bucket.is_empty()).then(|| Arn { resource: &bucket, ..arn }.to_string())
    })
}

/// Which single actions (`s3:GetObject`) a question is about.
pub type Wanted<'a> = &'a dyn Fn(&str) -> bool;

/// The pieces of an Allow statement; with `wanted`, only those single actions.
pub fn cells(document: &Document, allow: &Statement, target: &Target, wanted: Option<Wanted<'_>>) -> Vec<Cell> {
    let denies: Vec<&Statement> = document.denies().collect();
    let resources = resources(allow, target);
    let actions = match wanted {
        None => action_cells(&allow.actions, &denies, target.service),
        Some(wanted) => single(&allow.actions, wanted, target.service),
    };
    actions
        .into_iter()
        .flat_map(|action| {
            resources.iter().map(move |resource| Cell { action: action.clone(), resource: resource.clone() })
        })
        .collect()
}

/// Patterns where no Deny cuts through them, single actions of the table where one does.
pub fn action_cells(set: &Set, denies: &[&Statement], service: Option<&str>) -> Vec<Pattern> {
    let all = Pattern::action(&service.map_or_else(|| "*".to_owned(), |s| format!("{s}:*")));
    match set {
        Set::Only(patterns) => patterns
            .iter()
            .filter(|p| p.overlaps(&all) || p.prefix().starts_with(service.unwrap_or_default()))
            .map(|p| if p.covers(&all) { all.clone() } else { p.clone() })
            .flat_map(|p| {
                let cut = denies.iter().any(|d| d.actions.overlaps(&p) && !d.actions.covers(&p));
                let pieces = if cut { grouped(actions::matching(&p), denies) } else { Vec::new() };
                if pieces.is_empty() { vec![p] } else { pieces }
            })
            .collect(),
        Set::Except(_) => {
            let matching = actions::matching(&all);
            let kept = matching.into_iter().filter(|a| set.covers(a)).collect();
            grouped(kept, denies)
        }
    }
}

/// The wanted actions of a set, one by one; a name that the table does not know may be any of them.
fn single(set: &Set, wanted: Wanted<'_>, service: Option<&str>) -> Vec<Pattern> {
    let all = Pattern::action(&service.map_or_else(|| "*".to_owned(), |s| format!("{s}:*")));
    let mut found: Vec<Pattern> =
        actions::matching(&all).into_iter().filter(|a| set.covers(a)).filter(|a| wanted(a.text())).cloned().collect();
    if let Set::Only(patterns) = set {
        let related = |p: &Pattern| p.overlaps(&all) || p.prefix().starts_with(service.unwrap_or_default());
        let unknown = |p: &&Pattern| related(p) && (actions::matching(p).is_empty() || !p.overlaps(&all));
        found.extend(patterns.iter().filter(unknown).cloned());
    }
    found
}

/// One action for each way in which the Denies treat actions.
fn grouped(actions: Vec<&'static Pattern>, denies: &[&Statement]) -> Vec<Pattern> {
    let mut groups: BTreeMap<Vec<bool>, &Pattern> = BTreeMap::new();
    for action in actions {
        let treated = denies.iter().map(|d| d.actions.covers(action)).collect();
        groups.entry(treated).or_insert(action);
    }
    groups.into_values().cloned().collect()
}

fn resources(allow: &Statement, target: &Target) -> Vec<Option<Pattern>> {
    let parts = &target.parts;
    match &allow.resources {
        None => vec![None],
        Some(Set::Only(patterns)) => patterns
            .iter()
            .flat_map(|p| {
                let mut found: Vec<Pattern> = Vec::new();
                for part in parts.iter().filter(|part| p.overlaps(part)) {
                    // Where the pattern means only some of a part, it stands for itself.
                    let piece = if p.covers(part) { part } else { p };
                    if !found.contains(piece) {
                        found.push(piece.clone());
                    }
                }
                if found.is_empty() {
                    found.push(p.clone());
                }
                found.into_iter().map(Some)
            })
            .collect(),
        Some(set @ Set::Except(_)) if !parts.is_empty() => {
            parts.iter().filter(|part| set.overlaps(part)).cloned().map(Some).collect()
        }
        Some(set @ Set::Except(_)) => {
            let any = Pattern::wild("*", false);
            if set.overlaps(&any) { vec![Some(any)] } else { Vec::new() }
        }
    }
}
