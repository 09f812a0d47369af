//! Where questions are asked: the account as a whole, or one of its regions; and the handle of a service there.

use super::{Account, Asking, Core, Region};
use crate::aws::fault::Fault;
use crate::aws::service::Service;
use crate::finding::Gap;

/// An account or a region: what a service can be asked at.
pub trait AccountOrRegion: Send + Sync {
    /// The account that answers.
    fn of_account(&self) -> &Account;

    /// The region that a client goes to.
    fn client_region(&self) -> &str;

    /// Asks once.
    fn ask_service<'a, T: Send + Sync + 'static>(
        &'a self,
        service: &'static Service,
        operation: &'static str,
        params: String,
        question: impl Future<Output = Result<T, Fault>> + Send + 'a,
    ) -> Asking<'a, T>;
}

impl AccountOrRegion for Account {
    fn of_account(&self) -> &Account {
        self
    }

    fn client_region(&self) -> &str {
        self.home()
    }

    fn ask_service<'a, T: Send + Sync + 'static>(
        &'a self,
        service: &'static Service,
        operation: &'static str,
        params: String,
        question: impl Future<Output = Result<T, Fault>> + Send + 'a,
    ) -> Asking<'a, T> {
        ask_at_account(self, "global", service, operation, params, question)
    }
}

impl AccountOrRegion for Region {
    fn of_account(&self) -> &Account {
        self.account()
    }

    fn client_region(&self) -> &str {
        self.name()
    }

    fn ask_service<'a, T: Send + Sync + 'static>(
        &'a self,
        service: &'static Service,
        operation: &'static str,
        params: String,
        question: impl Future<Output = Result<T, Fault>> + Send + 'a,
    ) -> Asking<'a, T> {
        let question = Box::pin(question);
        Box::pin(async move {
            let answer = self.account.core.answer(&self.name, service, operation, question);
            self.memo.get((service.name, operation, self.name.clone(), params), answer).await
        })
    }
}

/// Asks once in a region that need not be in scope; the answer is kept as long as the account.
pub(crate) fn ask_at_account<'a, T: Send + Sync + 'static>(
    account: &'a Account,
    region: &str,
    service: &'static Service,
    operation: &'static str,
    params: String,
    question: impl Future<Output = Result<T, Fault>> + Send + 'a,
) -> Asking<'a, T> {
    let (region, question) = (region.to_owned(), Box::pin(question));
    Box::pin(async move {
        let answer = account.core.answer(&region, service, operation, question);
        account.core.memo.get((service.name, operation, region.clone(), params), answer).await
    })
}

/// A gap for an answer that came whole but holds something unreadable. `region` is `global` for an account-wide question.
pub(crate) fn malformed(
    account: &Account,
    region: &str,
    service: &Service,
    operation: &str,
    message: impl Into<String>,
) -> Gap {
    Fault::malformed(message)
        .at(account.account_id(), region, &service.call(operation))
        .with_action(service.action(operation))
}

impl Core {
    pub(super) async fn answer<T>(
        &self,
        region: &str,
        service: &'static Service,
        operation: &'static str,
        question: impl Future<Output = Result<T, Fault>>,
    ) -> super::Answer<T> {
        let call = service.call(operation);
        match question.await {
            Ok(value) => {
                super::lock(&self.answered).insert(call.into());
                Ok(std::sync::Arc::new(value))
            }
            Err(fault) => {
                tracing::debug!(account = self.id, region, call, kind = fault.kind.as_str(), fault.message);
                let gap = fault.at(&self.id, region, &call).with_action(service.action(operation));
                if !service.may_refuse.contains(&operation) && !gap.is(Gap::NOT_OFFERED) {
                    super::lock(&self.gaps).insert(gap.clone());
                }
                Err(gap)
            }
        }
    }
}

/// The row of a service and the handle by which it is asked:
///
/// ```ignore
/// service! {
///     /// KMS at an account or in a region.
///     kms => Kms by aws_sdk_kms: Service { quota: Quota::of_service(5.0, 5.0), ..Service::json("kms", "KMS") }
/// }
/// ```
///
/// gives `SERVICE`, `at.kms()`, and in `impl Kms<'_, Region>` the methods `ask`, `malformed` and `client`, the SDK's own. With
/// `model "kms"` in place of `by aws_sdk_kms` it is the model client with `models/kms.json`; `services/guardduty.rs` is one to copy.
macro_rules! service {
    ($(#[$doc:meta])* $accessor:ident => $handle:ident by $sdk:ident $(($option:ident))?: $row:expr) => {
        $crate::place::service!(@handle $(#[$doc])* $accessor, $handle, $row);

        impl<P: $crate::place::AccountOrRegion> $handle<'_, P> {
            /// The client for the place.
            #[doc(hidden)]
            pub fn client(self) -> $sdk::Client {
                self.client_in(self.0.client_region())
            }

            /// The client for another region.
            #[doc(hidden)]
            pub fn client_in(self, region: &str) -> $sdk::Client {
                $crate::place::client_of(self.0.of_account(), &SERVICE, region, |sdk, http, partition, tagger| {
                    let config = $sdk::config::Builder::from(sdk)
                        .region($sdk::config::Region::new(region.to_owned()))
                        .http_client(http)
                        .retry_partition($sdk::config::retry::RetryPartition::new(partition))
                        .interceptor(tagger)
                        $(.$option(true))?
                        .build();
                    $sdk::Client::from_conf(config)
                })
            }
        }
    };
    ($(#[$doc:meta])* $accessor:ident => $handle:ident model $file:literal: $row:expr) => {
        $crate::place::service!(@handle $(#[$doc])* $accessor, $handle, $crate::aws::service::Service {
            lacks: |region| MODEL.get().is_ok_and(|model| model.lacks(region)),
            ..$row
        });

        static MODEL: $crate::aws::model::Embedded =
            $crate::aws::model::Embedded::new(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/", $file, ".json")));

        impl<P: $crate::place::AccountOrRegion> $handle<'_, P> {
            /// The client for the place.
            #[doc(hidden)]
            pub fn client(self) -> Result<$crate::aws::model::Client, $crate::aws::fault::Fault> {
                self.client_in(self.0.client_region())
            }

            /// The client for another region.
            #[doc(hidden)]
            pub fn client_in(self, region: &str) -> Result<$crate::aws::model::Client, $crate::aws::fault::Fault> {
                let model = MODEL.get().map_err(|error| $crate::aws::fault::Fault::malformed(error.to_string()))?;
                Ok($crate::place::client_of(self.0.of_account(), &SERVICE, region, |sdk, http, partition, tagger| {
                    $crate::aws::model::Client::builder(model, sdk, region)
                        .http_client(http)
                        .retry_partition(partition)
                        .interceptor(tagger)
                        .build()
                }))
            }
        }
    };
    (@handle $(#[$doc:meta])* $accessor:ident, $handle:ident, $row:expr) => {
        /// What the engine knows of the service.
        pub static SERVICE: $crate::aws::service::Service = $row;

        $(#[$doc])*
        #[derive(Debug)]
        pub struct $handle<'a, P>(&'a P);

        impl<P> Clone for $handle<'_, P> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<P> Copy for $handle<'_, P> {}

        impl<P> std::ops::Deref for $handle<'_, P> {
            type Target = P;
            fn deref(&self) -> &P {
                self.0
            }
        }

        impl $crate::place::Account {
            $(#[$doc])*
            pub fn $accessor(&self) -> $handle<'_, $crate::place::Account> {
                $handle(self)
            }
        }

        impl $crate::place::Region {
            $(#[$doc])*
            pub fn $accessor(&self) -> $handle<'_, $crate::place::Region> {
                $handle(self)
            }
        }

        impl<'a, P: $crate::place::AccountOrRegion> $handle<'a, P> {
            /// Asks once.
            #[doc(hidden)]
            pub fn ask<T: Send + Sync + 'static>(
                self,
                operation: &'static str,
                params: impl Into<String>,
                question: impl Future<Output = Result<T, $crate::aws::fault::Fault>> + Send + 'a,
            ) -> $crate::place::Asking<'a, T> {
                self.0.ask_service(&SERVICE, operation, params.into(), question)
            }

            /// Asks once in another region.
            #[doc(hidden)]
            pub fn ask_in<T: Send + Sync + 'static>(
                self,
                region: &str,
                operation: &'static str,
                params: impl Into<String>,
                question: impl Future<Output = Result<T, $crate::aws::fault::Fault>> + Send + 'a,
            ) -> $crate::place::Asking<'a, T> {
                $crate::place::ask_at_account(self.0.of_account(), region, &SERVICE, operation, params.into(), question)
            }

            /// The gap that an answer leaves which came whole but holds something unreadable.
            #[doc(hidden)]
            pub fn malformed(self, region: &str, operation: &str, message: impl Into<String>) -> $crate::finding::Gap {
                $crate::place::malformed(self.0.of_account(), region, &SERVICE, operation, message)
            }
        }
    };
}
pub(crate) use service;
