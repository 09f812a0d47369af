//! No subnet gives public IPv4 addresses to whatever is launched in it: a public address is asked for, not inherited.

use crate::prelude::*;
use aws_sdk_ec2::types::Subnet;

pub async fn probe(at: &Region) -> Outcome {
    let subnets = at.ec2().subnets().await?;
    let own = subnets.iter().filter(|subnet| at.ec2().owns(subnet.owner_id()));
    Ok(own.map(|subnet| judge(subnet).on(at.ec2().subnet(subnet))).collect())
}

fn judge(subnet: &Subnet) -> Verdict {
    let name = format!("subnet {}", subnet.subnet_id().unwrap_or("?"));
    match subnet.map_public_ip_on_launch() {
        Some(true) => Verdict::fail(
            "public_addresses_by_default",
            format!("{name} gives a public ipv4 address to whatever is launched in it"),
        ),
        Some(false) => Verdict::pass(format!("{name} gives no public ipv4 address by itself")),
        None => Verdict::undecided(format!("{name} does not say whether it gives public ipv4 addresses")),
    }
    .evidence(json!({ "vpc": subnet.vpc_id(), "default_for_az": subnet.default_for_az() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides() {
        let status = |on| judge(&Subnet::builder().set_map_public_ip_on_launch(on).build()).status;
        assert_eq!(status(Some(true)), Status::Fail);
        assert_eq!(status(Some(false)), Status::Pass);
        assert_eq!(status(None), Status::Unknown);
    }
}
