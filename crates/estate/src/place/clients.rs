//! Service clients: one per (region, service), all on the scan's transport, each with a retry budget of its own.

use super::{Account, Core, Region, lock};
use crate::aws::transport::Tagger;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Mutex;

#[derive(Default, Debug)]
pub(super) struct Clients(Mutex<HashMap<(TypeId, String), Box<dyn Any + Send + Sync>>>);

impl Clients {
    fn get<C: Clone + Send + Sync + 'static>(&self, region: &str, build: impl FnOnce() -> C) -> C {
        let mut clients = lock(&self.0);
        let key = (TypeId::of::<C>(), region.to_owned());
        if let Some(client) = clients.get(&key).and_then(|client| client.downcast_ref::<C>()) {
            return client.clone();
        }
        let client = build();
        clients.insert(key, Box::new(client.clone()));
        client
    }
}

/// `client!(name, crate, "prefix" in IAM)`: a constructor on [`Core`]. The retry token bucket of the SDK is shared by
/// process and region, so that one throttled account would starve the others: each client gets a partition.
macro_rules! client {
    ($name:ident, $sdk:ident, $service:literal $(, $option:ident)?) => {
        fn $name(&self, region: &str) -> $sdk::Client {
            self.clients.get(region, || {
                let partition = format!("{}-{}-{region}", self.id, $service);
                let config = $sdk::config::Builder::from(&self.sdk)
                    .region($sdk::config::Region::new(region.to_owned()))
                    .http_client(self.transport.clone())
                    .retry_partition($sdk::config::retry::RetryPartition::new(partition))
                    .interceptor(Tagger {
                        account: self.id.as_str().into(),
                        region: region.into(),
                        service: $service,
                    })
                    $(.$option(true))?
                    .build();
                $sdk::Client::from_conf(config)
            })
        }
    };
}

impl Core {
    client!(accessanalyzer, aws_sdk_accessanalyzer, "access-analyzer");
    client!(account, aws_sdk_account, "account");
    client!(cloudtrail, aws_sdk_cloudtrail, "cloudtrail");
    client!(config, aws_sdk_config, "config");
    client!(ec2, aws_sdk_ec2, "ec2");
    client!(guardduty, aws_sdk_guardduty, "guardduty");
    client!(iam, aws_sdk_iam, "iam");
    client!(kms, aws_sdk_kms, "kms");
    client!(organizations, aws_sdk_organizations, "organizations");
    // Path style keeps the bucket name out of the host name: dots in names do not break TLS then, and a question is
    // the same at every endpoint.
    client!(s3, aws_sdk_s3, "s3", force_path_style);
    client!(s3control, aws_sdk_s3control, "s3control");
    client!(securityhub, aws_sdk_securityhub, "securityhub");
    client!(sts, aws_sdk_sts, "sts");
}

impl Account {
    pub(crate) fn iam(&self) -> aws_sdk_iam::Client {
        self.core.iam(&self.core.home)
    }
    pub(crate) fn sts(&self) -> aws_sdk_sts::Client {
        self.core.sts(&self.core.home)
    }
    pub(crate) fn organizations(&self) -> aws_sdk_organizations::Client {
        self.core.organizations(&self.core.home)
    }
    pub(crate) fn account_api(&self) -> aws_sdk_account::Client {
        self.core.account(&self.core.home)
    }
    pub(crate) fn s3_in(&self, region: &str) -> aws_sdk_s3::Client {
        self.core.s3(region)
    }
    pub(crate) fn s3control_in(&self, region: &str) -> aws_sdk_s3control::Client {
        self.core.s3control(region)
    }
    pub(crate) fn cloudtrail_in(&self, region: &str) -> aws_sdk_cloudtrail::Client {
        self.core.cloudtrail(region)
    }
    pub(crate) fn ec2_in(&self, region: &str) -> aws_sdk_ec2::Client {
        self.core.ec2(region)
    }
}

impl Region {
    pub(crate) fn ec2(&self) -> aws_sdk_ec2::Client {
        self.account.core.ec2(&self.name)
    }
    pub(crate) fn kms(&self) -> aws_sdk_kms::Client {
        self.account.core.kms(&self.name)
    }
    pub(crate) fn config(&self) -> aws_sdk_config::Client {
        self.account.core.config(&self.name)
    }
    pub(crate) fn s3control(&self) -> aws_sdk_s3control::Client {
        self.account.core.s3control(&self.name)
    }
    pub(crate) fn accessanalyzer(&self) -> aws_sdk_accessanalyzer::Client {
        self.account.core.accessanalyzer(&self.name)
    }
    pub(crate) fn guardduty(&self) -> aws_sdk_guardduty::Client {
        self.account.core.guardduty(&self.name)
    }
    pub(crate) fn securityhub(&self) -> aws_sdk_securityhub::Client {
        self.account.core.securityhub(&self.name)
    }
}
