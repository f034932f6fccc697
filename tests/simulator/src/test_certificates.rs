//! Certificates with their keys, in PEM, to be registered with a simulator and nowhere else: the keys are
//! public.

/// RSA of 2,048 bits, 2020 to 2126.
pub const FIRST: &str = include_str!("../certificates/first.pem");
/// Another like [`FIRST`], to rotate to.
pub const SECOND: &str = include_str!("../certificates/second.pem");
/// Its last day was 31 December 2024.
pub const EXPIRED: &str = include_str!("../certificates/expired.pem");
