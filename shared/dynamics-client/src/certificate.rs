//! A certificate with its private key, read from PEM.
//!
//! Never in here: anything of a key, or of the text it was read from, in an error or a `Debug` print.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use rustls_pki_types::pem::{PemObject, SectionKind};
use thiserror::Error;
use x509_cert::der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::der::{Decode, Reader, SliceReader};

use crate::error::{ErrorKind, Problem};

/// The algorithm of an RSA key: <https://www.rfc-editor.org/rfc/rfc3279#section-2.3.1>
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// The shortest RSA key that counts as safe, in bytes: 2,048 bits.
const SHORTEST_KEY: usize = 256;

/// What marks a key behind a password: as PKCS#8, and in the older form.
const PASSWORD_MARKS: [&str; 2] = [
    "-----BEGIN ENCRYPTED PRIVATE KEY-----",
    "Proc-Type: 4,ENCRYPTED",
];

/// A certificate with its RSA key. `Debug` shows only what is public. Cheap to clone.
#[derive(Clone)]
pub struct Certificate(Arc<Inner>);

struct Inner {
    key: KeyPair,
    public: Public,
}

/// What of a certificate matters here.
#[derive(Debug)]
struct Public {
    /// The SHA-256 of the whole certificate, as an assertion's header names it.
    thumbprint: String,
    not_before: Timestamp,
    not_after: Timestamp,
    /// The public key as RFC 8017 encodes it, if it is one of RSA.
    rsa: Option<Vec<u8>>,
}

/// Why a text is no certificate that can be used: to be read after the name of what holds it.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum InvalidCertificate {
    /// There is no PEM in it at all.
    #[error(
        "is not PEM; expected the certificate and its private key, each from its -----BEGIN to its \
         -----END line"
    )]
    NotPem,
    /// There is PEM in it that cannot be read.
    #[error(
        "has a block that is damaged; store the file as it is, with its line breaks (inside JSON each \
         is written \\n)"
    )]
    Damaged,
    /// Only something else.
    #[error(
        "holds no certificate; add the -----BEGIN CERTIFICATE----- block that was uploaded to Entra"
    )]
    NoCertificate,
    /// Only the public part.
    #[error(
        "holds no private key; add the -----BEGIN PRIVATE KEY----- block that belongs to the \
         certificate"
    )]
    NoKey,
    /// The key is behind a password.
    #[error(
        "has a private key with a password; store it without (`openssl pkey -in key.pem` writes it so)"
    )]
    EncryptedKey,
    /// There is no telling which is meant.
    #[error("holds more than one private key; keep only the certificate's own")]
    SeveralKeys,
    /// Another kind of key, such as one on an elliptic curve.
    #[error("has a key that is not RSA; make a certificate with an RSA key of 2048 bits or more")]
    NotRsa,
    /// Below 2,048 bits.
    #[error("has an RSA key that is too short; make a certificate with one of 2048 bits or more")]
    TooShort,
    /// A key block that holds no RSA key.
    #[error(
        "has a private key that cannot be read as an RSA key; export it again, as PKCS#8 or PKCS#1"
    )]
    UnusableKey,
    /// A certificate block that holds no certificate.
    #[error("has a certificate that cannot be read; export it again")]
    UnusableCertificate,
    /// Key and certificate are not a pair.
    #[error(
        "has a private key that belongs to none of its certificates; store the key that the \
         certificate was made with"
    )]
    Mismatch,
}

impl Certificate {
    /// Reads a certificate and its private key (RSA, PKCS#8 or PKCS#1, no password), in any order and
    /// with any chain: what is used is the certificate that the key belongs to, the one that lasts
    /// longest if there are several. Line breaks may be written `\n`, as in a variable of one line.
    ///
    /// Whether it is valid now is looked at whenever it is used.
    ///
    /// # Errors
    /// When anything is missing, damaged, too weak, or does not belong together.
    pub fn from_pem(text: &str) -> Result<Self, InvalidCertificate> {
        let pem = lines(text);
        if PASSWORD_MARKS.iter().any(|mark| pem.contains(mark)) {
            return Err(InvalidCertificate::EncryptedKey);
        }
        if !pem.contains("-----BEGIN ") {
            return Err(InvalidCertificate::NotPem);
        }
        let blocks = <(SectionKind, Vec<u8>)>::pem_slice_iter(pem.as_bytes());
        let blocks: Vec<_> = blocks
            .collect::<Result<_, _>>()
            .map_err(|_| InvalidCertificate::Damaged)?;
        let candidates = blocks
            .iter()
            .filter(|(kind, _)| *kind == SectionKind::Certificate)
            .map(|(_, der)| Public::read(der).ok_or(InvalidCertificate::UnusableCertificate))
            .collect::<Result<Vec<_>, _>>()?;
        if candidates.is_empty() {
            return Err(InvalidCertificate::NoCertificate);
        }
        let key = private_key(&blocks, &candidates)?;
        let owned = candidates
            .into_iter()
            .filter(|it| it.rsa.as_deref() == Some(key.public_key().as_ref()));
        let public = owned
            .max_by_key(|it| it.not_after)
            .ok_or(InvalidCertificate::Mismatch)?;
        Ok(Self(Arc::new(Inner { key, public })))
    }

    pub(crate) fn key(&self) -> &KeyPair {
        &self.0.key
    }

    /// The base64url of the SHA-256 of the certificate: `x5t#S256`.
    pub(crate) fn thumbprint(&self) -> &str {
        &self.0.public.thumbprint
    }

    /// From when on it is no longer valid.
    pub(crate) fn not_after(&self) -> Timestamp {
        self.0.public.not_after
    }

    /// That it can be used at `now`.
    pub(crate) fn insist_on_validity(&self, now: Timestamp) -> Result<(), Box<Problem>> {
        let Public {
            not_before,
            not_after,
            ..
        } = self.0.public;
        let (why, advice) = if now < not_before {
            (
                format!("the certificate is not valid before {not_before}, and it is {now}"),
                "Check this machine's clock, or use a certificate that is valid already.",
            )
        } else if now >= not_after {
            (
                format!("the certificate expired at {not_after}"),
                "Make a new one, upload it to the app registration, and store it with its key in \
                 place of the old one.",
            )
        } else {
            return Ok(());
        };
        Err(Problem::new(ErrorKind::Credentials, "Entra was not asked")
            .because(why)
            .advise(advice))
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("thumbprint", &self.thumbprint())
            .field("not_after", &self.not_after())
            .finish_non_exhaustive()
    }
}

impl Public {
    fn read(der: &[u8]) -> Option<Self> {
        let certificate = x509_cert::Certificate::from_der(der).ok()?;
        let inner = certificate.tbs_certificate();
        let time = |time: x509_cert::time::Time| {
            let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
            Timestamp::from_second(seconds).ok()
        };
        let key = inner.subject_public_key_info();
        Some(Self {
            thumbprint: BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, der)),
            not_before: time(inner.validity().not_before)?,
            not_after: time(inner.validity().not_after)?,
            rsa: (key.algorithm.oid == RSA_ENCRYPTION)
                .then(|| key.subject_public_key.raw_bytes().to_vec()),
        })
    }

    /// Whether its key is one of RSA that is long enough.
    fn is_strong(&self) -> bool {
        let modulus = |der: &[u8]| {
            SliceReader::new(der)?.sequence(|reader| {
                let modulus = UintRef::decode(reader)?;
                UintRef::decode(reader)?;
                Ok::<_, x509_cert::der::Error>(modulus.as_bytes().len())
            })
        };
        self.rsa
            .as_deref()
            .and_then(|der| modulus(der).ok())
            .is_some_and(|length| length >= SHORTEST_KEY)
    }
}

/// The one private key. What is wrong with one that is not accepted, the certificates know better.
fn private_key(
    blocks: &[(SectionKind, Vec<u8>)],
    certificates: &[Public],
) -> Result<KeyPair, InvalidCertificate> {
    let mut keys = blocks.iter().filter(|(kind, _)| {
        use SectionKind::{EcPrivateKey, PrivateKey, RsaPrivateKey};
        matches!(kind, PrivateKey | RsaPrivateKey | EcPrivateKey)
    });
    let (kind, der) = keys.next().ok_or(InvalidCertificate::NoKey)?;
    if keys.next().is_some() {
        return Err(InvalidCertificate::SeveralKeys);
    }
    let read = match kind {
        SectionKind::PrivateKey => KeyPair::from_pkcs8(der),
        SectionKind::RsaPrivateKey => KeyPair::from_der(der),
        _ => return Err(InvalidCertificate::NotRsa),
    };
    read.map_err(|_| {
        if certificates.iter().all(|it| it.rsa.is_none()) {
            InvalidCertificate::NotRsa
        } else if !certificates.iter().any(Public::is_strong) {
            InvalidCertificate::TooShort
        } else {
            InvalidCertificate::UnusableKey
        }
    })
}

/// The text in lines without blanks around them, whichever way the line breaks got here.
fn lines(text: &str) -> String {
    let text = text.replace("\\r", "").replace("\\n", "\n");
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests;
