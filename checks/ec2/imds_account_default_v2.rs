//! Do instances that say nothing about their metadata service get IMDSv2? The account's default for the region
//! decides; without one, the image and then the old default (IMDSv1 allowed) do.

use crate::prelude::*;
use aws_sdk_ec2::types::{HttpTokensState, InstanceMetadataDefaultsResponse};

pub async fn probe(at: &Region) -> Outcome {
    let defaults = at.ec2().instance_metadata_defaults().await?;
    Ok(vec![judge(&defaults).on(at.resource())])
}

fn judge(defaults: &InstanceMetadataDefaultsResponse) -> Verdict {
    match defaults.http_tokens() {
        Some(HttpTokensState::Required) => Verdict::pass("the account's metadata default requires IMDSv2 tokens"),
        Some(HttpTokensState::Optional) => {
            Verdict::fail("tokens_optional", "the account's metadata default makes IMDSv2 tokens optional")
        }
        Some(other) => Verdict::undecided(format!("the account's metadata default for tokens is not known: {other}")),
        None => {
            Verdict::fail("no_default", "the account has no metadata default for tokens: each image and launch decides")
        }
    }
    .evidence(json!({
        "http_tokens": defaults.http_tokens().map(|it| it.as_str()),
        "http_tokens_enforced": defaults.http_tokens_enforced().map(|it| it.as_str()),
        "http_put_response_hop_limit": defaults.http_put_response_hop_limit(),
        "managed_by": defaults.managed_by().map(|it| it.as_str()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(tokens: Option<HttpTokensState>) -> Status {
        judge(&InstanceMetadataDefaultsResponse::builder().set_http_tokens(tokens).build()).status
    }

    #[test]
    fn only_required_passes() {
        assert_eq!(status(Some(HttpTokensState::Required)), Status::Pass);
        assert_eq!(status(Some(HttpTokensState::Optional)), Status::Fail);
        assert_eq!(status(None), Status::Fail);
        assert_eq!(status(Some(HttpTokensState::from("sometimes"))), Status::Unknown);
    }
}
