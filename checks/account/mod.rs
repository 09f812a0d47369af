//! Account: contacts and regions.

checks! { account;
    account contacts_complete_and_distinct,
    account optin_regions_justified,
    account security_contact_registered,
}
