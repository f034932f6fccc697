//! Which deployment this is, by the name that its metrics carry.

use crate::Problems;
use crate::environment::{Environment, text};

/// Reads the stage (`SYNC_STAGE`), such as `production`. It may be left out: there are no metrics then.
pub(crate) fn stage(env: &Environment<'_>, problems: &mut Problems) -> Option<String> {
    let stage = text(env, "SYNC_STAGE")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if stage.len() <= 64 && stage.chars().all(plain) {
        return Some(stage);
    }
    problems.add(
        "SYNC_STAGE",
        "is malformed; expected the deployment's name, such as production: up to 64 letters, digits, `-`, `_` and `.`",
    );
    None
}
