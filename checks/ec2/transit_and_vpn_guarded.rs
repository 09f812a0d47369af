//! The doors between networks: transit gateways let nobody attach unasked, site-to-site VPN tunnels speak IKEv2 only
//! and log, Client VPN endpoints log and do not let every client reach every network.

use super::client_vpn;
use crate::prelude::*;
use aws_sdk_ec2::types::{
    AutoAcceptSharedAttachmentsValue, TransitGateway, TransitGatewayState, TunnelOption, VpnConnection, VpnState,
};
use posture_estate::services::ec2::of_each;

pub async fn probe(at: &Region) -> Outcome {
    let (gateways, connections, endpoints) =
        join!(at.ec2().transit_gateways(), at.ec2().vpn_connections(), client_vpn::judged(at));
    let mut findings = of_each(at, "transit-gateways", gateways, |gateway| {
        let gone = matches!(gateway.state(), Some(TransitGatewayState::Deleted | TransitGatewayState::Deleting));
        let judged = || judge_gateway(gateway).on(at.ec2().transit_gateway(gateway));
        (!gone && at.ec2().owns(gateway.owner_id())).then(judged)
    });
    findings.extend(of_each(at, "vpn-connections", connections, |connection| {
        let gone = matches!(connection.state(), Some(VpnState::Deleted | VpnState::Deleting));
        (!gone).then(|| judge_connection(connection).on(at.ec2().vpn_connection(connection)))
    }));
    findings.extend(endpoints);
    Ok(findings)
}

fn judge_gateway(gateway: &TransitGateway) -> Verdict {
    let name = format!("transit gateway {}", gateway.transit_gateway_id().unwrap_or("?"));
    match gateway.options().and_then(|o| o.auto_accept_shared_attachments()) {
        Some(AutoAcceptSharedAttachmentsValue::Disable) => {
            Verdict::pass(format!("{name} waits for attachments of other accounts to be accepted"))
        }
        Some(AutoAcceptSharedAttachmentsValue::Enable) => Verdict::fail(
            "attachments_auto_accepted",
            format!("{name} accepts attachments of every account that it is shared with"),
        ),
        _ => Verdict::undecided(format!("{name} does not say whether it accepts attachments by itself")),
    }
}

fn judge_connection(connection: &VpnConnection) -> Verdict {
    let name = format!("vpn connection {}", connection.vpn_connection_id().unwrap_or("?"));
    let mut reasons = Reasons::new();
    let tunnels = connection.options().map(|o| o.tunnel_options()).unwrap_or_default();
    if tunnels.is_empty() {
        reasons.doubt(format!("{name} was returned without its tunnel options"));
    }
    for (number, tunnel) in tunnels.iter().enumerate() {
        let called = match tunnel.outside_ip_address() {
            Some(address) => format!("{name} tunnel {address}"),
            None => format!("{name} tunnel {}", number + 1),
        };
        judge_tunnel(&called, tunnel, &mut reasons);
    }
    reasons.or_pass(|| format!("{name} uses IKEv2 only and logs on all {} tunnels", tunnels.len()))
}

/// AWS leaves out what was never set: then its defaults hold, both IKE versions and no log
/// (<https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNTunnels.html>).
fn judge_tunnel(called: &str, tunnel: &TunnelOption, reasons: &mut Reasons) {
    let versions: Vec<&str> = tunnel.ike_versions().iter().filter_map(|v| v.value()).collect();
    match versions.as_slice() {
        [] => reasons.broken("ikev1_accepted", format!("{called} accepts IKEv1, by default")),
        ["ikev2"] => {}
        some => reasons.broken("ikev1_accepted", format!("{called} accepts {}", some.join(" and "))),
    }
    let logs = tunnel.log_options().and_then(|o| o.cloud_watch_log_options()).and_then(|o| o.log_enabled());
    if logs != Some(true) {
        reasons.broken("tunnel_not_logged", format!("{called} does not log"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{
        CloudWatchLogOptions, IkeVersionsListValue, TransitGatewayOptions, VpnConnectionOptions, VpnTunnelLogOptions,
    };

    #[test]
    fn transit_gateways() {
        let gateway = |value| {
            let options = TransitGatewayOptions::builder().set_auto_accept_shared_attachments(value).build();
            judge_gateway(&TransitGateway::builder().options(options).build()).status
        };
        assert_eq!(gateway(Some(AutoAcceptSharedAttachmentsValue::Enable)), Status::Fail);
        assert_eq!(gateway(Some(AutoAcceptSharedAttachmentsValue::Disable)), Status::Pass);
        assert_eq!(gateway(None), Status::Unknown);
    }

    fn tunnel(versions: &[&str], log: Option<bool>) -> TunnelOption {
        let versions = versions.iter().map(|v| IkeVersionsListValue::builder().value(*v).build()).collect();
        let logs = CloudWatchLogOptions::builder().set_log_enabled(log).build();
        let logs = VpnTunnelLogOptions::builder().cloud_watch_log_options(logs).build();
        TunnelOption::builder().set_ike_versions(Some(versions)).log_options(logs).build()
    }

    fn connection(tunnels: Vec<TunnelOption>) -> Status {
        let options = VpnConnectionOptions::builder().set_tunnel_options(Some(tunnels)).build();
        judge_connection(&VpnConnection::builder().options(options).build()).status
    }

    #[test]
    fn vpn_tunnels() {
        let good = || tunnel(&["ikev2"], Some(true));
        assert_eq!(connection(vec![good(), good()]), Status::Pass);
        assert_eq!(connection(vec![good(), tunnel(&["ikev1", "ikev2"], Some(true))]), Status::Fail);
        assert_eq!(connection(vec![good(), tunnel(&[], Some(true))]), Status::Fail);
        assert_eq!(connection(vec![good(), tunnel(&["ikev2"], Some(false))]), Status::Fail);
        assert_eq!(connection(vec![good(), TunnelOption::builder().build()]), Status::Fail);
        assert_eq!(connection(vec![]), Status::Unknown);
        assert_eq!(judge_connection(&VpnConnection::builder().build()).status, Status::Unknown);
    }
}
