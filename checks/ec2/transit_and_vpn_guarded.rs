//! The doors between networks: transit gateways let nobody attach unasked, site-to-site VPN tunnels speak IKEv2 only
//! and log, Client VPN endpoints log and do not let every client reach every network.

use crate::prelude::*;
use aws_sdk_ec2::types::{
    AuthorizationRule, AutoAcceptSharedAttachmentsValue, ClientVpnAuthenticationType, ClientVpnEndpoint,
    ClientVpnEndpointStatusCode, TransitGateway, TransitGatewayState, TunnelOption, VpnConnection, VpnState,
};

pub async fn probe(at: &Region) -> Outcome {
    let (gateways, connections, endpoints) =
        join!(at.ec2().transit_gateways(), at.ec2().vpn_connections(), at.ec2().client_vpn_endpoints());
    let mut findings = Vec::new();
    let mut hidden = |sub: &str, gap: &Gap| findings.push(Verdict::unseen(gap).sub(sub).on(at.resource()));
    let gateways = gateways.inspect_err(|gap| hidden("transit-gateways", gap)).ok();
    let connections = connections.inspect_err(|gap| hidden("vpn-connections", gap)).ok();
    let endpoints = endpoints.inspect_err(|gap| hidden("client-vpn-endpoints", gap)).ok();
    for gateway in gateways.iter().flat_map(|all| all.iter()) {
        let gone = matches!(gateway.state(), Some(TransitGatewayState::Deleted | TransitGatewayState::Deleting));
        if !gone && at.ec2().owns(gateway.owner_id()) {
            findings.push(judge_gateway(gateway).on(at.ec2().transit_gateway(gateway)));
        }
    }
    for connection in connections.iter().flat_map(|all| all.iter()) {
        if !matches!(connection.state(), Some(VpnState::Deleted | VpnState::Deleting)) {
            findings.push(judge_connection(connection).on(at.ec2().vpn_connection(connection)));
        }
    }
    let endpoints = endpoints.iter().flat_map(|all| all.iter()).filter(|endpoint| {
        let code = endpoint.status().and_then(|s| s.code());
        !matches!(code, Some(ClientVpnEndpointStatusCode::Deleted | ClientVpnEndpointStatusCode::Deleting))
    });
    let judged = each(endpoints, |endpoint| async move {
        let rules =
            at.ec2().client_vpn_authorization_rules(endpoint.client_vpn_endpoint_id().unwrap_or_default()).await;
        judge_endpoint(endpoint, rules.as_ref().map(|rules| rules.as_slice()))
            .on(at.ec2().client_vpn_endpoint(endpoint))
    });
    findings.extend(judged.await);
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

fn judge_endpoint(endpoint: &ClientVpnEndpoint, rules: Result<&[AuthorizationRule], &Gap>) -> Verdict {
    let name = format!("client vpn endpoint {}", endpoint.client_vpn_endpoint_id().unwrap_or("?"));
    let mut reasons = Reasons::new();
    match endpoint.connection_log_options().and_then(|o| o.enabled()) {
        Some(true) => {}
        Some(false) => reasons.broken("connections_not_logged", format!("{name} does not log connections")),
        None => reasons.doubt(format!("{name} does not say whether it logs connections")),
    }
    // Certificates alone know no groups: there "all clients" is the only rule that can be written.
    let groups = endpoint
        .authentication_options()
        .iter()
        .any(|o| o.r#type().is_some_and(|t| *t != ClientVpnAuthenticationType::CertificateAuthentication));
    for rule in reasons.add(rules.map_err(Clone::clone)).unwrap_or_default() {
        let to = rule.destination_cidr().unwrap_or("?");
        if matches!(to, "0.0.0.0/0" | "::/0") {
            reasons.broken("every_network_authorized", format!("{name} authorizes clients for every network ({to})"));
        } else if groups && rule.access_all() == Some(true) {
            reasons.broken("every_group_authorized", format!("{name} authorizes clients of every group for {to}"));
        } else if to == "?" || (groups && rule.access_all().is_none()) {
            reasons.doubt(format!("{name} has an authorization rule that cannot be read"));
        }
    }
    reasons.or_pass(|| format!("{name} logs connections and authorizes no client for everything"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{
        ClientVpnAuthentication, CloudWatchLogOptions, ConnectionLogResponseOptions, IkeVersionsListValue,
        TransitGatewayOptions, VpnConnectionOptions, VpnTunnelLogOptions,
    };
    use posture_estate::finding::GapKind;

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

    fn endpoint(log: Option<bool>, auth: ClientVpnAuthenticationType) -> ClientVpnEndpoint {
        ClientVpnEndpoint::builder()
            .connection_log_options(ConnectionLogResponseOptions::builder().set_enabled(log).build())
            .authentication_options(ClientVpnAuthentication::builder().r#type(auth).build())
            .build()
    }

    fn rule(to: &str, all: bool) -> AuthorizationRule {
        AuthorizationRule::builder().destination_cidr(to).access_all(all).build()
    }

    #[test]
    fn client_vpn_endpoints() {
        use ClientVpnAuthenticationType::{CertificateAuthentication as Certificate, FederatedAuthentication as Saml};
        let judged = |log, auth, rules: &[AuthorizationRule]| judge_endpoint(&endpoint(log, auth), Ok(rules)).status;
        assert_eq!(judged(Some(true), Saml, &[rule("10.0.0.0/16", false)]), Status::Pass);
        assert_eq!(judged(Some(true), Saml, &[]), Status::Pass);
        assert_eq!(judged(Some(false), Saml, &[]), Status::Fail);
        assert_eq!(judged(None, Saml, &[]), Status::Unknown);
        assert_eq!(judged(Some(true), Saml, &[rule("10.0.0.0/16", true)]), Status::Fail);
        assert_eq!(judged(Some(true), Saml, &[rule("0.0.0.0/0", false)]), Status::Fail);
        assert_eq!(judged(Some(true), Certificate, &[rule("10.0.0.0/16", true)]), Status::Pass);
        assert_eq!(judged(Some(true), Certificate, &[rule("0.0.0.0/0", true)]), Status::Fail);
    }

    #[test]
    fn unread_authorization_rules() {
        let gap = Gap::new("1", "r", "ec2:DescribeClientVpnAuthorizationRules", GapKind::Denied, "no");
        let saml = ClientVpnAuthenticationType::FederatedAuthentication;
        assert_eq!(judge_endpoint(&endpoint(Some(true), saml.clone()), Err(&gap)).status, Status::Unknown);
        assert_eq!(judge_endpoint(&endpoint(Some(false), saml), Err(&gap)).status, Status::Fail);
    }
}
