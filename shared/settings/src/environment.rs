//! Variables by name, from wherever they come.

/// Looks a variable up by its name. A command line puts its flags in front of the process's variables
/// by answering for their names itself.
pub type Environment<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// The variables of this process: what a `main` hands in. Nothing else in the workspace reads them.
pub fn process_environment(name: &str) -> Option<String> {
    // What is not Unicode keeps its place, so that it is called malformed and not missing.
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// A variable's value without blanks around it. Empty is as good as missing: templates and shells
/// hand over empty values for what was not given.
pub(crate) fn text(env: &Environment<'_>, name: &str) -> Option<String> {
    env(name)
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
}
