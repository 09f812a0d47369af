//! VPC: layers, routes, endpoints, flow logs and what is known about reachability.

mod endpoint_policy;
mod main_table;
mod served;

checks! { vpc;
    region block_public_access_on,
    region encryption_controls_on,
    region endpoint_policies_restricted,
    region endpoints_for_used_services,
    region flow_logs_enabled,
    region layers_separate_public_private,
    region network_access_analyzer_scopes,
    region peering_routes_least_access,
    region subnets_no_auto_public_ip,
}
