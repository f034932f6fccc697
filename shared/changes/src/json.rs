//! A body's JSON, read strictly: no member twice, no deeper than a change can be, and numbers with all
//! their digits.
//!
//! Never in here: what the members mean. And no `Debug` of what was read: it is personal data.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use web::{Faults, Pointer};

/// A change is an object in which `fields` has an object with the key of another row in it.
const DEPTH_MAX: usize = 4;

/// A value of a body.
pub(crate) enum Json {
    Null,
    Boolean(bool),
    /// In JSON's own notation.
    Number(String),
    Text(String),
    /// No change has one, so nobody looks into it.
    Array,
    Object(Members),
}

/// The members of an object, in its order.
pub(crate) type Members = Vec<(String, Json)>;

impl Json {
    /// What it is called in JSON.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::Array => "an array",
            Self::Object(_) => "an object",
        }
    }
}

/// Reads a body.
///
/// # Errors
/// Where it is no JSON, too deep, or has a member twice: all of these. Never a value.
pub(crate) fn read(body: &[u8]) -> Result<Json, Faults> {
    let mut faults = Faults::default();
    let top = Pointer::default();
    let raw: &RawValue = match serde_json::from_slice(body) {
        Ok(raw) => raw,
        Err(error) => {
            faults.add("not-json", &top, place_of(&error));
            return Err(faults);
        }
    };
    if depth(raw.get()) > DEPTH_MAX {
        let detail = format!("the body is nested deeper than the {DEPTH_MAX} levels of a change");
        faults.add("too-deep", &top, detail);
        return Err(faults);
    }
    let json = value(raw, &top, &mut faults);
    match faults.count() {
        0 => Ok(json),
        _ => Err(faults),
    }
}

/// Reads a value that is known to be JSON and not too deep.
fn value(raw: &RawValue, at: &Pointer, faults: &mut Faults) -> Json {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'n') => Json::Null,
        Some(b't') => Json::Boolean(true),
        Some(b'f') => Json::Boolean(false),
        Some(b'[') => Json::Array,
        Some(b'{') => match serde_json::from_str::<RawMembers<'_>>(text) {
            Ok(raw) => Json::Object(members(raw, at, faults)),
            Err(_) => half_a_character(at, faults),
        },
        Some(b'"') => match serde_json::from_str(text) {
            Ok(text) => Json::Text(text),
            Err(_) => half_a_character(at, faults),
        },
        _ => Json::Number(text.to_owned()),
    }
}

/// The grammar lets `\ud800` stand alone, which is no text.
fn half_a_character(at: &Pointer, faults: &mut Faults) -> Json {
    let detail = "it has an escape such as \\ud800 that is only half a character";
    faults.add("not-json", at, detail);
    Json::Null
}

fn members(raw: RawMembers<'_>, at: &Pointer, faults: &mut Faults) -> Members {
    let mut names: Vec<&str> = raw.0.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    for same in names.chunk_by(|one, other| one == other) {
        if let [one, _, ..] = same {
            let detail = "this member is there more than once; expected it once";
            faults.add("duplicate-member", &at.at(one), detail);
        }
    }
    raw.0
        .into_iter()
        .map(|(name, raw)| {
            let value = value(raw, &at.at(&name), faults);
            (name, value)
        })
        .collect()
}

/// How deep arrays and objects of this JSON are in each other.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The parser's own text may quote what it met.
fn place_of(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    format!("the body is not JSON in UTF-8: line {line}, column {column}")
}

/// The members as they stand there, also those of the same name.
struct RawMembers<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for RawMembers<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = RawMembers<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(RawMembers(members))
            }
        }
        deserializer.deserialize_map(All)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(body: &[u8]) -> Vec<(String, &'static str)> {
        match read(body) {
            Ok(_) => Vec::new(),
            Err(faults) => faults
                .into_told()
                .into_iter()
                .map(|fault| (fault.pointer, fault.code))
                .collect(),
        }
    }

    #[test]
    fn brackets_inside_texts_are_no_depth() {
        assert!(faults(br#"{"a":{"b":{"c":{"d":"[[[[\"[{\\"}}}}"#).is_empty());
        let deep = br#"{"a":{"b":{"c":{"d":[]}}}}"#;
        assert_eq!(faults(deep), [(String::new(), "too-deep")]);
    }

    #[test]
    fn a_million_brackets_do_not_overflow_the_stack() {
        for (open, close) in ["[]", "{}"].map(|both| both.split_at(1)) {
            let member = if open == "{" { "\"a\":" } else { "" };
            let body = format!(
                "{}1{}",
                format!("{open}{member}").repeat(1_000_000),
                close.repeat(1_000_000)
            );
            assert_eq!(faults(body.as_bytes()), [(String::new(), "too-deep")]);
        }
    }

    #[test]
    fn a_member_that_is_there_twice_is_named_with_all_others_however_it_is_written() {
        let found = faults(br#"{"a":{"b":1,"\u0062":2},"c":1,"c":1,"c":1}"#);
        let expected = ["/c", "/a/b"].map(|at| (at.to_owned(), "duplicate-member"));
        assert_eq!(found, expected);
    }

    #[test]
    fn half_a_character_and_what_is_not_utf_8_are_not_json() {
        assert_eq!(
            faults(br#"{"a":"\ud800"}"#),
            [("/a".to_owned(), "not-json")]
        );
        for body in [
            &b"\xff"[..],
            b"{\"a\":\"\xc3\"}",
            b"\xef\xbb\xbf{}",
            b"{}{}",
            b"",
        ] {
            assert_eq!(faults(body), [(String::new(), "not-json")]);
        }
    }
}
