//! AWS Config: is the configuration of every resource recorded, judged by rules, and put right when it drifts?

mod aggregators;
mod global_types;

checks! { config;
    region  conformance_pack_deployed,
    organization organization_aggregator,
    region  recorder_all_regions,
    region  remediation_configured,
    region  rules_watch_data_and_network,
}
