//! Checks on CodeArtifact: where packages come from, and who may add to them.

mod domains;
mod origins;
mod outsiders;

checks! { codeartifact;
    region package_origin_controls,
    region repositories_in_use,
}
