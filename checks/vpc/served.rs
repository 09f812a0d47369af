//! How far the endpoints of a VPC serve a service: by a gateway to which routes lead, or by the service's own name. For
//! `endpoints_for_used_services`.

use aws_sdk_ec2::types::{VpcEndpoint, VpcEndpointType};
use posture_estate::network::workloads::Private;
use std::collections::BTreeSet;

/// Of the services that workloads use, those with an endpoint service for FIPS besides, called `…-fips`
/// (<https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html>, as of 2026-03-25).
const WITH_FIPS: [&str; 2] = ["dynamodb", "ec2"];

/// How far the endpoints of a VPC serve one service.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Served<'a> {
    Yes,
    No,
    /// By gateway endpoints to which these route tables have no route.
    NotFrom(BTreeSet<&'a str>),
    /// By interface endpoints that the name of the service does not lead to.
    ByOtherNames(Vec<&'a str>),
}

pub(super) fn served<'a>(service: &str, own: &[&'a VpcEndpoint], private: &'a Private, region: &str) -> Served<'a> {
    let fips = WITH_FIPS.contains(&service).then(|| format!(".{region}.{service}-fips"));
    let names = [Some(format!(".{region}.{service}")), fips];
    let named = |e: &&&VpcEndpoint| {
        e.service_name().is_some_and(|name| names.iter().flatten().any(|one| name.ends_with(one.as_str())))
    };
    let (gateways, interfaces): (Vec<&VpcEndpoint>, Vec<&VpcEndpoint>) =
        own.iter().filter(named).copied().partition(|e| e.vpc_endpoint_type() == Some(&VpcEndpointType::Gateway));
    if interfaces.iter().any(|e| e.private_dns_enabled() != Some(false)) {
        return Served::Yes;
    }
    let routed: BTreeSet<&str> = gateways.iter().flat_map(|e| e.route_table_ids()).map(String::as_str).collect();
    let left: BTreeSet<&str> = private.tables.iter().map(String::as_str).filter(|id| !routed.contains(id)).collect();
    match (gateways.is_empty(), interfaces.is_empty()) {
        (true, true) => Served::No,
        (false, _) if left.is_empty() => Served::Yes,
        (false, true) => Served::NotFrom(left),
        (_, false) => Served::ByOtherNames(interfaces.iter().filter_map(|e| e.vpc_endpoint_id()).collect()),
    }
}
