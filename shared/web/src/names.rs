//! Names in messages: those that a caller gave, and the nearest of those that would have been right.

/// Longer names are no names of ours, and are shortened in messages.
const SHOWN_MAX: usize = 64;

/// The candidate closest to a misspelt name, as the end of a message; empty if none is close enough to be
/// meant.
pub fn did_you_mean<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> String {
    if name.chars().count() > SHOWN_MAX {
        return String::new();
    }
    streams::nearest(name, candidates)
        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// Names as a list of alternatives.
pub fn one_of<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [one] => one.clone(),
        several => format!("one of {}", several.join(", ")),
    }
}

/// A name as far as it fits a message.
pub fn shortened(name: &str) -> String {
    match name.char_indices().nth(SHOWN_MAX) {
        None => name.to_owned(),
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
    }
}
