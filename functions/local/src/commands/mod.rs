//! One file a command.

pub(crate) mod export;
pub(crate) mod simulate;
pub(crate) mod status;
pub(crate) mod sync;
