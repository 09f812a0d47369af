//! Account Management.

use super::{Account, Answer, required};
use aws_sdk_account::types::Region;

impl Account {
    /// `account:ListRegions`: every region of the partition with its opt-in status.
    pub async fn list_regions(&self) -> Answer<Vec<Region>> {
        self.ask("account:ListRegions", "", async {
            let mut pages = self.account_api().list_regions().into_paginator().send();
            let mut regions = Vec::new();
            while let Some(page) = pages.next().await {
                regions.extend(required("Regions", page?.regions)?);
            }
            Ok(regions)
        })
        .await
    }
}
