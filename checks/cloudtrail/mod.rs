//! CloudTrail: is every API call of the account recorded, delivered, and out of reach of those whom it records?

mod by_place;

checks! { cloudtrail;
    account bucket_access_logging,
    account bucket_not_public,
    account cloudwatch_logs_integrated,
    region insights_or_anomaly_detection,
    account kms_encrypted,
    account log_file_validation_enabled,
    account log_store_tamper_resistant,
    account multi_region_trail_enabled,
    account organization_trail_to_log_archive,
    account other_data_and_network_events,
    account s3_data_events_recorded,
}
