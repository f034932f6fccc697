use jiff::civil::date;
use secrecy::SecretString;

use super::*;
use crate::{InvalidName, NewKey};

fn made(seed: u8, name: &str, scopes: &[Scope]) -> NewKey {
    NewKey::generate([seed; 32], name, scopes, date(2026, 11, 21)).unwrap()
}

fn shown(name: &str, key: &SecretString) -> Shown {
    Shown {
        name: name.into(),
        key: key.clone(),
    }
}

fn refused(text: &str) -> String {
    let error = Keys::parse(text).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter"), "{error}");
    error.to_string()
}

/// A document with one key, of which a part is replaced.
fn with(part: &str, other: &str) -> String {
    let mut keys = Keys::default();
    keys.add(made(1, "app", &[Scope::Read]).entry).unwrap();
    let text = keys.to_json();
    assert_eq!(text.matches(part).count(), 1, "{text}");
    text.replace(part, other)
}

#[test]
fn a_new_key_is_known_by_its_name_with_its_scopes_and_no_other_is() {
    let app = made(1, "app", &[Scope::Read, Scope::Changes]);
    let page = made(2, "page", &[Scope::Run]);
    let mut keys = Keys::default();
    assert!(keys.is_empty());
    for key in [&app, &page] {
        keys.add(key.entry.clone()).unwrap();
    }
    let keys = Keys::parse(&keys.to_json()).unwrap();
    let caller = keys.caller(&shown("app", &app.key)).unwrap();
    assert_eq!(caller.key, "app");
    assert_eq!(caller.scopes.names(), ["read", "changes"]);
    let nearly = format!("{}A", app.key.expose_secret());
    for (name, key) in [
        ("page", &app.key),
        ("App", &app.key),
        ("", &app.key),
        ("app", &page.key),
        ("app", &nearly.into()),
        ("app", &String::new().into()),
        ("app", &app.entry.sha256.clone().into()),
    ] {
        assert_eq!(keys.caller(&shown(name, key)), None, "{name}");
    }
}

#[test]
fn a_name_that_is_there_twice_is_good_with_either_key_each_with_its_own_scopes() {
    let (old, new) = (
        made(1, "app", &[Scope::Read]),
        made(2, "app", &[Scope::Run]),
    );
    let mut keys = Keys::default();
    for key in [&old, &new] {
        keys.add(key.entry.clone()).unwrap();
    }
    for (key, scope) in [(&old, "read"), (&new, "run")] {
        let caller = keys.caller(&shown("app", &key.key)).unwrap();
        assert_eq!(caller.scopes.names(), [scope]);
    }
}

#[test]
fn a_key_has_a_mark_and_256_bits_and_is_in_no_print_and_no_document() {
    let new = made(255, "app", &[Scope::Run, Scope::Read, Scope::Run]);
    let key = new.key.expose_secret();
    assert_eq!(key, &format!("dsk_{}8", "_".repeat(42)));
    assert_eq!(new.pair().expose_secret(), &format!("app:{key}"));
    let mut keys = Keys::default();
    keys.add(new.entry.clone()).unwrap();
    for text in [keys.to_json(), format!("{keys:?} {new:?}")] {
        assert!(!text.contains(key), "{text}");
    }
    assert!(!format!("{keys:?} {new:?}").contains(&new.entry.sha256));
    insta::assert_snapshot!(keys.to_json(), @r#"
    {
      "version": 1,
      "keys": [
        {
          "name": "app",
          "sha256": "3d3ecaef6af95de2ab2a54865d5136ff2bebae7ed32e91c0e7ade08f0ff3f056",
          "scopes": [
            "read",
            "run"
          ],
          "created": "2026-11-21"
        }
      ]
    }
    "#);
}

#[test]
fn a_name_that_no_key_can_have_gets_none() {
    for name in ["", "a:b", "a b", "blåbær", "a\n", &"a".repeat(65)] {
        let made = NewKey::generate([1; 32], name, &[Scope::Read], date(2026, 11, 21));
        assert_eq!(made.unwrap_err(), InvalidName, "{name:?}");
    }
    assert!(is_name(&"a".repeat(64)) && is_name("HLF-app_2.x"));
}

#[test]
fn a_document_that_is_none_says_where_and_quotes_nothing() {
    for (text, expected) in [
        ("", "is not JSON (line 1, column 0); expected"),
        ("hunter", "is not JSON (line 1, column 1); expected"),
        ("{\"version\": 1, \"keys\": [", "is not JSON (line 1"),
        (
            "{\"version\": 1, \"keys\": []} hunter",
            "is not JSON (line 1",
        ),
        ("[]", "is not what it should be at line 1, column"),
        ("\"hunter\"", "is not what it should be at line 1, column"),
        ("{\"keys\": []}", "is not what it should be"),
        ("{\"version\": 1}", "is not what it should be"),
        (
            "{\"version\": \"hunter\", \"keys\": []}",
            "is not what it should be",
        ),
        (
            "{\"version\": 1,\n\"hunter\": 7, \"keys\": []}",
            "at line 2, column",
        ),
        (
            "{\"version\": 1, \"keys\": [], \"keys\": []}",
            "is not what it should be",
        ),
        (
            "{\"version\": 2, \"keys\": []}",
            "has another version than 1: a newer release",
        ),
        (
            "{\"version\": 2, \"keys\": [{\"hunter\": 7}], \"revoked\": []}",
            "has another version than 1: a newer release",
        ),
    ] {
        let message = refused(text);
        assert!(message.contains(expected), "{text}: {message}");
    }
    for (part, other) in [
        ("\"name\": \"app\",", ""),
        (
            "\"name\": \"app\"",
            "\"name\": \"app\", \"key\": \"hunter2\"",
        ),
        ("\"2026-11-21\"", "\"hunter2\""),
        ("\"read\"", "7"),
    ] {
        let message = refused(&with(part, other));
        assert!(
            message.contains("is not what it should be at line"),
            "{message}"
        );
    }
}

#[test]
fn everything_that_is_wrong_with_single_keys_is_said_at_once_by_their_place() {
    let hash = made(1, "app", &[Scope::Read]).entry.sha256;
    let key = |name: &str, sha256: &str, scopes: &str| {
        format!("{{\"name\": \"{name}\", \"sha256\": \"{sha256}\", \"scopes\": [{scopes}]}}")
    };
    let other = hash.replace(|_| true, "0");
    let keys = [
        key("app", &hash, "\"read\""),
        key("hunter:2", &hash, "\"read\""),
        key("app", "hunter2", "\"read\""),
        key("app", &hash.to_uppercase(), "\"read\""),
        key("app", &other, "\"hunter\""),
        key("app", &other, ""),
    ];
    let text = format!("{{\"version\": 1, \"keys\": [{}]}}", keys.join(","));
    insta::assert_snapshot!(refused(&text).replace("; key", ";\nkey"), @"
    is wrong: key 2 has a malformed `name`; expected 1 to 64 letters (a to z, A to Z), digits, `.`, `_` and `-`;
    key 3 has a malformed `sha256`; expected 64 hexadecimal digits, as `dynamics-sync keys new` prints them;
    key 4 has the `sha256` of one before it; expected each once;
    key 5 has `scopes` with a word that is none; expected one of `read`, `export`, `changes`, `run`;
    key 6 has no `scopes`; expected one at least
    ");
}

#[test]
fn no_keys_are_no_mistake_and_a_date_may_be_left_out() {
    assert!(
        Keys::parse("{\"version\": 1, \"keys\": []}")
            .unwrap()
            .is_empty()
    );
    let text = with(",\n      \"created\": \"2026-11-21\"", "");
    assert!(!Keys::parse(&text).unwrap().is_empty());
}
