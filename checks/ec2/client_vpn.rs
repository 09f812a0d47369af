//! Client VPN endpoints log, and do not let every client reach every network. One of the doors that `transit_and_vpn_guarded`
//! looks at.

use crate::prelude::*;
use aws_sdk_ec2::types::{
    AuthorizationRule, ClientVpnAuthenticationType, ClientVpnEndpoint, ClientVpnEndpointStatusCode,
};

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
    fn unread_authorization_rules() {
        let gap = Gap::new("1", "r", "ec2:DescribeClientVpnAuthorizationRules", GapKind::Denied, "no");
        let saml = ClientVpnAuthenticationType::FederatedAuthentication;
        assert_eq!(judge_endpoint(&endpoint(Some(true), saml.clone()), Err(&gap)).status, Status::Unknown);
        assert_eq!(judge_endpoint(&endpoint(Some(false), saml), Err(&gap)).status, Status::Fail);
    }
}
