//! Which form of the stream file this release reads. There has been one so far, so that files need not say it.

use toml::de::{DeTable, DeValue};

use crate::error::Problems;
use crate::section::entry;
use crate::value::integer;

/// The key.
pub(crate) const VERSION: &str = "version";

/// The form that is read.
const READ: i64 = 1;

/// Whether the file says that it is written for a newer release, which is reported. Nothing else in it can be
/// judged then: what would be called a mistake may be what is new.
pub(crate) fn is_newer(table: &DeTable<'_>, problems: &mut Problems<'_>) -> bool {
    let Some(value) = table.get(VERSION) else {
        return false;
    };
    let found = entry(value, VERSION.to_owned());
    let expected = format!("{READ}, or no `{VERSION}` at all");
    let DeValue::Integer(number) = found.value else {
        found.wrong_type(&expected, problems);
        return false;
    };
    // What is too large for a number is newer too.
    let number = integer(number).unwrap_or(i64::MAX);
    if number > READ {
        let message = format!(
            "the file is written for a newer release: it has the form {number}, and this release reads the form \
             {READ}. Update Dynamics Sync, or name a file of the older form"
        );
        problems.add(found.at, &found.place, message);
        return true;
    }
    if number != READ {
        let message = format!("expected {expected}, found {number}");
        problems.add(found.at, &found.place, message);
    }
    false
}
