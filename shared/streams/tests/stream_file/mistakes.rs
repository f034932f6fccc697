//! What a file with mistakes is told.

use super::{MINIMAL, messages, report, with_stream};

#[test]
fn every_mistake_is_reported_together_in_the_order_of_the_file() {
    let text = r#"time_zone = "Europe/Osl"
langauge = "nb"
csv = { delimiter = ";;" }

[[stream]]
name = "Members"
table = "contacts table"
direction = "pul"
feilds = { email = "emailaddress1" }

[[stream]]
name = "certifications"
table = "hlf_certifications"
direction = "both"
conflict = "newest-win"
key = ["hlf_mentorcod"]
where = { statecode = 1.5, StateCode = true }
deletes = { from_dynamics = "tombston", to_dynamics = "deactivat" }
[stream.fields]
id = "hlf_certificationid"
mentor_code = "hlf_mentorcode"
mentor = { column = "_hlf_contactid_value", lookup = "contacts" }
status = { column = "hlf_status", type = "dat", choice = { active = 1 } }
state = { column = "hlf_status", choice = { active = 1, valid = 1, " old" = "2" } }
level = { column = "hlf_level", choice = {} }
comment = { colum = "hlf_comment", clearable = true }
visible = true

[[stream]]
name = "certifications"
table = "contacts"
update = "skip"
fields = {}
"#;
    insta::assert_snapshot!(report(text), @r#"
    27 mistakes in streams.toml:
    streams.toml:1:13: time_zone: expected an IANA time zone such as "Europe/Oslo", found "Europe/Osl"; did you mean "Europe/Oslo"?
    streams.toml:2:1: unknown key `langauge`; did you mean `language`?
    streams.toml:3:21: csv.delimiter: expected one of ";", ",", "\t" or "|", found ";;"
    streams.toml:6:8: stream 1: name: expected lower-case letters, digits, `-` and `_`, beginning with a letter or digit, at most 64 characters, found "Members"
    streams.toml:7:9: stream 1: table: expected a Dataverse entity set, such as "contacts": letters a to z, digits and `_`, found "contacts table"
    streams.toml:8:13: stream 1: direction: expected "pull", "push" or "both", found "pul"; did you mean "pull"?
    streams.toml:9:1: stream 1: unknown key `feilds`; did you mean `fields`?
    streams.toml:15:12: stream "certifications": conflict: expected "dynamics-wins", "app-wins", "newest-wins" or "hold", found "newest-win"; did you mean "newest-wins"?
    streams.toml:16:8: stream "certifications": key: no field of this stream reads column "hlf_mentorcod"; did you mean "hlf_mentorcode"?
    streams.toml:17:23: stream "certifications": where.statecode: expected a string, an integer or a boolean, found a decimal number
    streams.toml:17:28: stream "certifications": where.StateCode: expected a column's logical name, such as "emailaddress1": lower-case letters, digits and `_`, found "StateCode"; did you mean "statecode"?
    streams.toml:18:29: stream "certifications": deletes.from_dynamics: expected "tombstone" or "ignore", found "tombston"; did you mean "tombstone"?
    streams.toml:18:55: stream "certifications": deletes.to_dynamics: expected "ignore", "deactivate" or "delete", found "deactivat"; did you mean "deactivate"?
    streams.toml:20:1: stream "certifications": fields.id: `id` is the row's GUID, which every record has by itself; remove it or choose another name
    streams.toml:22:21: stream "certifications": fields.mentor.column: expected a column's logical name, such as "emailaddress1": lower-case letters, digits and `_`, found "_hlf_contactid_value"; a lookup goes by the column's own name: did you mean "hlf_contactid"?
    streams.toml:23:42: stream "certifications": fields.status.type: expected "date", found "dat"; did you mean "date"?
    streams.toml:23:58: stream "certifications": fields.status.choice: a field has one of `type`, `lookup` and `choice`, not several
    streams.toml:24:20: stream "certifications": fields.state.column: another field reads column "hlf_status" already
    streams.toml:24:65: stream "certifications": fields.state.choice.valid: 1 already has the label "active"; numbers must be unique
    streams.toml:24:68: stream "certifications": fields.state.choice: expected a label without blanks around it, found " old"
    streams.toml:24:77: stream "certifications": fields.state.choice." old": expected the choice's number, found a string
    streams.toml:25:42: stream "certifications": fields.level.choice: expected a table of labels and numbers, such as { active = 1, expired = 2 }
    streams.toml:26:13: stream "certifications": fields.comment: unknown key `colum`; did you mean `column`?
    streams.toml:27:11: stream "certifications": fields.visible: expected a column, or a table such as { column = "hlf_validto", type = "date" }, found a boolean
    streams.toml:30:8: stream "certifications": name: another stream has this name; names must be unique
    streams.toml:32:10: stream "certifications": update: a stream with direction "pull", the default, writes nothing to Dynamics; set direction to "both", or remove this
    streams.toml:33:10: stream "certifications": fields: expected at least one field, such as { email = "emailaddress1" }
    "#);
}

#[test]
fn an_empty_file_says_what_it_must_have() {
    insta::assert_snapshot!(report(""), @r#"
    2 mistakes in streams.toml:
    streams.toml:1:1: `time_zone` is missing; expected an IANA time zone such as "Europe/Oslo"
    streams.toml:1:1: `stream` is missing; expected at least one [[stream]]
    "#);
    assert_eq!(messages("# nothing\r\n"), messages(""));
}

#[test]
fn a_syntax_error_is_reported_with_the_mistakes_elsewhere_and_nothing_is_called_missing() {
    let text = "time_zone = Europe/Oslo\nlanguage = \"nn\"\n\n[[stream]]\nname = \"members\ntable = \"contacts\"\n\
                fields = { email = \"emailaddress1\" }\ndirection = \"up\"\n";
    insta::assert_snapshot!(report(text), @r#"
    4 mistakes in streams.toml:
    streams.toml:1:13: not valid TOML: string values must be quoted, expected literal string
    streams.toml:2:12: language: expected "nb" or "en", found "nn"; did you mean "nb"?
    streams.toml:5:16: not valid TOML: invalid basic string, expected `"`
    streams.toml:8:13: stream "members": direction: expected "pull", "push" or "both", found "up"
    "#);
}

#[test]
fn the_same_key_twice_is_a_mistake_where_it_stands_again() {
    let text = with_stream(&format!("{MINIMAL}\ntable = \"accounts\""));
    insta::assert_snapshot!(report(&text), @r#"
    1 mistake in streams.toml:
    streams.toml:6:1: not valid TOML: duplicate key
    "#);
}

#[test]
fn a_value_of_the_wrong_type_says_what_was_expected() {
    for (text, message) in [
        (
            "time_zone = 1",
            "expected an IANA time zone such as \"Europe/Oslo\", found an integer",
        ),
        (
            "csv = \";\"",
            "expected a table such as { delimiter = \";\" }, found a string",
        ),
        (
            "stream = {}",
            "expected [[stream]], with two brackets on each side, found a table",
        ),
        (
            "stream = [1]",
            "expected a [[stream]] table, found an integer",
        ),
        ("stream = []", "expected at least one [[stream]]"),
        (
            "language = 2026-01-01",
            "expected \"nb\" or \"en\", found a date or time",
        ),
    ] {
        let found = messages(text);
        assert!(
            found.iter().any(|found| found == message),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn a_stream_name_that_cannot_be_a_file_name_a_flag_or_the_changes_export_is_refused() {
    for name in [
        "changes",
        "Members",
        "-members",
        "mem bers",
        "mem#bers",
        "medlemmer-æ",
        "",
        &"x".repeat(65),
    ] {
        let keys = format!(
            "name = \"{name}\"\ntable = \"contacts\"\nfields = {{ email = \"emailaddress1\" }}"
        );
        assert_eq!(messages(&with_stream(&keys)).len(), 1, "{name}");
    }
    for name in ["members", "members-2026_b", "0", &"x".repeat(64)] {
        let keys = format!(
            "name = \"{name}\"\ntable = \"contacts\"\nfields = {{ email = \"emailaddress1\" }}"
        );
        assert_eq!(
            messages(&with_stream(&keys)),
            Vec::<String>::new(),
            "{name}"
        );
    }
}

#[test]
fn a_number_that_dataverse_cannot_hold_is_refused() {
    let large = with_stream(&format!(
        "{MINIMAL}\nwhere = {{ size = 9223372036854775808 }}"
    ));
    assert_eq!(messages(&large), ["this number is too large for a column"]);
    let choice = "name = \"members\"\ntable = \"contacts\"\nfields.kind = { column = \"kind\", choice = { a = 2147483648 } }";
    assert_eq!(
        messages(&with_stream(choice)),
        ["this number is too large for a choice"]
    );
}

#[test]
fn an_anchor_that_is_not_a_bare_day_is_refused() {
    let expected = "expected a day without quotes and without a time, such as 2024-01-01, found";
    for (anchor, found) in [
        ("\"2024-01-01\"", "a string"),
        ("2024", "an integer"),
        ("2024-01-01T00:00:00", "a date or time"),
        ("2024-01-01T00:00:00Z", "a date or time"),
        ("10:00:00", "a date or time"),
    ] {
        let text = with_stream(&format!("{MINIMAL}\nanchor = {anchor}"));
        assert_eq!(messages(&text), [format!("{expected} {found}")], "{anchor}");
    }
    let impossible = messages(&with_stream(&format!("{MINIMAL}\nanchor = 2024-02-30")));
    assert_eq!(impossible.len(), 1, "{impossible:?}");
}

#[test]
fn what_stands_in_an_unreadable_line_is_neither_missing_nor_checked() {
    let lost_key = "time_zone \"Europe/Oslo\"\n[[stream]]\nname = \"members\"\ntable \"contacts\"\n\
                    fields = { email = \"emailaddress1\" }";
    let lost_header = format!("time_zone = \"Europe/Oslo\"\n[[stream]\n{MINIMAL}");
    let unquoted = format!("language = nb\n{}", with_stream(MINIMAL));
    for (text, expected) in [
        (
            lost_key,
            ["not valid TOML: key with no value, expected `=`"].repeat(2),
        ),
        (
            &lost_header,
            vec!["not valid TOML: unclosed array table, expected `]`"],
        ),
        (
            &unquoted,
            vec!["not valid TOML: string values must be quoted"],
        ),
    ] {
        assert_eq!(messages(text), expected, "{text}");
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_line() {
    assert!(report("\u{feff}tme_zone = 1").contains("streams.toml:1:1: unknown key"));
}
