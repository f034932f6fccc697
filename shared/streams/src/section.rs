//! Reading one table of the file: its keys are checked once, its values fetched by type.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::Problems;
use crate::names::{nearest, quoted};

/// A table of the file whose keys have been checked.
pub(crate) struct Section<'a, 'i> {
    table: &'a DeTable<'i>,
    at: Range<usize>,
    place: String,
    /// Known names that an unknown key of this table was probably meant to be.
    misspelt: Vec<&'static str>,
}

/// A value together with where it stands.
pub(crate) struct Entry<T> {
    pub(crate) value: T,
    pub(crate) at: Range<usize>,
    pub(crate) place: String,
}

impl<'a, 'i> Section<'a, 'i> {
    /// Takes a table that stands at `at`, and reports every key that is not in `known`.
    pub(crate) fn open(
        table: &'a DeTable<'i>,
        at: Range<usize>,
        place: String,
        known: &[&'static str],
        problems: &mut Problems<'_>,
    ) -> Self {
        let mut misspelt = Vec::new();
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                let near = nearest(name, known.iter().copied());
                // With its header unreadable, a key is seen in a table where it does not belong.
                if near.is_none() && problems.torn() {
                    continue;
                }
                let hint = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("expected one of {}", listed(known, '`')),
                };
                misspelt.extend(known.iter().filter(|known| near == Some(**known)));
                problems.add(
                    key.span(),
                    &place,
                    format!("unknown key {}; {hint}", code(name)),
                );
            }
        }
        Self {
            table,
            at,
            place,
            misspelt,
        }
    }

    /// The value of a key, whatever its type.
    pub(crate) fn get(&self, key: &str) -> Option<Entry<&'a DeValue<'i>>> {
        self.table
            .get(key)
            .map(|value| entry(value, self.place_of(key)))
    }

    /// The text of a key; a value of another type is reported.
    pub(crate) fn text(
        &self,
        key: &str,
        expected: &str,
        problems: &mut Problems<'_>,
    ) -> Option<Entry<&'a str>> {
        self.get(key)?.text(expected, problems)
    }

    /// A value with its place, if the key was given one that could be read as `value`.
    pub(crate) fn given<T>(&self, key: &str, value: Option<T>) -> Option<Entry<T>> {
        let Entry { at, place, .. } = self.get(key)?;
        value.map(|value| Entry { value, at, place })
    }

    /// Yes or no; anything else is reported.
    pub(crate) fn truth(&self, key: &str, problems: &mut Problems<'_>) -> Option<bool> {
        let found = self.get(key)?;
        let truth = found.value.as_bool();
        if truth.is_none() {
            found.wrong_type("true or false", problems);
        }
        truth
    }

    /// One of a few words; anything else is reported with the nearest of them.
    pub(crate) fn word<T: Copy>(
        &self,
        key: &str,
        words: &[(&str, T)],
        problems: &mut Problems<'_>,
    ) -> Option<T> {
        let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
        let expected = listed(&names, '"');
        let Entry { value, at, place } = self.text(key, &expected, problems)?;
        let found = words.iter().find(|(name, _)| *name == value);
        if found.is_none() {
            let hint = nearest(value, names)
                .map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"));
            problems.add(
                at,
                &place,
                format!("expected {expected}, found {}{hint}", quoted(value)),
            );
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// Reports that a key is missing, unless it was misspelt or may stand in an unreadable part.
    pub(crate) fn missing(&self, key: &'static str, expected: &str, problems: &mut Problems<'_>) {
        if self.lacks(key, problems) {
            problems.add(
                self.at.clone(),
                &self.place,
                format!("`{key}` is missing; expected {expected}"),
            );
        }
    }

    /// Whether a key is missing, and neither was misspelt nor may stand in an unreadable part.
    pub(crate) fn lacks(&self, key: &'static str, problems: &Problems<'_>) -> bool {
        !self.table.contains_key(key) && !self.misspelt.contains(&key) && !problems.torn()
    }

    /// How a key of this table is called in messages.
    pub(crate) fn place_of(&self, key: &str) -> String {
        child(&self.place, key)
    }
}

impl<'a, 'i> Entry<&'a DeValue<'i>> {
    /// The value as a text; another type is reported.
    pub(crate) fn text(
        self,
        expected: &str,
        problems: &mut Problems<'_>,
    ) -> Option<Entry<&'a str>> {
        let text = self.value.as_str();
        if text.is_none() {
            self.wrong_type(expected, problems);
        }
        text.map(|value| Entry {
            value,
            at: self.at,
            place: self.place,
        })
    }

    /// The value as a table; another type is reported.
    pub(crate) fn table(
        self,
        expected: &str,
        problems: &mut Problems<'_>,
    ) -> Option<Entry<&'a DeTable<'i>>> {
        let table = self.value.as_table();
        if table.is_none() {
            self.wrong_type(expected, problems);
        }
        table.map(|value| Entry {
            value,
            at: self.at,
            place: self.place,
        })
    }

    /// Reports that the value has a type that was not expected.
    pub(crate) fn wrong_type(&self, expected: &str, problems: &mut Problems<'_>) {
        let found = match self.value {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "an integer",
            DeValue::Float(_) => "a decimal number",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        problems.add(
            self.at.clone(),
            &self.place,
            format!("expected {expected}, found {found}"),
        );
    }
}

/// A value with its place.
pub(crate) fn entry<'a, 'i>(
    value: &'a Spanned<DeValue<'i>>,
    place: String,
) -> Entry<&'a DeValue<'i>> {
    Entry {
        value: value.get_ref(),
        at: value.span(),
        place,
    }
}

/// The place of `key` inside `place`: `stream "members"`, then `stream "members": fields`, then
/// `stream "members": fields.email`.
pub(crate) fn child(place: &str, key: &str) -> String {
    let bare = !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    let key = if bare { key.to_owned() } else { quoted(key) };
    match place {
        "" => key,
        stream if stream.starts_with("stream ") && !stream.contains(": ") => {
            format!("{stream}: {key}")
        }
        parent => format!("{parent}.{key}"),
    }
}

/// The entries of a table in the order of the file (the parser hands them out by name).
pub(crate) fn in_file_order<'a, 'i>(
    table: &'a DeTable<'i>,
    place: &str,
) -> Vec<(Entry<&'a str>, Entry<&'a DeValue<'i>>)> {
    let mut entries: Vec<_> = table
        .iter()
        .map(|(key, value)| {
            let place = child(place, key.get_ref());
            let name = Entry {
                value: key.get_ref().as_ref(),
                at: key.span(),
                place: place.clone(),
            };
            (name, entry(value, place))
        })
        .collect();
    entries.sort_by_key(|(name, _)| name.at.start);
    entries
}

/// A list for a message: `"a", "b" or "c"`, each name between two of `mark`.
pub(crate) fn listed(names: &[&str], mark: char) -> String {
    let marked: Vec<String> = names
        .iter()
        .map(|name| format!("{mark}{name}{mark}"))
        .collect();
    match marked.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// A key from the file as it may stand in a one-line message.
fn code(name: &str) -> String {
    format!("`{}`", quoted(name).trim_matches('"'))
}
