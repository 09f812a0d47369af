//! Answers, kept by question: whoever asks first asks, the others wait for the same answer.

use super::answer::Answer;
use crate::lock::lock;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::OnceCell;

/// Type of the answer, service, operation, region and parameters.
type Key = (TypeId, &'static str, &'static str, String, String);

/// Answers by question, single flight.
#[derive(Debug, Default)]
pub(super) struct Memo(Mutex<HashMap<Key, Arc<dyn Any + Send + Sync>>>);

impl Memo {
    pub(super) async fn get<T: Send + Sync + 'static>(
        &self,
        key: (&'static str, &'static str, String, String),
        ask: impl Future<Output = Answer<T>>,
    ) -> Answer<T> {
        let (service, operation, region, params) = key;
        let cell = lock(&self.0)
            .entry((TypeId::of::<T>(), service, operation, region, params))
            .or_insert_with(|| Arc::new(OnceCell::<Answer<T>>::new()))
            .clone();
        match cell.downcast::<OnceCell<Answer<T>>>() {
            Ok(cell) => cell.get_or_init(|| ask).await.clone(),
            // The key holds the type, so this does not happen; asking again would still be right.
            Err(_) => ask.await,
        }
    }
}
