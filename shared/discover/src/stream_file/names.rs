//! Names that a stream file takes, made from those that Dynamics has.

use std::collections::BTreeSet;

use crate::columns::Column;

/// The longest name of a field or a stream.
const NAME_MAX: usize = 64;
/// The longest line of a remark.
const LINE_MAX: usize = 100;
/// The name of a stream that no stream may have.
const TAKEN: &str = "changes";

/// `hlf_mentorcode` is called `mentorcode`: the part before the first underscore says whose the column is.
pub(super) fn field(column: &Column) -> String {
    let name = column.column.as_str();
    let own = name.split_once('_').filter(|_| column.own);
    let own = own.map_or(name, |(_, own)| own);
    let begins = own.starts_with(|c: char| c.is_ascii_alphabetic());
    shortened(if begins { own } else { name })
}

pub(super) fn stream(table: &str) -> String {
    let own = table.split_once('_').map_or(table, |(_, own)| own);
    let begins = own.starts_with(|c: char| c.is_ascii_alphanumeric());
    let name = shortened(&(if begins { own } else { table }).to_ascii_lowercase());
    match name.as_str() {
        "" => "stream".to_owned(),
        TAKEN => format!("{TAKEN}_of_{}", shortened(&table.to_ascii_lowercase())),
        _ => name,
    }
}

/// A label as a name: letters and digits, with underscores between words.
pub(super) fn word(label: &str) -> String {
    let label: String = label.chars().map(plain).collect();
    let words = label.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    shortened(&words.join("_"))
}

/// A letter of the languages around without what it has beyond ASCII: `utløpt` is `utlopt`, not `utl_pt`.
fn plain(letter: char) -> char {
    match letter {
        'å' | 'Å' | 'æ' | 'Æ' | 'ä' | 'Ä' | 'á' | 'Á' => 'a',
        'ø' | 'Ø' | 'ö' | 'Ö' => 'o',
        'é' | 'É' => 'e',
        'ü' | 'Ü' => 'u',
        other => other,
    }
}

/// Room is left for a number.
fn shortened(name: &str) -> String {
    name.chars().take(NAME_MAX - 4).collect()
}

/// The name, or with a number that none has had so far.
pub(super) fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut candidate = name.to_owned();
    let mut number = 2_u32;
    while !taken.insert(candidate.to_ascii_lowercase()) {
        candidate = format!("{name}_{number}");
        number = number.saturating_add(1);
    }
    candidate
}

/// A comment ends with its line.
pub(super) fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// A text in lines that can be read, broken between words.
pub(super) fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + word.chars().count() < LINE_MAX => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A text as TOML has it. Names hold nothing that would have to be escaped.
pub(super) fn quoted(text: &str) -> String {
    format!(
        "\"{}\"",
        one_line(text).replace('\\', "\\\\").replace('"', "\\\"")
    )
}
