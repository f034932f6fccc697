//! Programs of the system that tests need, or word that they are missing.

use std::env;
use std::path::PathBuf;

use super::python::missing;

/// The first of these programs that is installed; `None` where there is none and `what` may go untested.
///
/// # Panics
/// When there is none on a machine that may skip nothing (`CI=true`).
pub(crate) fn program(names: &[&str], what: &str, package: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = names
        .iter()
        .flat_map(|name| env::split_paths(&path).map(move |folder| folder.join(name)))
        .find(|program| program.is_file());
    if found.is_none() {
        let names = names.join(" or ");
        missing(&format!(
            "{what}: there is no {names}; run `apt-get install {package}`, or what your system has in its place"
        ));
    }
    found
}
