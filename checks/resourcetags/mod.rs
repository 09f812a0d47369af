//! Checks on what resources are tagged with.

mod stores;

checks! { resourcetags;
    region data_stores_classified,
    region owner_and_environment,
}
