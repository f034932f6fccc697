//! One file a command, or a folder where it has commands of its own.

pub(crate) mod changes;
pub(crate) mod completions;
pub(crate) mod cursor;
pub(crate) mod discover;
pub(crate) mod doctor;
pub(crate) mod dry_run;
pub(crate) mod export;
pub(crate) mod init;
pub(crate) mod keys;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod status;
pub(crate) mod sync;
