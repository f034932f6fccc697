//! `dynamics-sync serve`: the calls over HTTP, on this machine.

mod hosted;
mod keys;
mod scopes;
mod work;
