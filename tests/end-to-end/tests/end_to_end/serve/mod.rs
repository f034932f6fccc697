//! `dynamics-sync serve`: the calls over HTTP, on this machine.

mod deployed;
mod hosted;
mod keys;
mod scopes;
mod work;
