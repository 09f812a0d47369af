//! The main route table of a VPC, which every subnet without a table of its own gets. For `layers_separate_public_private`.

use crate::prelude::*;
use posture_estate::network::layers::{Layers, internet_gateway};

pub(super) fn judge_main(vpc: &str, layers: &Layers, reasons: &mut Reasons) {
    match layers.main_table(vpc) {
        None => reasons.doubt(format!("the main route table of vpc {vpc} is not known")),
        Some(table) => {
            if let Some(route) = internet_gateway(table) {
                reasons.broken("main_table_public", format!(
                    "the main route table {} of vpc {vpc} has a route to {}: every subnet without a table of its own is public",
                    table.route_table_id().unwrap_or("?"),
                    route.gateway_id().unwrap_or("an internet gateway"),
                ));
            }
        }
    }
}
