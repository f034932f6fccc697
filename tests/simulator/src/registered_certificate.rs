//! A certificate as an app registration holds it: its public part, found by its thumbprint.

use std::fmt;

use aws_lc_rs::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use x509_cert::der::Decode;
use x509_cert::time::Time;

#[derive(Clone)]
pub(crate) struct RegisteredCertificate {
    /// The public key as RFC 8017 encodes it.
    pub(crate) key: Vec<u8>,
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
    sha1: String,
    sha256: String,
}

impl RegisteredCertificate {
    /// Reads the first certificate of a PEM text; `None` when there is none.
    pub(crate) fn read(pem: &str) -> Option<Self> {
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
        let certificate = x509_cert::Certificate::from_der(&der).ok()?;
        let content = certificate.tbs_certificate();
        let time = |time: Time| {
            let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
            Timestamp::from_second(seconds).ok()
        };
        let hash = |by: &'static Algorithm| BASE64_URL_SAFE_NO_PAD.encode(digest(by, &der));
        let key = &content.subject_public_key_info().subject_public_key;
        Some(Self {
            key: key.raw_bytes().to_vec(),
            not_before: time(content.validity().not_before)?,
            not_after: time(content.validity().not_after)?,
            sha1: hash(&SHA1_FOR_LEGACY_USE_ONLY),
            sha256: hash(&SHA256),
        })
    }

    /// Whether an assertion's header means this one, by `x5t#S256` or the older `x5t`.
    pub(crate) fn is_meant(&self, x5t_s256: Option<&str>, x5t: Option<&str>) -> bool {
        // Microsoft's own library for Python pads them, against the standard.
        let is = |sent: &str, own: &str| sent.trim_end_matches('=') == own;
        match (x5t_s256, x5t) {
            (Some(sha256), _) => is(sha256, &self.sha256),
            (None, Some(sha1)) => is(sha1, &self.sha1),
            (None, None) => false,
        }
    }
}

impl PartialEq for RegisteredCertificate {
    fn eq(&self, other: &Self) -> bool {
        self.sha256 == other.sha256
    }
}

impl fmt::Debug for RegisteredCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RegisteredCertificate")
            .field("sha256", &self.sha256)
            .finish_non_exhaustive()
    }
}
