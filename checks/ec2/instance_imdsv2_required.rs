//! Does every instance refuse metadata requests without a session token? An instance whose metadata endpoint is off
//! has nothing to steal, whatever its token setting says.

use crate::prelude::*;
use aws_sdk_ec2::types::{HttpTokensState, Instance, InstanceMetadataEndpointState};
use posture_estate::services::ec2::{exists, instance_id};

pub async fn probe(at: &Region) -> Outcome {
    let instances = at.ec2().instances().await?;
    Ok(instances.iter().filter(|i| exists(i)).map(|i| judge(i).on(at.ec2().instance(i))).collect())
}

fn judge(instance: &Instance) -> Verdict {
    let id = instance_id(instance);
    let Some(options) = instance.metadata_options() else {
        return Verdict::undecided(format!("EC2 gave no metadata options for instance {id}"));
    };
    match (options.http_endpoint(), options.http_tokens()) {
        (Some(InstanceMetadataEndpointState::Disabled), _) => {
            Verdict::pass(format!("instance {id} has its metadata endpoint disabled"))
        }
        (_, Some(HttpTokensState::Required)) => Verdict::pass(format!("instance {id} requires IMDSv2 tokens")),
        (_, Some(HttpTokensState::Optional)) => Verdict::fail(
            "tokens_optional",
            format!("instance {id} answers IMDSv1 requests: its metadata tokens are optional"),
        ),
        _ => Verdict::undecided(format!("the metadata token setting of instance {id} is not known")),
    }
    .evidence(json!({
        "http_endpoint": options.http_endpoint().map(|it| it.as_str()),
        "http_tokens": options.http_tokens().map(|it| it.as_str()),
        "http_put_response_hop_limit": options.http_put_response_hop_limit(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{InstanceMetadataOptionsResponse, InstanceState, InstanceStateName};

    fn status(endpoint: Option<InstanceMetadataEndpointState>, tokens: Option<HttpTokensState>) -> Status {
        let options =
            InstanceMetadataOptionsResponse::builder().set_http_endpoint(endpoint).set_http_tokens(tokens).build();
        judge(&Instance::builder().instance_id("i-1").metadata_options(options).build()).status
    }

    #[test]
    fn tokens_decide_while_the_endpoint_is_on() {
        let on = Some(InstanceMetadataEndpointState::Enabled);
        assert_eq!(status(on.clone(), Some(HttpTokensState::Required)), Status::Pass);
        assert_eq!(status(on.clone(), Some(HttpTokensState::Optional)), Status::Fail);
        assert_eq!(status(on, None), Status::Unknown);
        assert_eq!(status(None, Some(HttpTokensState::Optional)), Status::Fail);
    }

    #[test]
    fn a_disabled_endpoint_passes() {
        // semantics 47
        assert_eq!(
            status(Some(InstanceMetadataEndpointState::Disabled), Some(HttpTokensState::Optional)),
            Status::Pass
        );
    }

    #[test]
    fn no_options_is_no_pass() {
        assert_eq!(judge(&Instance::builder().instance_id("i-1").build()).status, Status::Unknown);
    }

    #[test]
    fn terminated_instances_are_left_out() {
        // semantics 47
        let in_state = |name| {
            let state = InstanceState::builder().name(name).build();
            Instance::builder().instance_id("i-1").state(state).build()
        };
        assert!(!exists(&in_state(InstanceStateName::Terminated)));
        assert!(!exists(&in_state(InstanceStateName::ShuttingDown)));
        assert!(exists(&in_state(InstanceStateName::Stopped)));
    }
}
