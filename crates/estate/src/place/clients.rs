//! Service clients: one per (region, service), all on the scan's transport, each with a retry budget of its own.

use super::{Account, lock};
use crate::aws::service::Service;
use crate::aws::transport::{Tagger, Transport};
use aws_types::SdkConfig;
use std::any::Any;
use std::collections::HashMap;
use std::sync::Mutex;

#[derive(Default, Debug)]
pub(super) struct Clients(Mutex<HashMap<(&'static str, String), Box<dyn Any + Send + Sync>>>);

/// The client of an account for a service in a region. The retry token bucket of the SDK is shared by process and region, so
/// that one throttled account would starve the others: each client gets a partition of its own.
pub(crate) fn client_of<C: Clone + Send + Sync + 'static>(
    account: &Account,
    service: &'static Service,
    region: &str,
    build: impl FnOnce(&SdkConfig, Transport, String, Tagger) -> C,
) -> C {
    let core = &account.core;
    let mut clients = lock(&core.clients.0);
    let key = (service.name, region.to_owned());
    if let Some(client) = clients.get(&key).and_then(|client| client.downcast_ref::<C>()) {
        return client.clone();
    }
    let partition = format!("{}-{}-{region}", core.id, service.name);
    let tagger = Tagger { account: core.id.as_str().into(), region: region.into(), service };
    let client = build(&core.sdk, core.transport.clone(), partition, tagger);
    clients.insert(key, Box::new(client.clone()));
    client
}
