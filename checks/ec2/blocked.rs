//! VPC block public access above all route tables and security groups: where it keeps out what comes from the internet, whatever
//! they say. Both of its modes do, but for what is excluded in both directions
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html>).

use crate::prelude::*;
use aws_sdk_ec2::types::{
    InternetGatewayBlockMode as Mode, InternetGatewayExclusionMode, VpcBlockPublicAccessExclusion,
    VpcBlockPublicAccessOptions, VpcBlockPublicAccessState,
};
use posture_estate::finding::GapKind;
use posture_estate::services::ec2::vpc::excludes;
use std::collections::BTreeSet;

/// Where a region keeps the internet out.
#[derive(Debug)]
pub(super) enum Blocked {
    Nowhere,
    /// Everywhere but in these VPCs and subnets.
    But(BTreeSet<String>),
    Changing,
    Unseen(Gap),
}

/// Why it is not known.
#[derive(Debug)]
pub(super) enum Why<'a> {
    Changing,
    Unseen(&'a Gap),
}

impl Why<'_> {
    pub(super) fn tell(&self, reasons: &mut Reasons) {
        match self {
            Why::Changing => reasons.doubt("vpc block public access is being changed"),
            Why::Unseen(gap) => reasons.unseen(gap),
        }
    }
}

impl Blocked {
    pub(super) fn keeps_out(&self, vpc: Option<&str>, subnet: Option<&str>) -> Result<bool, Why<'_>> {
        match self {
            Blocked::Nowhere => Ok(false),
            Blocked::But(excluded) => Ok(![vpc, subnet].into_iter().flatten().any(|id| excluded.contains(id))),
            Blocked::Changing => Err(Why::Changing),
            Blocked::Unseen(gap) => Err(Why::Unseen(gap)),
        }
    }
}

pub(super) async fn blocked(at: &Region) -> Blocked {
    let mode = match at.ec2().vpc_block_public_access().await {
        Ok(options) => of_options(&options),
        // A region that does not know the feature blocks nothing.
        Err(gap) if gap.kind() == GapKind::Unsupported => Blocked::Nowhere,
        Err(gap) => Blocked::Unseen(gap),
    };
    let Blocked::But(_) = mode else { return mode };
    match at.ec2().vpc_block_public_access_exclusions().await {
        Ok(exclusions) => Blocked::But(exclusions.iter().filter_map(let_in).collect()),
        Err(gap) => Blocked::Unseen(gap),
    }
}

fn of_options(options: &VpcBlockPublicAccessOptions) -> Blocked {
    match options.internet_gateway_block_mode() {
        Some(Mode::BlockBidirectional | Mode::BlockIngress)
            if options.state() == Some(&VpcBlockPublicAccessState::UpdateInProgress) =>
        {
            Blocked::Changing
        }
        Some(Mode::BlockBidirectional | Mode::BlockIngress) => Blocked::But(BTreeSet::new()),
        _ => Blocked::Nowhere,
    }
}

/// The VPC or subnet that an exclusion lets the internet into; one that allows egress alone does not.
fn let_in(exclusion: &VpcBlockPublicAccessExclusion) -> Option<String> {
    let egress = exclusion.internet_gateway_exclusion_mode() == Some(&InternetGatewayExclusionMode::AllowEgress);
    let arn = exclusion.resource_arn().filter(|_| excludes(exclusion) && !egress)?;
    arn.rsplit('/').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::VpcBlockPublicAccessExclusionState as State;

    #[test]
    fn both_modes_block_once_they_are_set() {
        // semantics 138
        let of = |mode, state| {
            of_options(&VpcBlockPublicAccessOptions::builder().internet_gateway_block_mode(mode).state(state).build())
        };
        let done = || VpcBlockPublicAccessState::UpdateComplete;
        assert!(matches!(of(Mode::BlockIngress, done()), Blocked::But(_)));
        assert!(matches!(of(Mode::BlockBidirectional, done()), Blocked::But(_)));
        assert!(matches!(of(Mode::Off, done()), Blocked::Nowhere));
        assert!(matches!(of(Mode::BlockIngress, VpcBlockPublicAccessState::UpdateInProgress), Blocked::Changing));
    }

    #[test]
    fn an_exclusion_lets_in_what_it_allows_both_ways_while_it_is_in_force() {
        let of = |mode, state| {
            let exclusion = VpcBlockPublicAccessExclusion::builder()
                .internet_gateway_exclusion_mode(mode)
                .state(state)
                .resource_arn("arn:aws-cn:ec2:cn-north-1:111122223333:subnet/subnet-1");
            let_in(&exclusion.build())
        };
        use InternetGatewayExclusionMode::{AllowBidirectional, AllowEgress};
        assert_eq!(of(AllowBidirectional, State::CreateComplete).as_deref(), Some("subnet-1"));
        assert_eq!(of(AllowEgress, State::CreateComplete), None);
        assert_eq!(of(AllowBidirectional, State::DeleteComplete), None);
    }
}
