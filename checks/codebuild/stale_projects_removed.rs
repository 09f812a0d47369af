//! Has every project built something lately? A project that nobody uses keeps a role, a webhook and variables that nobody watches.

use crate::prelude::*;
use posture_estate::services::codebuild::Build;
use posture_estate::services::codebuild::project::Project;

/// The days within which a project builds something.
const MAX_IDLE_DAYS: Setting<i64> = setting!(stale_projects_removed.max_idle_days);

pub async fn probe(at: &Region) -> Outcome {
    let projects = at.codebuild().projects().await?;
    if projects.is_empty() {
        let none = format!("CodeBuild has no project in {}", at.name());
        return Ok(vec![Verdict::not_applicable(none).on(at.resource())]);
    }
    let last = join_all(projects.iter().map(async |project| at.codebuild().last_build(&project.name).await)).await;
    let ids: Vec<String> = last.iter().flatten().filter_map(|id| id.there()?.clone()).collect();
    let builds = at.codebuild().builds(&ids).await;
    let limit = *at.setting(MAX_IDLE_DAYS);
    let judged = projects.iter().zip(last).filter_map(|(project, last)| {
        let verdict = match last {
            Err(gap) => Verdict::unseen(&gap),
            // It is gone.
            Ok(id) => judge(project, id.there()?.as_deref(), &builds, at.now(), limit),
        };
        Some(verdict.on(project.resource()))
    });
    Ok(judged.collect())
}

fn judge(project: &Project, last: Option<&str>, builds: &Answer<Vec<Build>>, now: &DateTime, limit: i64) -> Verdict {
    let name = &project.name;
    let Some(id) = last else {
        return match days(&project.created, now) {
            age if age <= limit => {
                Verdict::pass(format!("project {name} was made {age} days ago and has not built yet"))
            }
            age => Verdict::fail("never_built", format!("project {name} was made {age} days ago and has no build")),
        };
    };
    let builds = match builds {
        Ok(builds) => builds,
        Err(gap) => return Verdict::unseen(gap),
    };
    let started = builds.iter().find(|build| build.id == id).and_then(|build| build.start_time.as_ref());
    match started.map(|started| days(started, now)) {
        None => Verdict::undecided(format!("when build {id} of project {name} started is not in the answer")),
        Some(age) if age <= limit => Verdict::pass(format!("project {name} built {age} days ago")),
        Some(age) => {
            Verdict::fail("not_built_lately", format!("project {name} built {age} days ago for the last time"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebuild::fixtures::project;
    use posture_estate::finding::GapKind;

    /// 2026-11-27
    fn now() -> DateTime {
        DateTime::from_secs(1_795_737_600)
    }

    fn built(at: Option<&str>) -> Verdict {
        let build = json!({ "id": "app:1", "projectName": "app", "startTime": at });
        let builds = vec![serde_json::from_value(build).unwrap()];
        judge(&project(json!({})), Some("app:1"), &Ok(Arc::new(builds)), &now(), 90)
    }

    #[test]
    fn a_project_builds_within_the_days() {
        assert_eq!(built(Some("2026-11-20T00:00:00Z")).status, Status::Pass);
        assert_eq!(built(Some("2026-08-29T00:00:00Z")).status, Status::Pass, "90 days ago");
        assert_eq!(built(Some("2026-08-28T00:00:00Z")).reasons, ["not_built_lately"]);
        assert_eq!(built(None).status, Status::Unknown);
    }

    #[test]
    fn one_that_never_built_is_as_old_as_it_is() {
        let made =
            |created: &str| judge(&project(json!({ "created": created })), None, &Ok(Arc::default()), &now(), 90);
        assert_eq!(made("2026-11-01T00:00:00Z").status, Status::Pass);
        assert_eq!(made("2025-11-01T00:00:00Z").reasons, ["never_built"]);
    }

    #[test]
    fn builds_that_were_not_seen_are_unknown() {
        let gap = Gap::new("111122223333", "eu-west-1", "codebuild:BatchGetBuilds", GapKind::Denied, "no");
        assert_eq!(judge(&project(json!({})), Some("app:1"), &Err(gap), &now(), 90).status, Status::Unknown);
        assert_eq!(judge(&project(json!({})), Some("app:1"), &Ok(Arc::default()), &now(), 90).status, Status::Unknown);
    }
}
