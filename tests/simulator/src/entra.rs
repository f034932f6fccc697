//! What Entra remembers: the secret and the certificates it accepts and the tokens it gave out.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::registered_certificate::RegisteredCertificate;
use crate::world::seeded::wide;

/// The accepted secret and certificates, and every token that has not expired.
#[derive(Debug)]
pub(crate) struct Entra {
    secret: String,
    certificates: Vec<RegisteredCertificate>,
    tokens: BTreeMap<String, Timestamp>,
}

impl Entra {
    pub(crate) fn new(secret: String) -> Self {
        Self {
            secret,
            certificates: Vec::new(),
            tokens: BTreeMap::new(),
        }
    }

    pub(crate) fn set_secret(&mut self, secret: String) {
        self.secret = secret;
    }

    pub(crate) fn secret_is(&self, secret: &str) -> bool {
        self.secret == secret
    }

    pub(crate) fn register(&mut self, certificate: RegisteredCertificate) {
        self.certificates.push(certificate);
    }

    pub(crate) fn remove(&mut self, certificate: &RegisteredCertificate) {
        self.certificates.retain(|kept| kept != certificate);
    }

    pub(crate) fn certificates(&self) -> Vec<RegisteredCertificate> {
        self.certificates.clone()
    }

    /// Issues an opaque token, the `number`-th of this seed.
    pub(crate) fn issue(&mut self, seed: u64, number: u64, now: Timestamp, seconds: u32) -> String {
        let token = format!("sim.{:032x}", wide(seed ^ 0x746f_6b65, number));
        let life = SignedDuration::from_secs(i64::from(seconds));
        let expiry = now.checked_add(life).unwrap_or(now);
        // A token that is long expired is told from one never issued for a day.
        let kept = now
            .checked_sub(SignedDuration::from_hours(24))
            .unwrap_or(now);
        self.tokens.retain(|_, expiry| *expiry > kept);
        self.tokens.insert(token.clone(), expiry);
        token
    }

    /// When a token expires; `None` for one never issued, or revoked.
    pub(crate) fn expiry(&self, token: &str) -> Option<Timestamp> {
        self.tokens.get(token).copied()
    }

    pub(crate) fn revoke_all(&mut self) {
        self.tokens.clear();
    }
}
