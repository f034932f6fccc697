//! What a valid file means.

use std::collections::BTreeMap;

use jiff::civil::date;
use streams::{ConditionValue, FieldKind, FromDynamics, Key, Language, StreamFile};

use super::{EXAMPLE, MINIMAL, messages, with_stream};

#[test]
fn the_example_means_what_it_says() {
    let file = StreamFile::parse(EXAMPLE, "streams.toml").unwrap();
    assert_eq!(file.time_zone.iana_name(), Some("Europe/Oslo"));
    assert_eq!((file.language, file.csv.delimiter), (Language::Nb, ';'));

    let [members, certifications] = file.streams.as_slice() else {
        panic!("two streams")
    };
    assert_eq!(
        (members.name.as_str(), members.table.as_str()),
        ("members", "contacts")
    );
    assert_eq!(
        (&members.key, members.deletes.from_dynamics),
        (&Key::Id, FromDynamics::Tombstone)
    );
    assert_eq!(members.filter[0].column, "statecode");
    assert_eq!(members.filter[0].value, ConditionValue::Integer(0));
    let columns: Vec<&str> = members.columns().into_iter().collect();
    assert_eq!(
        columns,
        [
            "birthdate",
            "emailaddress1",
            "firstname",
            "hlf_portalvisible",
            "lastname",
            "statecode"
        ]
    );
    assert!(members.key_fields().is_empty());
    assert_eq!(members.anchor, Some(date(2024, 1, 1)));
    assert_eq!((&members.expiry, certifications.anchor), (&None, None));

    let kinds: Vec<(&str, &FieldKind)> = certifications
        .fields
        .iter()
        .map(|field| (field.name.as_str(), &field.kind))
        .collect();
    let labels = BTreeMap::from([
        (1, "active".into()),
        (2, "expired".into()),
        (3, "suspended".into()),
    ]);
    assert_eq!(
        kinds,
        [
            ("mentor_code", &FieldKind::Plain),
            (
                "mentor",
                &FieldKind::Lookup {
                    table: "contacts".into()
                }
            ),
            ("status", &FieldKind::Choice(labels)),
            ("valid_to", &FieldKind::Date),
            ("portal_visible", &FieldKind::Plain),
        ]
    );
    let key: Vec<&str> = certifications
        .key_fields()
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    assert_eq!(key, ["mentor_code"]);
}

#[test]
fn a_key_is_the_id_a_column_or_several_columns_that_fields_read() {
    let key = |key: &str| {
        let fields = "fields = { email = \"emailaddress1\", code = \"hlf_code\" }";
        with_stream(&format!(
            "name = \"members\"\ntable = \"contacts\"\n{fields}\nkey = {key}"
        ))
    };
    let read = |text: &str| {
        StreamFile::parse(text, "streams.toml").unwrap().streams[0]
            .key
            .clone()
    };
    assert_eq!(read(&key("\"id\"")), Key::Id);
    assert_eq!(
        read(&key("\"emailaddress1\"")),
        Key::Columns(vec!["emailaddress1".into()])
    );
    let both = vec!["hlf_code".into(), "emailaddress1".into()];
    assert_eq!(
        read(&key("[\"hlf_code\", \"emailaddress1\"]")),
        Key::Columns(both)
    );
    for (bad, message) in [
        ("[]", "expected 1 to 16 columns, found 0"),
        (
            "[\"id\"]",
            "the row's GUID stands alone: write key = \"id\"",
        ),
        (
            "\"emailaddress2\"",
            "no field of this stream reads column \"emailaddress2\"; did you mean \"emailaddress1\"?",
        ),
        (
            "\"fullname\"",
            "no field of this stream reads column \"fullname\"; add a field that reads it",
        ),
        (
            "[\"hlf_code\", \"hlf_code\"]",
            "column \"hlf_code\" is named twice",
        ),
        ("[1]", "expected a column's logical name, found an integer"),
        (
            "true",
            "expected \"id\", a column, or an array of columns such as [\"hlf_mentorcode\"], found a boolean",
        ),
    ] {
        assert_eq!(messages(&key(bad)), [message], "{bad}");
    }
}

#[test]
fn a_time_zone_that_is_not_in_the_database_is_refused_with_the_nearest_one() {
    for (zone, hint) in [
        ("Oslo", "; did you mean \"Europe/Oslo\"?"),
        ("Europe/Olso", "; did you mean \"Europe/Oslo\"?"),
        ("W. Europe Standard Time", ""),
        ("Etc/Unknown", ""),
        ("", ""),
    ] {
        let found = messages(&format!("time_zone = \"{zone}\"\n[[stream]]\n{MINIMAL}"));
        let expected =
            format!("expected an IANA time zone such as \"Europe/Oslo\", found \"{zone}\"{hint}");
        assert_eq!(found, [expected]);
    }
}

#[test]
fn without_a_delimiter_the_language_decides() {
    for (head, delimiter) in [
        ("language = \"nb\"", ';'),
        ("language = \"en\"", ','),
        ("", ','),
        ("language = \"nb\"\ncsv = { delimiter = \"\\t\" }", '\t'),
    ] {
        let text = format!("{head}\n{}", with_stream(MINIMAL));
        assert_eq!(
            StreamFile::parse(&text, "streams.toml")
                .unwrap()
                .csv
                .delimiter,
            delimiter
        );
    }
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_change_nothing_but_the_hash() {
    let windows = format!("\u{feff}{}", EXAMPLE.replace('\n', "\r\n"));
    let ours = StreamFile::parse(EXAMPLE, "streams.toml").unwrap();
    let theirs = StreamFile::parse(&windows, "streams.toml").unwrap();
    assert_eq!(ours.streams, theirs.streams);
    assert_ne!(ours.hash, theirs.hash);
}

#[test]
fn the_hash_is_the_sha_256_of_the_text() {
    let file = StreamFile::parse(&with_stream(MINIMAL), "streams.toml").unwrap();
    assert_eq!(
        file.hash,
        "f4d1a25f4efeaa3d77548eab24319882cc73cc525a48df58dc916bfb007ae39c"
    );
}
