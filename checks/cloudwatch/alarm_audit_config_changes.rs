//! Does somebody hear of it when CloudTrail or AWS Config are changed? Who is about to do harm begins with what would show it.

use super::kinds::Changes;
use super::telling;
use crate::prelude::*;

const CHANGES: [Changes; 2] = [
    Changes {
        key: "cloudtrail-changes",
        what: "changes of CloudTrail's configuration",
        source: "cloudtrail",
        names: &["CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"],
    },
    Changes {
        key: "config-changes",
        what: "changes of AWS Config",
        source: "config",
        names: &[
            "StopConfigurationRecorder",
            "DeleteDeliveryChannel",
            "PutDeliveryChannel",
            "PutConfigurationRecorder",
        ],
    },
];

pub async fn probe(at: &Account) -> Outcome {
    telling::judge(at, CHANGES.iter().map(|changes| changes.kind(at.regions())).collect()).await
}
