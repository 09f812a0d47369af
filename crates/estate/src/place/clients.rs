//! Service clients: one per (region, service), all on the scan's transport, each with a retry budget of its own.

use crate::aws::service::Service;
use crate::lock::lock;
use std::any::Any;
use std::collections::HashMap;
use std::sync::Mutex;

#[derive(Default, Debug)]
pub(super) struct Clients(Mutex<HashMap<Whose, Box<dyn Any + Send + Sync>>>);

/// Service and region.
type Whose = (&'static str, String);

impl Clients {
    /// The client of a service in a region; built when it is the first time that it is asked for.
    pub(super) fn get<C: Clone + Send + Sync + 'static>(
        &self,
        service: &'static Service,
        region: &str,
        build: impl FnOnce() -> C,
    ) -> C {
        let mut clients = lock(&self.0);
        let key = (service.name, region.to_owned());
        if let Some(client) = clients.get(&key).and_then(|client| client.downcast_ref::<C>()) {
            return client.clone();
        }
        let client = build();
        clients.insert(key, Box::new(client.clone()));
        client
    }
}
