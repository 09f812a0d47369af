//! VPC encryption controls: what they let pass unencrypted.

use aws_sdk_ec2::types::{VpcEncryptionControl, VpcEncryptionControlExclusion, VpcEncryptionControlExclusionState};

/// What the control leaves out of enforcement.
pub fn exclusions(control: &VpcEncryptionControl) -> Vec<&'static str> {
    let Some(all) = control.resource_exclusions() else { return Vec::new() };
    let enabled = |exclusion: Option<&VpcEncryptionControlExclusion>| {
        let state = exclusion.and_then(VpcEncryptionControlExclusion::state);
        matches!(
            state,
            Some(VpcEncryptionControlExclusionState::Enabled | VpcEncryptionControlExclusionState::Enabling)
        )
    };
    [
        ("internet gateway", all.internet_gateway()),
        ("egress-only internet gateway", all.egress_only_internet_gateway()),
        ("nat gateway", all.nat_gateway()),
        ("virtual private gateway", all.virtual_private_gateway()),
        ("vpc peering", all.vpc_peering()),
        ("lambda", all.lambda()),
        ("vpc lattice", all.vpc_lattice()),
        ("elastic file system", all.elastic_file_system()),
    ]
    .into_iter()
    .filter(|(_, exclusion)| enabled(*exclusion))
    .map(|(name, _)| name)
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::VpcEncryptionControlExclusions;

    #[test]
    fn only_what_is_enabled_is_left_out() {
        let exclusion = |state| VpcEncryptionControlExclusion::builder().state(state).build();
        let all = VpcEncryptionControlExclusions::builder()
            .nat_gateway(exclusion(VpcEncryptionControlExclusionState::Enabled))
            .lambda(exclusion(VpcEncryptionControlExclusionState::Enabling))
            .vpc_lattice(exclusion(VpcEncryptionControlExclusionState::Disabled));
        let control = VpcEncryptionControl::builder().resource_exclusions(all.build()).build();
        assert_eq!(exclusions(&control), ["nat gateway", "lambda"]);
        assert!(exclusions(&VpcEncryptionControl::builder().build()).is_empty());
    }
}
