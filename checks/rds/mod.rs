//! Checks on RDS, and on what Aurora, Neptune and DocumentDB keep under its API.

checks! { rds;
    region storage_and_snapshots_encrypted,
}
