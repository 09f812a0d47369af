//! The Region in which the findings of another come together.

use crate::prelude::*;
use posture_estate::arn::Arn;
use posture_estate::services::securityhub::Aggregator;

/// Where the findings of a Region come together.
pub(super) enum Home {
    Here,
    Elsewhere(Arc<Region>),
    /// The aggregator of that Region has a mode that is not known.
    Untold(String),
}

pub(super) async fn home_of(at: &Region) -> Result<Home, Gap> {
    let found = at.securityhub().finding_aggregator().await?;
    let Aggregator::Shown(arn) = &*found else { return Ok(Home::Here) };
    let Some(home) = Arn::parse(arn).map(|arn| arn.region).filter(|home| *home != at.name()) else {
        return Ok(Home::Here);
    };
    let region = at.account().region(home);
    Ok(match region.securityhub().aggregation(arn).await?.links(at.name()) {
        Some(true) => Home::Elsewhere(region),
        Some(false) => Home::Here,
        None => Home::Untold(home.to_owned()),
    })
}
