//! What the simulator accepts at its token endpoint.

use std::fmt;

use uuid::Uuid;

use crate::world::seeded::{mix, wide};

const TENANT: u64 = 1;
const CLIENT: u64 = 2;
const SECRET: u64 = 3;

/// The application's credentials, drawn from the seed. They open nothing but this simulator, so
/// they may be printed for a person who tries it out; `Debug` hides the secret all the same, as
/// everywhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The Entra tenant, a GUID.
    pub tenant_id: String,
    /// The application id, a GUID.
    pub client_id: String,
    /// The client secret's value.
    pub client_secret: String,
}

impl Credentials {
    pub(crate) fn new(seed: u64) -> Self {
        let salt = mix(seed ^ 0x6372_6564);
        let id = |number| Uuid::from_u128(wide(salt, number)).to_string();
        // Characters that must be form-encoded: a client that forgets is found out.
        let secret = format!(
            "sim~8Q+{}/&=%",
            Uuid::from_u128(wide(salt, SECRET)).simple()
        );
        Self {
            tenant_id: id(TENANT),
            client_id: id(CLIENT),
            client_secret: secret,
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("tenant_id", &self.tenant_id)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}
