//! Whose certificates are believed: the machine's authorities, or those of `AWS_CA_BUNDLE` (`ca_bundle` in a profile) in their place,
//! as the AWS CLI has it. <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html>

use aws_smithy_http_client::tls::TrustStore;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A file of certificates and who names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bundle {
    /// `AWS_CA_BUNDLE`, or the setting of a profile.
    pub(super) named_by: String,
    pub(super) path: PathBuf,
}

/// What is believed.
#[derive(Clone, Debug)]
pub(super) struct Trust {
    pub(super) store: TrustStore,
    /// How it is told where it does not do.
    pub(super) told: String,
}

/// How many certificates of authorities this machine has; the HTTP client takes it for granted that there is one.
static MACHINE: LazyLock<usize> = LazyLock::new(|| {
    let certificates = rustls_native_certs::load_native_certs().certs;
    RootCertStore::empty().add_parsable_certificates(certificates).0
});

impl Trust {
    /// Trust in the certificates of all bundles; in the machine's if there is none, or if `machine` says so.
    ///
    /// # Errors
    /// A sentence that names who names a bundle that cannot be used.
    pub(super) fn of(bundles: &[Bundle], machine: bool) -> Result<Trust, String> {
        let machine = machine || bundles.is_empty();
        let has_any = machine && *MACHINE > 0;
        let mut store = TrustStore::empty().with_native_roots(has_any);
        for bundle in bundles {
            store.add_pem_certificate(bundle.read()?);
        }
        let named: Vec<String> = bundles.iter().map(Bundle::told).collect();
        let told = if !named.is_empty() {
            format!("{} does not hold the certificate of its authority", named.join(" or "))
        } else if has_any {
            "where a proxy or an endpoint has an authority of its own, name the file of its certificates with AWS_CA_BUNDLE".to_owned()
        } else {
            "this machine has no certificates of authorities; install them (ca-certificates), or name a file of them with AWS_CA_BUNDLE".to_owned()
        };
        Ok(Trust { store, told })
    }
}

impl Bundle {
    fn told(&self) -> String {
        format!("{} ({})", self.named_by, self.path.display())
    }

    /// The bundle, if every certificate in it can be used: the HTTP client panics over the others.
    fn read(&self) -> Result<Vec<u8>, String> {
        let pem = std::fs::read(&self.path).map_err(|error| {
            format!("{}: the file cannot be read: {error}; name a file of certificates in PEM", self.told())
        })?;
        usable(&pem).map_err(|wrong| format!("{}: {wrong}; name a file of certificates in PEM", self.told()))?;
        Ok(pem)
    }
}

fn usable(pem: &[u8]) -> Result<(), String> {
    let certificates: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let certificates = certificates.map_err(|error| format!("the file is no valid PEM: {error}"))?;
    if certificates.is_empty() {
        return Err("the file holds no certificate".to_owned());
    }
    let mut roots = RootCertStore::empty();
    for (index, certificate) in certificates.into_iter().enumerate() {
        roots
            .add(certificate)
            .map_err(|error| format!("certificate {} of the file cannot be used: {error}", index + 1))?;
    }
    Ok(())
}

/// The bundle that a value names; `~/` is the home directory.
pub(super) fn bundle(named_by: &str, value: &str) -> Bundle {
    let home = || std::env::var_os("HOME").map(PathBuf::from);
    let path = value.strip_prefix("~/").and_then(|rest| Some(home()?.join(rest)));
    Bundle { named_by: named_by.to_owned(), path: path.unwrap_or_else(|| Path::new(value).to_path_buf()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CA: &[u8] = include_bytes!("../../../../../tests/it/network/ca.pem");

    fn told(content: Option<&[u8]>) -> Result<String, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        Trust::of(&[bundle("AWS_CA_BUNDLE", path.to_str().unwrap())], false).map(|trust| trust.told)
    }

    #[test]
    fn a_bundle_that_cannot_be_used_is_named_with_its_variable() {
        assert!(told(Some(CA)).unwrap().starts_with("AWS_CA_BUNDLE ("));
        let twice = [CA, b"\n", CA].concat();
        assert!(told(Some(&twice)).is_ok());
        let garbage = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let half = &CA[..CA.len() / 2];
        for content in [None, Some(&b""[..]), Some(b"hello"), Some(b"\xff\xfe"), Some(garbage), Some(half)] {
            let told = told(content).unwrap_err();
            assert!(
                told.starts_with("AWS_CA_BUNDLE (") && told.ends_with("; name a file of certificates in PEM"),
                "{told}"
            );
        }
        let directory = Trust::of(&[bundle("ca_bundle of profile a", "/")], false).unwrap_err();
        assert!(directory.starts_with("ca_bundle of profile a (/): "), "{directory}");
    }

    #[test]
    fn without_a_bundle_the_remedy_names_the_variable() {
        assert!(Trust::of(&[], false).unwrap().told.contains("AWS_CA_BUNDLE"));
    }
}
