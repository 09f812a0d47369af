//! Client VPN endpoints log, and do not let every client reach every network. One of the doors that `transit_and_vpn_guarded`
//! looks at.

use crate::prelude::*;
use aws_sdk_ec2::types::{
    AuthorizationRule, ClientVpnAuthenticationType, ClientVpnEndpoint, ClientVpnEndpointStatusCode,
};
use ipnet::IpNet;
use posture_estate::network::addresses::Addresses;

/// One finding for each endpoint that is to stay.
pub(super) async fn judged(at: &Region) -> Vec<Finding> {
    let endpoints = match at.ec2().client_vpn_endpoints().await {
        Ok(endpoints) => endpoints,
        Err(gap) => return vec![Verdict::unseen(&gap).sub("client-vpn-endpoints").on(at.resource())],
    };
    let stays = |endpoint: &&ClientVpnEndpoint| {
        let code = endpoint.status().and_then(|s| s.code());
        !matches!(code, Some(ClientVpnEndpointStatusCode::Deleted | ClientVpnEndpointStatusCode::Deleting))
    };
    each(endpoints.iter().filter(stays), |endpoint| async move {
        let id = endpoint.client_vpn_endpoint_id().unwrap_or_default();
        let rules = at.ec2().client_vpn_authorization_rules(id).await;
        judge_endpoint(endpoint, rules.as_ref().map(|rules| rules.as_slice()))
            .on(at.ec2().client_vpn_endpoint(endpoint))
    })
    .await
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
    let rules = reasons.add(rules.map_err(Clone::clone)).unwrap_or_default();
    if let Some(parts) = every_network_in_parts(rules) {
        reasons.broken("every_network_authorized", format!("{name} authorizes clients for every network ({parts})"));
    }
    for rule in rules {
        let to = rule.destination_cidr().unwrap_or("?");
        if matches!(to, "0.0.0.0/0" | "::/0") {
            reasons.broken("every_network_authorized", format!("{name} authorizes clients for every network ({to})"));
        } else if groups && rule.access_all() == Some(true) {
            reasons.broken("every_group_authorized", format!("{name} authorizes clients of every group for {to}"));
        } else if to.parse::<IpNet>().is_err() || (groups && rule.access_all().is_none()) {
            reasons.doubt(format!("{name} has an authorization rule that cannot be read"));
        }
    }
    reasons.or_pass(|| format!("{name} logs connections and authorizes no client for everything"))
}

/// The rules that only together let one client reach every network, when no single one does.
fn every_network_in_parts(rules: &[AuthorizationRule]) -> Option<String> {
    let whole = |text: &str| matches!(text, "0.0.0.0/0" | "::/0");
    let of = |group: Option<&str>, v6: bool| -> (Addresses, Vec<String>) {
        let mine = rules.iter().filter(|r| r.access_all() == Some(true) || r.group_id() == group);
        let nets = mine.filter_map(|r| r.destination_cidr()).filter(|text| !whole(text));
        let nets = nets.filter_map(|text| text.parse::<IpNet>().ok()).filter(|net| net.addr().is_ipv6() == v6);
        nets.fold((Addresses::default(), Vec::new()), |(all, mut texts), net| {
            texts.push(net.to_string());
            (all.with(&Addresses::of(net).1), texts)
        })
    };
    let everything = rules.iter().flat_map(|rule| [false, true].map(|v6| (of(rule.group_id(), v6), v6)));
    let mut found = everything.filter(|((all, _), v6)| all.holds(Addresses::public(*v6)));
    found.next().map(|((_, texts), _)| texts.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{ClientVpnAuthentication, ConnectionLogResponseOptions};
    use posture_estate::finding::GapKind;

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
    fn every_network_in_parts_is_every_network() {
        let saml = ClientVpnAuthenticationType::FederatedAuthentication;
        let for_group = |to: &str, group: &str| {
            AuthorizationRule::builder().destination_cidr(to).access_all(false).group_id(group).build()
        };
        let judged =
            |rules: &[AuthorizationRule]| judge_endpoint(&endpoint(Some(true), saml.clone()), Ok(rules)).reasons;
        let halves = [for_group("0.0.0.0/1", "a"), for_group("128.0.0.0/1", "a")];
        assert_eq!(judged(&halves), ["every_network_authorized"]);
        assert_eq!(judged(&[for_group("2000::/3", "a")]), ["every_network_authorized"]);
        assert!(judged(&[for_group("0.0.0.0/1", "a"), for_group("128.0.0.0/1", "b")]).is_empty(), "no client has both");
        assert!(judged(&[for_group("10.0.0.0/8", "a"), for_group("172.16.0.0/12", "a")]).is_empty());
    }

    #[test]
    fn unread_authorization_rules() {
        let gap = Gap::new("1", "r", "ec2:DescribeClientVpnAuthorizationRules", GapKind::Denied, "no");
        let saml = ClientVpnAuthenticationType::FederatedAuthentication;
        assert_eq!(judge_endpoint(&endpoint(Some(true), saml.clone()), Err(&gap)).status, Status::Unknown);
        assert_eq!(judge_endpoint(&endpoint(Some(false), saml), Err(&gap)).status, Status::Fail);
    }
}
