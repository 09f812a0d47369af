//! Providers with whom everyone may open a mailbox.

/// Domains of which anybody may have an address, or for which anybody may buy one.
const PROVIDERS: &[&str] = &[
    "126.com", "163.com", "aim.com", "aol.com", "bellsouth.net", "btinternet.com", "comcast.net", "cox.net", "duck.com",
    "email.com", "fastmail.com", "fastmail.fm", "free.fr", "freenet.de", "gmail.com", "gmx.at", "gmx.ch", "gmx.com",
    "gmx.de", "gmx.net", "googlemail.com", "hey.com", "hotmail.co.uk", "hotmail.com", "hotmail.de", "hotmail.es",
    "hotmail.fr", "hotmail.it", "hushmail.com", "icloud.com", "inbox.com", "laposte.net", "libero.it", "live.co.uk",
    "live.com", "live.fr", "live.nl", "mac.com", "mail.com", "mail.ru", "mailbox.org", "me.com", "msn.com", "naver.com",
    "orange.fr", "outlook.com", "outlook.de", "outlook.es", "outlook.fr", "outlook.jp", "pm.me", "posteo.de", "proton.me",
    "protonmail.ch", "protonmail.com", "qq.com", "rediffmail.com", "rocketmail.com", "sbcglobal.net", "sina.com",
    "t-online.de", "tuta.com", "tuta.io", "tutanota.com", "verizon.net", "virgilio.it", "web.de", "yahoo.ca",
    "yahoo.co.in", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com", "yahoo.com.au", "yahoo.com.br", "yahoo.de", "yahoo.es",
    "yahoo.fr", "yahoo.it", "yandex.com", "yandex.ru", "ymail.com", "zoho.com", "zohomail.com",
];

/// Whether the domain, in lower case, is a public mailbox provider's.
pub(super) fn is_public(domain: &str) -> bool {
    PROVIDERS.binary_search(&domain).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_in_lower_case() {
        assert!(PROVIDERS.is_sorted());
        assert!(PROVIDERS.iter().all(|one| *one == one.to_lowercase() && one.contains('.')));
        assert!(is_public("gmail.com") && !is_public("acme.example"));
    }
}
