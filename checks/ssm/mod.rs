//! Checks on Systems Manager: documents, parameters, nodes, sessions and runbooks.

mod coverage;
mod opscenter;
mod scans;

checks! { ssm;
    region documents_no_secrets,
    region documents_not_public,
    account incident_runbooks_and_reviews,
    region operational_runbooks_used,
    region parameters_secure,
    region patch_and_association_compliant,
    region session_manager_logged,
}
