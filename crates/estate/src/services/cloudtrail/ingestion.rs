//! Whether an event data store ingests. Every check that counts a store asks here.

use crate::finding::Reasons;
use aws_sdk_cloudtrail::operation::get_event_data_store::GetEventDataStoreOutput;
use aws_sdk_cloudtrail::types::EventDataStoreStatus;

/// The condition that an event data store ingests; `name` is what messages call it. One that starts may do so in a moment.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventDataStore.html>
pub fn to_store(name: &str, store: &GetEventDataStoreOutput, reasons: &mut Reasons) {
    match store.status() {
        Some(EventDataStoreStatus::Enabled) => {}
        Some(starts @ (EventDataStoreStatus::Created | EventDataStoreStatus::StartingIngestion)) => {
            reasons.doubt(format!("{name} has the status {}", starts.as_str()));
        }
        other => {
            let status = other.map_or("unknown", |status| status.as_str());
            reasons.broken("store_not_enabled", format!("{name} has the status {status}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Status;

    #[test]
    fn only_a_store_that_ingests_keeps_events() {
        // semantics 137
        let judge = |status: EventDataStoreStatus| {
            let mut reasons = Reasons::new();
            let store = GetEventDataStoreOutput::builder().status(status).build();
            to_store("event data store lake", &store, &mut reasons);
            reasons.or_pass(|| "fine".into()).status
        };
        use EventDataStoreStatus::{Created, Enabled, PendingDeletion, StartingIngestion, StoppedIngestion, StoppingIngestion};
        assert_eq!(judge(Enabled), Status::Pass);
        assert_eq!([judge(Created), judge(StartingIngestion)], [Status::Unknown; 2]);
        assert_eq!([PendingDeletion, StoppedIngestion, StoppingIngestion].map(judge), [Status::Fail; 3]);
    }
}
