//! CloudTrail: every trail once, wherever it is homed, what it records and whether it delivers.
//!
//! A multi-Region trail appears in every Region as a shadow of itself, and an organization's trail in every member
//! account. One `DescribeTrails` with shadow trails therefore shows all trails that can matter account-wide; only trails
//! of a single Region are asked for Region by Region, without shadows. All else is asked in a trail's home Region, by its ARN, and
//! fails trail by trail: a member account may be refused the organization's.

pub mod buckets;
mod calls;
pub mod delivery;
pub mod digests;
pub mod ingestion;
pub mod network_events;
mod recorded;
pub mod selectors;

pub use recorded::{Open, Recorded, record};

use crate::arn::Arn;
use crate::aws::service::{Quota, Service, Wire};
use crate::place::service;
use crate::aws::answer::{absent, required};
use crate::aws::fault::Fault;
use crate::finding::{Finding, Gap, GapKind, Resource, Verdict};
use crate::place::{Account, Answer};
use aws_sdk_cloudtrail::operation::get_event_data_store::GetEventDataStoreOutput;
use aws_sdk_cloudtrail::operation::get_insight_selectors::GetInsightSelectorsOutput;
use aws_sdk_cloudtrail::operation::get_trail_status::GetTrailStatusOutput;
use aws_sdk_cloudtrail::types;
use futures_util::future::join_all;
use selectors::{Category, Selectors};
use std::collections::BTreeSet;
use std::sync::Arc;

service! {
    /// CloudTrail at an account or in a region.
    cloudtrail => CloudTrail by aws_sdk_cloudtrail: Service {
        // Get, describe and list calls together: <https://docs.aws.amazon.com/general/latest/gr/ct.html>
        quota: Quota::of_service(10.0, 10.0),
        asff: &[("AWS::CloudTrail::Trail", "AwsCloudTrailTrail")],
        ..Service::new("cloudtrail", "CloudTrail", Wire::AwsJson)
    }
}

/// The data events of S3 objects.
pub const S3_OBJECTS: Category = Category::Data("AWS::S3::Object");

/// A trail as `DescribeTrails` shows it. What identifies it is certain to be there; a setting that AWS left out is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct Trail {
    pub arn: String,
    pub name: String,
    pub home: String,
    pub bucket: String,
    pub multi_region: Option<bool>,
    pub organization: Option<bool>,
    pub validation: Option<bool>,
    pub kms_key: Option<String>,
    pub log_group: Option<String>,
    /// False: it never had event selectors set, so the default applies.
    pub custom_selectors: Option<bool>,
}

impl Trail {
    fn read(trail: &types::Trail) -> Result<Trail, Fault> {
        let text = |member: &str, value: Option<&str>| required(member, value.map(str::to_owned));
        Ok(Trail {
            arn: text("trailList[].TrailARN", trail.trail_arn())?,
            name: text("trailList[].Name", trail.name())?,
            home: text("trailList[].HomeRegion", trail.home_region())?,
            bucket: text("trailList[].S3BucketName", trail.s3_bucket_name())?,
            multi_region: trail.is_multi_region_trail(),
            organization: trail.is_organization_trail(),
            validation: trail.log_file_validation_enabled(),
            kms_key: trail.kms_key_id().filter(|key| !key.is_empty()).map(str::to_owned),
            log_group: trail.cloud_watch_logs_log_group_arn().filter(|group| !group.is_empty()).map(str::to_owned),
            custom_selectors: trail.has_custom_event_selectors(),
        })
    }

    /// The account that owns the trail, from its ARN; not ours for the organization's trail in a member account.
    pub fn owner(&self) -> &str {
        Arn::parse(&self.arn).map_or("", |arn| arn.account)
    }

    /// Whether the trail records what happens in `region`.
    pub fn works_in(&self, region: &str) -> bool {
        self.multi_region == Some(true) || self.home == region
    }
}

/// The trails that were seen, and the questions about further ones that failed.
#[derive(Debug, Default)]
pub struct Trails {
    pub seen: Vec<Trail>,
    pub gaps: Vec<Gap>,
}

impl Trails {
    /// One unknown finding for each Region whose trails could not be listed.
    pub fn unseen(&self, at: &Account) -> Vec<Finding> {
        let finding = |gap: &Gap| Verdict::unseen(gap).sub("trails").on(at.resource().region(gap.region()));
        self.gaps.iter().map(finding).collect()
    }

    /// The buckets that trails deliver to, each once, with the names of its trails.
    pub fn buckets(&self) -> Vec<(String, Vec<String>)> {
        let names: BTreeSet<&String> = self.seen.iter().map(|trail| &trail.bucket).collect();
        let of = |bucket: &String| self.seen.iter().filter(|t| t.bucket == *bucket).map(|t| t.name.clone()).collect();
        names.into_iter().map(|bucket| (bucket.clone(), of(bucket))).collect()
    }
}

impl<'at> CloudTrail<'at, Account> {
    /// `cloudtrail:DescribeTrails` in one Region, with or without the shadows of trails from elsewhere.
    async fn trails_in(self, region: &str, shadows: bool) -> Answer<Vec<Trail>> {
        let params = if shadows { "shadow trails" } else { "" };
        self.ask_in(region, "DescribeTrails", params, async move {
            let answer = self.client_in(region).describe_trails().include_shadow_trails(shadows).send().await?;
            required("trailList", answer.trail_list)?.iter().map(Trail::read).collect()
        })
        .await
    }

    /// The trails that cover all Regions, the organization's included: one call, unless the home Region refuses it.
    pub async fn multi_region_trails(self) -> Result<Vec<Trail>, Gap> {
        let seen = match self.trails_in(self.home(), true).await {
            Ok(seen) => seen,
            Err(gap) => self.shadows_elsewhere(&self.trails_elsewhere().await).await.ok_or(gap)?,
        };
        Ok(once(seen.iter().filter(|trail| trail.multi_region != Some(false)).cloned()))
    }

    /// Every trail once: those over all Regions, and those of a single Region in scope.
    ///
    /// One `DescribeTrails` for each Region in scope rather than one `ListTrails`: where a Region refuses, that Region is
    /// unknown and not all of them.
    pub async fn trails(self) -> Result<Trails, Gap> {
        let (shadows, elsewhere) = tokio::join!(self.trails_in(self.home(), true), self.trails_elsewhere());
        let (mut seen, mut gaps) = (Vec::new(), Vec::new());
        match shadows {
            Ok(trails) => seen.extend(trails.iter().cloned()),
            Err(gap) => {
                let Some(trails) = self.shadows_elsewhere(&elsewhere).await else { return Err(gap) };
                seen.extend(trails.iter().cloned());
                // What only the home Region shows are the trails of that Region alone.
                if self.in_scope(self.home()) {
                    gaps.push(gap);
                }
            }
        }
        for (_, answer) in elsewhere {
            match answer {
                Ok(trails) => seen.extend(trails.iter().cloned()),
                Err(gap) => gaps.push(gap),
            }
        }
        seen.retain(|trail| trail.multi_region != Some(false) || self.in_scope(&trail.home));
        Ok(Trails { seen: once(seen), gaps })
    }

    /// The trails that each Region in scope but the home Region is home to.
    async fn trails_elsewhere(self) -> Vec<(&'at str, Answer<Vec<Trail>>)> {
        let elsewhere = self.0.regions().iter().filter(|region| *region != self.home());
        join_all(elsewhere.map(async |region| (region.as_str(), self.trails_in(region, false).await))).await
    }

    /// A service control policy often closes the home Region to all but global services, and shadows show in every Region:
    /// the first that answers tells as much. `None` when no Region does.
    async fn shadows_elsewhere(self, elsewhere: &[(&str, Answer<Vec<Trail>>)]) -> Option<Arc<Vec<Trail>>> {
        let (region, _) = elsewhere.iter().find(|(_, answer)| answer.is_ok())?;
        self.trails_in(region, true).await.ok()
    }

    /// `cloudtrail:GetTrailStatus`.
    pub async fn trail_status(self, trail: &Trail) -> Answer<GetTrailStatusOutput> {
        self.ask_in(&trail.home, "GetTrailStatus", &trail.arn, async move {
            let answer = self.client_in(&trail.home).get_trail_status().name(&trail.arn).send().await?;
            required("IsLogging", answer.is_logging)?;
            Ok(answer)
        })
        .await
    }

    /// `cloudtrail:GetInsightSelectors`: the types of Insights that a trail has on, none where it never had any.
    pub async fn insight_types(self, trail: &Trail) -> Answer<Vec<String>> {
        self.ask_in(&trail.home, "GetInsightSelectors", &trail.arn, async move {
            let question = self.client_in(&trail.home).get_insight_selectors().trail_name(&trail.arn);
            types_of(absent(question.send().await, NO_INSIGHTS)?)
        })
        .await
    }

    /// The same of an event data store.
    pub async fn store_insight_types(self, region: &str, store: &str) -> Answer<Vec<String>> {
        self.ask_in(region, "GetInsightSelectors", store, async move {
            let question = self.client_in(region).get_insight_selectors().event_data_store(store);
            types_of(absent(question.send().await, NO_INSIGHTS)?)
        })
        .await
    }

    /// `cloudtrail:GetEventSelectors`, basic and advanced.
    pub async fn event_selectors(self, trail: &Trail) -> Answer<Selectors> {
        self.ask_in(&trail.home, "GetEventSelectors", &trail.arn, async move {
            let answer = self.client_in(&trail.home).get_event_selectors().trail_name(&trail.arn).send().await?;
            let selectors = match (answer.event_selectors, answer.advanced_event_selectors) {
                (None, None) => return Err(Fault::malformed("the answer has neither kind of event selectors")),
                (basic, advanced) => Selectors {
                    basic: basic.into_iter().flatten().collect(),
                    advanced: advanced.into_iter().flatten().collect(),
                },
            };
            for selector in &selectors.basic {
                required("EventSelectors[].ReadWriteType", selector.read_write_type())?;
                required("EventSelectors[].IncludeManagementEvents", selector.include_management_events())?;
            }
            if selectors == Selectors::default() && trail.custom_selectors == Some(false) {
                return Ok(Selectors::default_of_a_trail());
            }
            Ok(selectors)
        })
        .await
    }

    /// `cloudtrail:ListEventDataStores`, every page: the ARNs of a Region's event data stores; none where CloudTrail Lake
    /// is not offered or the account cannot use it.
    pub async fn event_data_stores(self, region: &str) -> Answer<Vec<String>> {
        self.ask_in(region, "ListEventDataStores", "", async move {
            let mut pages = self.client_in(region).list_event_data_stores().into_paginator().send();
            let mut stores = Vec::new();
            while let Some(page) = pages.next().await {
                for store in required("EventDataStores", page?.event_data_stores)? {
                    stores.push(required("EventDataStores[].EventDataStoreArn", store.event_data_store_arn)?);
                }
            }
            Ok(stores)
        })
        .await
        // Where there is no CloudTrail Lake there are no stores.
        .or_else(|gap| if gap.kind() == GapKind::Unsupported { Ok(Arc::new(Vec::new())) } else { Err(gap) })
    }

    /// `cloudtrail:GetEventDataStore`.
    pub async fn event_data_store(self, region: &str, arn: &str) -> Answer<GetEventDataStoreOutput> {
        self.ask_in(region, "GetEventDataStore", arn, async move {
            let answer = self.client_in(region).get_event_data_store().event_data_store(arn).send().await?;
            required("Status", answer.status.as_ref())?;
            Ok(answer)
        })
        .await
    }

    /// The trail as the resource of a finding.
    pub fn trail(self, trail: &Trail) -> Resource {
        Resource::new(&trail.arn, "AWS::CloudTrail::Trail", &trail.name).name(&trail.name).region(&trail.home)
    }
}

/// What CloudTrail answers where Insights is off.
const NO_INSIGHTS: &[&str] = &["InsightNotEnabledException"];

fn types_of(answer: Option<GetInsightSelectorsOutput>) -> Result<Vec<String>, Fault> {
    let Some(answer) = answer else { return Ok(Vec::new()) };
    let selectors = required("InsightSelectors", answer.insight_selectors)?;
    let types = selectors.into_iter().map(|one| required("InsightSelectors[].InsightType", one.insight_type));
    types.map(|kind| Ok(kind?.as_str().to_owned())).collect()
}

/// Each trail once, by ARN, sorted.
fn once(trails: impl IntoIterator<Item = Trail>) -> Vec<Trail> {
    let mut trails: Vec<Trail> = trails.into_iter().collect();
    trails.sort_by(|a, b| a.arn.cmp(&b.arn));
    trails.dedup_by(|a, b| a.arn == b.arn);
    trails
}

/// A trail for tests: `name` in us-east-1, over all Regions, with everything set.
#[doc(hidden)]
pub fn example(name: &str) -> Trail {
    Trail {
        arn: format!("arn:aws:cloudtrail:us-east-1:111122223333:trail/{name}"),
        name: name.into(),
        home: "us-east-1".into(),
        bucket: "log-archive".into(),
        multi_region: Some(true),
        organization: Some(false),
        validation: Some(true),
        kms_key: Some("arn:aws:kms:us-east-1:111122223333:key/1".into()),
        log_group: Some("arn:aws:logs:us-east-1:111122223333:log-group:trail:*".into()),
        custom_selectors: Some(false),
    }
}

#[cfg(test)]
mod tests;
