//! Account: contacts and regions.

mod mailboxes;
mod region_use;

checks! { account;
    account contacts_complete_and_distinct,
    account optin_regions_justified,
    organization root_email_corporate_domain,
    account security_contact_registered,
}
