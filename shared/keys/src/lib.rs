//! The named keys that callers hold: how they are made, what is kept of them, and how one that a caller
//! shows is compared with those.
//!
//! A key is 256 random bits. Only its SHA-256 is kept, in a document that Secrets Manager holds on AWS and a
//! file beside the state on a laptop:
//!
//! ```json
//! {"version": 1, "keys": [
//!   {"name": "app", "sha256": "9f86…", "scopes": ["changes", "read"], "created": "2026-11-21"}]}
//! ```
//!
//! A name may be there twice: while a key is exchanged for a new one both are good, until somebody takes the
//! old one out. A slow hash would add nothing: nobody guesses 256 random bits.
//!
//! Never in here: where the document is; and a key, its hash or anything else of the document in an error or
//! `Debug`.

mod document;
mod new_key;
mod shown;

pub use document::{InvalidKeys, Keys};
pub use new_key::{Entry, InvalidName, NewKey};
pub use shown::Shown;
