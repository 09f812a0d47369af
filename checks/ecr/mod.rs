//! Checks on ECR's private repositories.

use crate::prelude::*;
use posture_estate::services::ecr::{EcrRepository, GONE};

mod scans;

checks! { ecr;
    region lifecycle_policy_present,
    region policy_not_public,
    region scanning_configured_and_clean,
    region tag_immutability,
}

/// One finding for each repository in the Region, asked at once; one that was deleted after it was listed is not judged.
async fn per_repository<F, Fut>(at: &Region, judge: F) -> Outcome
where
    F: Fn(EcrRepository) -> Fut,
    Fut: Future<Output = Result<Verdict, Gap>>,
{
    let repositories = at.ecr().repositories().await?;
    if repositories.is_empty() {
        return Ok(vec![Verdict::not_applicable("the Region has no private ECR repository").on(at.resource())]);
    }
    let listed = repositories.iter().map(|one| (one.resource(), format!("repository {}", one.name), one.clone()));
    Ok(per(listed, &[GONE], judge).await)
}

/// A repository as ECR lists it.
#[cfg(test)]
fn repository(more: &serde_json::Value) -> EcrRepository {
    let mut repository = json!({
        "repositoryArn": "arn:aws:ecr:eu-west-1:111122223333:repository/shop", "repositoryName": "shop",
        "imageTagMutability": "MUTABLE",
    });
    let members = repository.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    serde_json::from_value(repository).unwrap()
}
