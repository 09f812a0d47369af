//! Account: contacts and regions.

mod region_use;

checks! { account;
    account contacts_complete_and_distinct,
    account optin_regions_justified,
    account security_contact_registered,
}
