//! AWS Config: recorders, delivery channels, conformance packs, rules and their remediations, Region by Region.

pub mod recorder;
pub mod watched;

use crate::aws::service::{Service, Wire};
use crate::place::service;
use crate::aws::answer::required;
use crate::finding::Gap;
use crate::place::{Answer, Region};
use aws_sdk_config::types::{
    ConfigRule, ConfigurationAggregator, ConfigurationRecorder, ConfigurationRecorderStatus, ConformancePackStatusDetail, DeliveryChannel,
    RemediationConfiguration,
};
use futures_util::future::join_all;

service! {
    /// AWS Config at an account or in a region.
    config => Config by aws_sdk_config: Service::new("config", "Config", Wire::AwsJson)
}

/// How many rules one `DescribeRemediationConfigurations` takes.
/// <https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeRemediationConfigurations.html>
const RULES_AT_ONCE: usize = 25;

impl Config<'_, Region> {
    /// `config:DescribeConfigurationRecorders`: the customer managed recorder, and service-linked ones where AWS shows them.
    pub async fn config_recorders(self) -> Answer<Vec<ConfigurationRecorder>> {
        self.ask("DescribeConfigurationRecorders", "", async move {
            let answer = self.client().describe_configuration_recorders().send().await?;
            required("ConfigurationRecorders", answer.configuration_recorders)
        })
        .await
    }

    /// `config:DescribeConfigurationRecorderStatus`.
    pub async fn config_recorder_statuses(self) -> Answer<Vec<ConfigurationRecorderStatus>> {
        self.ask("DescribeConfigurationRecorderStatus", "", async move {
            let answer = self.client().describe_configuration_recorder_status().send().await?;
            required("ConfigurationRecordersStatus", answer.configuration_recorders_status)
        })
        .await
    }

    /// `config:DescribeDeliveryChannels`.
    pub async fn config_delivery_channels(self) -> Answer<Vec<DeliveryChannel>> {
        self.ask("DescribeDeliveryChannels", "", async move {
            let answer = self.client().describe_delivery_channels().send().await?;
            required("DeliveryChannels", answer.delivery_channels)
        })
        .await
    }

    /// `config:DescribeConformancePackStatus`, every page: the account's packs and those of its organization.
    pub async fn conformance_pack_statuses(self) -> Answer<Vec<ConformancePackStatusDetail>> {
        self.ask("DescribeConformancePackStatus", "", async move {
            let mut pages = self.client().describe_conformance_pack_status().into_paginator().send();
            let mut packs = Vec::new();
            while let Some(page) = pages.next().await {
                packs.extend(required("ConformancePackStatusDetails", page?.conformance_pack_status_details)?);
            }
            Ok(packs)
        })
        .await
    }

    /// `config:DescribeConfigRules`, every page.
    pub async fn config_rules(self) -> Answer<Vec<ConfigRule>> {
        self.ask("DescribeConfigRules", "", async move {
            let mut pages = self.client().describe_config_rules().into_paginator().send();
            let mut rules = Vec::new();
            while let Some(page) = pages.next().await {
                rules.extend(required("ConfigRules", page?.config_rules)?);
            }
            Ok(rules)
        })
        .await
    }

    /// `config:DescribeConfigurationAggregators`, every page.
    pub async fn aggregators(self) -> Answer<Vec<ConfigurationAggregator>> {
        self.ask("DescribeConfigurationAggregators", "", async move {
            let mut pages = self.client().describe_configuration_aggregators().into_paginator().send();
            let mut aggregators = Vec::new();
            while let Some(page) = pages.next().await {
                aggregators.extend(required("ConfigurationAggregators", page?.configuration_aggregators)?);
            }
            Ok(aggregators)
        })
        .await
    }

    /// The remediations of these rules, asked for in as few calls as possible.
    pub async fn remediations(self, rules: &[String]) -> Result<Vec<RemediationConfiguration>, Gap> {
        let answers = join_all(rules.chunks(RULES_AT_ONCE).map(|rules| self.remediations_of(rules))).await;
        let mut remediations = Vec::new();
        for answer in answers {
            remediations.extend(answer?.iter().cloned());
        }
        Ok(remediations)
    }

    /// `config:DescribeRemediationConfigurations` for up to 25 rules.
    async fn remediations_of(self, rules: &[String]) -> Answer<Vec<RemediationConfiguration>> {
        self.ask("DescribeRemediationConfigurations", rules.join(","), async move {
            let request = self.client().describe_remediation_configurations();
            let answer = request.set_config_rule_names(Some(rules.to_vec())).send().await?;
            required("RemediationConfigurations", answer.remediation_configurations)
        })
        .await
    }
}
