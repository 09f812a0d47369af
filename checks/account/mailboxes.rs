//! Providers with whom everyone may open a mailbox.

/// Domains of which anybody may have an address, or for which anybody may buy one.
const PROVIDERS: &[&str] = &[
    "10minutemail.com",
    "126.com",
    "139.com",
    "163.com",
    "aim.com",
    "alice.it",
    "aol.com",
    "att.net",
    "bellsouth.net",
    "bigpond.com",
    "bk.ru",
    "bluewin.ch",
    "blueyonder.co.uk",
    "bol.com.br",
    "btinternet.com",
    "charter.net",
    "comcast.net",
    "cox.net",
    "daum.net",
    "disroot.org",
    "duck.com",
    "earthlink.net",
    "email.com",
    "fastmail.com",
    "fastmail.fm",
    "foxmail.com",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "googlemail.com",
    "guerrillamail.com",
    "hanmail.net",
    "hey.com",
    "hushmail.com",
    "icloud.com",
    "ig.com.br",
    "inbox.com",
    "inbox.lv",
    "inbox.ru",
    "interia.pl",
    "juno.com",
    "keemail.me",
    "kpnmail.nl",
    "laposte.net",
    "libero.it",
    "list.ru",
    "live.be",
    "live.ca",
    "live.co.uk",
    "live.com",
    "live.com.au",
    "live.com.mx",
    "live.de",
    "live.dk",
    "live.fr",
    "live.ie",
    "live.in",
    "live.it",
    "live.jp",
    "live.nl",
    "live.no",
    "live.se",
    "mac.com",
    "mail.com",
    "mail.de",
    "mail.ru",
    "mailbox.org",
    "mailinator.com",
    "me.com",
    "msn.com",
    "myyahoo.com",
    "nate.com",
    "naver.com",
    "ntlworld.com",
    "o2.pl",
    "onet.pl",
    "optonline.net",
    "optusnet.com.au",
    "orange.fr",
    "outlook.at",
    "outlook.be",
    "outlook.co.id",
    "outlook.com",
    "outlook.com.ar",
    "outlook.com.au",
    "outlook.com.br",
    "outlook.cz",
    "outlook.de",
    "outlook.dk",
    "outlook.es",
    "outlook.fr",
    "outlook.ie",
    "outlook.in",
    "outlook.it",
    "outlook.jp",
    "outlook.kr",
    "outlook.pt",
    "outlook.sa",
    "passport.com",
    "pm.me",
    "posteo.de",
    "privaterelay.appleid.com",
    "proton.me",
    "protonmail.ch",
    "protonmail.com",
    "qq.com",
    "rambler.ru",
    "rediffmail.com",
    "riseup.net",
    "rocketmail.com",
    "rogers.com",
    "sbcglobal.net",
    "seznam.cz",
    "sfr.fr",
    "shaw.ca",
    "simplelogin.com",
    "sina.cn",
    "sina.com",
    "sky.com",
    "skynet.be",
    "sohu.com",
    "sympatico.ca",
    "t-online.de",
    "talktalk.net",
    "telenet.be",
    "telus.net",
    "terra.com.br",
    "tiscali.it",
    "tuta.com",
    "tuta.io",
    "tutamail.com",
    "tutanota.com",
    "ukr.net",
    "uol.com.br",
    "verizon.net",
    "virgilio.it",
    "virginmedia.com",
    "wanadoo.fr",
    "web.de",
    "windowslive.com",
    "wp.pl",
    "xs4all.nl",
    "xtra.co.nz",
    "ya.ru",
    "yeah.net",
    "ymail.com",
    "yopmail.com",
    "ziggo.nl",
    "zoho.com",
    "zoho.eu",
    "zoho.in",
    "zohomail.com",
];

/// Providers that are called the same in every country.
const EVERYWHERE: &[&str] = &["gmx", "hotmail", "yahoo", "yandex"];

/// Whether the domain, in lower case, is a public mailbox provider's.
pub(super) fn is_public(domain: &str) -> bool {
    PROVIDERS.binary_search(&domain).is_ok() || is_national(domain)
}

/// `yahoo.com`, `yahoo.fr`, `yahoo.co.id`, `yahoo.com.mx`.
fn is_national(domain: &str) -> bool {
    let Some((name, rest)) = domain.split_once('.') else { return false };
    let country = rest.strip_prefix("co.").or_else(|| rest.strip_prefix("com.")).unwrap_or(rest);
    EVERYWHERE.contains(&name) && (matches!(rest, "com" | "net") || country.len() == 2)
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

    #[test]
    fn the_same_provider_of_another_country_is_one_too() {
        for domain in
            ["yahoo.com", "yahoo.com.mx", "yahoo.co.id", "yahoo.nl", "hotmail.be", "gmx.net", "yandex.kz", "live.se"]
        {
            assert!(is_public(domain), "{domain}");
        }
        for domain in ["yahoo", "yahoo.example", "yahoo.acme.com", "acme.yahoo.fr", "notyahoo.fr", "gmx.co.acme"] {
            assert!(!is_public(domain), "{domain}");
        }
    }
}
