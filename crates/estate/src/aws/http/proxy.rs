//! The proxies of the environment, read as the AWS CLI reads them.
//!
//! `HTTPS_PROXY` is for https, `HTTP_PROXY` for http; the lower-case name wins, and empty it takes the other back; `NO_PROXY` names
//! hosts and the domains below which every host is asked directly. <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-proxy.html>
//! The rules of matching are those of Python's `urllib`, which the CLI uses. A value is never told: it may hold a password.

use aws_smithy_http_client::proxy::ProxyConfig;
use ipnet::IpNet;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::net::IpAddr;

/// Where machines and containers tell what they are and may do: on the link itself, so that a proxy would answer for its own machine.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html>
const ON_THE_LINK: &[&str] = &["169.254.0.0/16", "fd00:ec2::/32", "fe80::/10"];

/// What the environment says of proxies.
#[derive(Clone, Debug, Default)]
pub(super) struct Proxies {
    pub(super) http: Option<Proxy>,
    pub(super) https: Option<Proxy>,
    direct: Vec<String>,
}

/// One proxy.
#[derive(Clone, Debug)]
pub(super) struct Proxy {
    /// The variable that names it.
    pub(super) variable: &'static str,
    /// Its host and port.
    pub(super) place: String,
    pub(super) config: ProxyConfig,
}

impl Proxies {
    /// As `variable` tells the environment.
    ///
    /// # Errors
    /// A sentence that names the variable whose value is no URL of a proxy.
    pub(super) fn of(variable: impl Fn(&str) -> Option<String>) -> Result<Proxies, String> {
        let first = |names: [&'static str; 2]| {
            let (name, value) = names.into_iter().find_map(|name| Some((name, variable(name)?)))?;
            Some((name, value.trim().to_owned())).filter(|(_, value)| !value.is_empty())
        };
        let proxy = |names| first(names).map(|(name, value)| Proxy::of(name, &value)).transpose();
        let https = proxy(["https_proxy", "HTTPS_PROXY"])?;
        // A web server hands the header `Proxy` of a stranger's request to its scripts under this name.
        let http = if variable("REQUEST_METHOD").is_some() {
            proxy(["http_proxy", "http_proxy"])?
        } else {
            proxy(["http_proxy", "HTTP_PROXY"])?
        };
        let no = first(["no_proxy", "NO_PROXY"]).map(|(_, value)| value).unwrap_or_default();
        let mut direct: Vec<String> = no.split(',').map(|entry| entry.trim().to_lowercase()).collect();
        direct.retain(|entry| !entry.is_empty());
        // The CLI never asks the agent of a container by a proxy.
        direct.extend(variable("AWS_CONTAINER_CREDENTIALS_FULL_URI").and_then(|url| authority(&url)));
        Ok(Proxies { http, https, direct })
    }

    /// The proxy on the way to a URL.
    pub(super) fn on_the_way(&self, url: &str) -> Option<&Proxy> {
        let https = url.starts_with("https:");
        let proxy = if https { self.https.as_ref() } else { self.http.as_ref() }?;
        let authority = authority(url)?;
        let (host, port) = host_and_port(&authority);
        let port = port.unwrap_or(if https { "443" } else { "80" });
        (!self.is_direct(host, port)).then_some(proxy)
    }

    fn is_direct(&self, host: &str, port: &str) -> bool {
        let address = host.parse::<IpAddr>().ok();
        let within = |net: &str| net.parse::<IpNet>().is_ok_and(|net| address.is_some_and(|ip| net.contains(&ip)));
        let named = |entry: &String| {
            if entry == "*" || within(entry) {
                return true;
            }
            let (name, only) = host_and_port(entry);
            let name = name.trim_start_matches('*').trim_start_matches('.');
            let below = host.strip_suffix(name).is_some_and(|front| front.is_empty() || front.ends_with('.'));
            !name.is_empty() && below && only.is_none_or(|only| only == port)
        };
        ON_THE_LINK.iter().any(|net| within(net)) || self.direct.iter().any(named)
    }
}

impl Proxy {
    fn of(variable: &'static str, value: &str) -> Result<Proxy, String> {
        let wrong = || format!("{variable} is no URL of a proxy; give one such as http://proxy.example.com:3128");
        let url =
            if value.contains("://") { value.to_owned() } else { format!("http://{}", value.trim_start_matches('/')) };
        let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
        if !matches!(scheme, "http" | "https") {
            let scheme: String = scheme.chars().filter(char::is_ascii_alphanumeric).take(10).collect();
            return Err(format!(
                "{variable} names a proxy of kind {scheme:?}; give one that speaks HTTP, such as http://proxy.example.com:3128"
            ));
        }
        let (rest, after) = rest.find(['/', '?', '#']).map_or((rest, ""), |end| rest.split_at(end));
        // Part of a password would be taken for the host, and told.
        if after.contains('@') {
            return Err(format!(
                "{variable} has a sign in its password that ends a host; write / as %2F, ? as %3F, # as %23"
            ));
        }
        let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
        let (host, port) = host_and_port(place);
        if host.is_empty() || port.is_some_and(|port| port.parse::<u16>().is_err()) {
            return Err(wrong());
        }
        let mut config = ProxyConfig::all(format!("{scheme}://{place}")).map_err(|_| wrong())?;
        if let Some(user) = user {
            // Whatever was left unescaped would end up in another part of the URL.
            let plain = |text: &str| {
                let text = percent_decode_str(text).decode_utf8_lossy().into_owned();
                utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string()
            };
            let (name, password) = user.split_once(':').unwrap_or((user, ""));
            config = config.with_basic_auth(plain(name), plain(password));
        }
        Ok(Proxy { variable, place: place.to_owned(), config })
    }
}

/// The host of a URL, with the port if it has one.
pub(super) fn authority(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (_, place) = authority.rsplit_once('@').unwrap_or(("", authority));
    (!place.is_empty()).then(|| place.to_lowercase())
}

/// `[::1]:80` is `::1` and `80`; an IPv6 address by itself has no port.
fn host_and_port(place: &str) -> (&str, Option<&str>) {
    if let Some((host, after)) = place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (host, after.strip_prefix(':'));
    }
    match place.split_once(':') {
        Some((host, port)) if !port.contains(':') => (host, Some(port)),
        _ => (place, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(set: &[(&str, &str)]) -> Result<Proxies, String> {
        Proxies::of(|name| set.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned()))
    }

    /// Where a request goes first.
    fn way(set: &[(&str, &str)], url: &str) -> String {
        proxies(set).unwrap().on_the_way(url).map_or("direct".to_owned(), |proxy| proxy.place.clone())
    }

    const AWS: &str = "https://sts.us-east-1.amazonaws.com/";

    #[test]
    fn each_scheme_has_its_variable_and_the_lower_case_one_wins() {
        assert_eq!(way(&[("HTTPS_PROXY", "http://p:1")], AWS), "p:1");
        assert_eq!(way(&[("HTTP_PROXY", "http://p:1")], AWS), "direct");
        assert_eq!(way(&[("HTTP_PROXY", "http://p:1")], "http://example.com/"), "p:1");
        assert_eq!(way(&[("HTTPS_PROXY", "http://p:1"), ("https_proxy", "http://q:2")], AWS), "q:2");
        assert_eq!(way(&[("HTTPS_PROXY", "http://p:1"), ("https_proxy", "")], AWS), "direct");
        assert_eq!(way(&[("ALL_PROXY", "http://p:1")], AWS), "direct", "the AWS CLI does not know it");
        assert_eq!(way(&[("HTTPS_PROXY", "p:1")], AWS), "p:1");
        assert_eq!(way(&[("HTTPS_PROXY", "//p:1")], AWS), "p:1");
        assert_eq!(way(&[("HTTPS_PROXY", " http://p:1/ \n")], AWS), "p:1");
        assert_eq!(way(&[("HTTP_PROXY", "http://p:1"), ("REQUEST_METHOD", "GET")], "http://example.com/"), "direct");
    }

    #[test]
    fn no_proxy_names_hosts_domains_ports_and_networks() {
        let way = |no: &str, url: &str| way(&[("HTTPS_PROXY", "p:1"), ("HTTP_PROXY", "p:1"), ("NO_PROXY", no)], url);
        for no in [
            "*",
            "amazonaws.com",
            ".amazonaws.com",
            "*.amazonaws.com",
            "a, STS.us-east-1.amazonaws.com",
            "sts.us-east-1.amazonaws.com:443",
        ] {
            assert_eq!(way(no, AWS), "direct", "{no}");
        }
        for no in ["", "aws.com", "sts.us-east-1", "ec2.us-east-1.amazonaws.com", "amazonaws.com:80", ".", "*.", ","] {
            assert_eq!(way(no, AWS), "p:1", "{no:?}");
        }
        for no in ["127.0.0.1", "127.0.0.0/8", "localhost,127.0.0.1:8080"] {
            assert_eq!(way(no, "http://127.0.0.1:8080/x"), "direct", "{no}");
        }
        assert_eq!(way("127.0.0.2,127.0.0.1:81", "http://127.0.0.1:8080/"), "p:1");
        for no in ["::1", "[::1]", "[::1]:80"] {
            assert_eq!(way(no, "http://[::1]/"), "direct", "{no}");
        }
        assert_eq!(super::tests::way(&[("HTTPS_PROXY", "p:1"), ("NO_PROXY", "*"), ("no_proxy", "")], AWS), "p:1");
    }

    #[test]
    fn what_is_on_the_link_is_asked_directly() {
        let set = [("HTTP_PROXY", "p:1"), ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost:51679/role")];
        assert_eq!(way(&set, "http://169.254.169.254/latest/api/token"), "direct");
        assert_eq!(way(&set, "http://169.254.170.2/v2/credentials"), "direct");
        assert_eq!(way(&set, "http://[fd00:ec2::254]/latest/api/token"), "direct");
        assert_eq!(way(&set, "http://localhost:51679/role"), "direct");
        assert_eq!(way(&set, "http://localhost:4566/"), "p:1");
        assert_eq!(way(&set, "http://127.0.0.1:4566/"), "p:1", "as the AWS CLI does");
    }

    #[test]
    fn a_broken_url_names_the_variable_and_never_the_password() {
        for value in [
            "http://",
            "http://user:secret@",
            "http://user:secret@p:99999",
            "http://user:secret@p:x",
            "socks5://user:secret@p:1",
            "http://user:secret@p q",
            "://",
            "http://user:secret@p:1\u{1}",
        ] {
            let told = proxies(&[("HTTPS_PROXY", value)]).unwrap_err();
            assert!(told.starts_with("HTTPS_PROXY ") && told.contains("; give one"), "{told}");
            assert!(!told.contains("secret"), "{told}");
        }
    }

    #[test]
    fn a_password_may_hold_anything() {
        for value in ["http://user:p%40s@p:1", "http://us er:pä@p:1", "http://user@p:1", "http://:@p:1"] {
            let proxy = proxies(&[("HTTPS_PROXY", value)]);
            assert_eq!(proxy.unwrap().https.unwrap().place, "p:1", "{value}");
        }
        for value in ["http://user:p@ss/w@p:1", "http://user:ss#w@p:1"] {
            let told = proxies(&[("HTTPS_PROXY", value)]).unwrap_err();
            assert!(told.starts_with("HTTPS_PROXY ") && !told.contains("ss w") && told.contains("%2F"), "{told}");
        }
    }
}
