//! How large the simulated environment is.

/// How large the simulated environment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The same seed and sizes give the same rows, keys, versions and credentials.
    pub seed: u64,
    /// Rows of `contacts`.
    pub contacts: u64,
    /// Rows of `hlf_certifications`.
    pub certifications: u64,
    /// Rows of `accounts`.
    pub accounts: u64,
    /// Rows of `systemusers`; at least the application user exists.
    pub users: u64,
    /// The most rows a page may have.
    pub page_size_max: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            contacts: 20_000,
            certifications: 2_000,
            accounts: 500,
            users: 25,
            page_size_max: 5_000,
        }
    }
}
