//! What an expiry means, and what one with mistakes is told.

use streams::{ConditionValue, Expiry, FieldValue, TargetValue};

use super::{EXAMPLE, MINIMAL, messages, report, streams, with_stream};

/// What the example's expiry says, to be replaced by something else.
const DATE: &str = "date = \"valid_to\"";
const FROM: &str = "from = { status = \"active\" }";
const SET: &str =
    "set  = { status = \"expired\", portal_visible = false, \"mentor.portal_visible\" = false }";

/// What is said of the example with a part of it replaced.
fn told(part: &str, by: &str) -> Vec<String> {
    assert!(EXAMPLE.contains(part), "{part}");
    messages(&EXAMPLE.replace(part, by))
}

/// The expiries of a valid file's streams.
fn expiries(text: &str) -> Vec<Expiry> {
    let expiries = streams(text).into_iter().map(|stream| stream.expiry);
    expiries.flatten().collect()
}

fn value_of(field: &str, value: ConditionValue) -> FieldValue {
    FieldValue {
        field: field.into(),
        value,
    }
}

#[test]
fn the_example_s_expiry_means_what_it_says() {
    let text = |text: &str| ConditionValue::Text(text.into());
    let hidden = ConditionValue::Boolean(false);
    let expected = Expiry {
        date: "valid_to".into(),
        from: vec![value_of("status", text("active"))],
        set: vec![
            value_of("portal_visible", hidden.clone()),
            value_of("status", text("expired")),
        ],
        targets: vec![TargetValue {
            lookup: "mentor".into(),
            stream: "members".into(),
            field: "portal_visible".into(),
            value: hidden,
        }],
        warn_days: Vec::new(),
    };
    assert_eq!(expiries(EXAMPLE), [expected]);
}

#[test]
fn a_target_is_found_in_a_stream_further_down_and_in_the_stream_itself() {
    let (head, streams) = EXAMPLE.split_once("\n[[stream]]").unwrap();
    let (members, certifications) = streams.split_once("\n[[stream]]").unwrap();
    let turned = format!("{head}\n[[stream]]{certifications}\n[[stream]]{members}");
    assert_eq!(expiries(&turned), expiries(EXAMPLE));

    let own = EXAMPLE.replace("lookup = \"contacts\"", "lookup = \"hlf_certifications\"");
    assert_eq!(expiries(&own)[0].targets[0].stream, "certifications");
}

#[test]
fn without_from_every_row_may_expire_and_targets_alone_are_enough() {
    let set = "set = { \"mentor.portal_visible\" = false, \"mentor.email\" = \"none\" }";
    let expiry = &expiries(&EXAMPLE.replace(FROM, "").replace(SET, set))[0];
    assert_eq!((expiry.from.len(), expiry.set.len()), (0, 0));
    let fields = expiry.targets.iter().map(|target| &target.field);
    assert!(fields.eq(["email", "portal_visible"]));
}

#[test]
fn every_mistake_of_an_expiry_is_reported_together_in_the_order_of_the_file() {
    let text = EXAMPLE
        .replace(DATE, "date = \"valid_too\"\nwarn_days = [30, 0]")
        .replace(FROM, "from = { statuss = \"active\" }")
        .replace(
            SET,
            "sett = 1\nset = { status = \"expird\", mentor_code = \"x\", \"mentor.visible\" = false }",
        );
    insta::assert_snapshot!(report(&text), @r#"
    7 mistakes in streams.toml:
    streams.toml:26:8: stream "certifications": expiry.date: no field of this stream is called "valid_too"; did you mean "valid_to"?
    streams.toml:27:18: stream "certifications": expiry.warn_days: expected 1 to 366 days, found 0
    streams.toml:28:10: stream "certifications": expiry.from.statuss: no field of this stream is called "statuss"; did you mean "status"?
    streams.toml:29:1: stream "certifications": expiry: unknown key `sett`; did you mean `set`?
    streams.toml:30:18: stream "certifications": expiry.set.status: expected the label "active", "expired" or "suspended", found "expird"; did you mean "expired"?
    streams.toml:30:28: stream "certifications": expiry.set.mentor_code: field "mentor_code" is part of the stream's key, which an expiry must not change; remove it
    streams.toml:30:47: stream "certifications": expiry.set."mentor.visible": no stream that reads table "contacts" has a field "visible"; add it to its fields
    "#);
}

#[test]
fn an_expiry_without_its_date_or_without_anything_to_set_says_what_it_must_have() {
    let date =
        "`date` is missing; expected the field with the last valid day, such as \"valid_to\"";
    let values = "at least one field and its value, such as { status =";
    let set = format!("{values} \"expired\" }}");
    assert_eq!(told(DATE, ""), [date]);
    assert_eq!(told(SET, ""), [format!("`set` is missing; expected {set}")]);
    assert_eq!(told(SET, "set = {}"), [format!("expected {set}")]);
    assert_eq!(
        told(FROM, "from = {}"),
        [format!("expected {values} \"active\" }}")]
    );
    assert_eq!(
        told(FROM, "from = \"active\""),
        [format!("expected {values} \"active\" }}, found a string")]
    );
    assert_eq!(
        messages(&with_stream(&format!("{MINIMAL}\nexpiry = 3"))),
        ["expected a table [stream.expiry] with `date` and `set`, found an integer"]
    );
}

#[test]
fn a_date_that_is_no_date_field_of_the_stream_is_refused() {
    for (date, message) in [
        (
            "\"hlf_validto\"",
            "no field of this stream is called \"hlf_validto\"; did you mean \"valid_to\"?",
        ),
        (
            "\"until\"",
            "no field of this stream is called \"until\"; add it to the fields",
        ),
        (
            "\"status\"",
            "expected a field with type = \"date\", which \"status\" is not",
        ),
        (
            "2024-01-01",
            "expected the field with the last valid day, such as \"valid_to\", found a date or time",
        ),
    ] {
        assert_eq!(told(DATE, &format!("date = {date}")), [message], "{date}");
    }
    let near = "expected a field with type = \"date\", which \"valid_too\" is not; did you mean \"valid_to\"?";
    let text = EXAMPLE
        .replace("mentor_code    =", "valid_too = \"hlf_too\"\nmentor_code =")
        .replace(DATE, "date = \"valid_too\"");
    assert_eq!(messages(&text), [near]);
}

#[test]
fn a_value_that_does_not_fit_its_field_is_refused() {
    let labels = "expected the label \"active\", \"expired\" or \"suspended\", found";
    for (from, message) in [
        (
            "status = \"activ\"",
            format!("{labels} \"activ\"; did you mean \"active\"?"),
        ),
        ("status = \"gone\"", format!("{labels} \"gone\"")),
        (
            "status = 1",
            format!("{labels} 1; did you mean \"active\"?"),
        ),
        ("status = 9", format!("{labels} 9")),
        ("status = true", format!("{labels} a boolean")),
        (
            "mentor = 1",
            "expected the GUID of a row, found an integer".into(),
        ),
        (
            "portal_visible = 1.5",
            "expected a string, an integer or a boolean, found a decimal number".into(),
        ),
        (
            "portal_visible = 9223372036854775808",
            "this number is too large for a column".into(),
        ),
        (
            "valid_to = \"2024-01-01\"",
            "field \"valid_to\" is a date, and an expiry neither compares nor sets one; remove it"
                .into(),
        ),
    ] {
        for part in [FROM, SET] {
            let key = if part == FROM { "from" } else { "set" };
            let by = format!("{key} = {{ {from} }}");
            assert_eq!(told(part, &by), [message.as_str()], "{by}");
        }
    }
}

#[test]
fn a_set_must_not_change_what_identifies_the_row() {
    let expected = "field \"mentor_code\" is part of the stream's key, which an expiry must not change; remove it";
    assert_eq!(told(SET, "set = { mentor_code = \"x\" }"), [expected]);

    let text = EXAMPLE
        .replace("anchor    = 2024-01-01", "key = \"emailaddress1\"")
        .replace(SET, "set = { \"mentor.email\" = \"x\" }");
    let expected = expected.replace("mentor_code", "email");
    assert_eq!(messages(&text), [expected]);
}

#[test]
fn a_name_over_a_lookup_that_leads_nowhere_is_refused() {
    for (set, message) in [
        (
            "\"mentr.portal_visible\" = false",
            "no field of this stream is called \"mentr\"; did you mean \"mentor\"?",
        ),
        (
            "\"status.portal_visible\" = false",
            "expected a field with `lookup` before the dot, which \"status\" is not",
        ),
        (
            "\"mentor.portal_visibel\" = false",
            "no stream that reads table \"contacts\" has a field \"portal_visibel\"; did you mean \"mentor.portal_visible\"?",
        ),
        (
            "\"mentor.on_the_page\" = false",
            "no stream that reads table \"contacts\" has a field \"on_the_page\"; add it to its fields",
        ),
        (
            "mentor.portal_visible = false",
            "a name over a lookup stands in quotes; write \"mentor.portal_visible\"",
        ),
    ] {
        let by = format!("set = {{ {set} }}");
        assert_eq!(told(SET, &by), [message], "{by}");
    }
    assert_eq!(
        told("lookup = \"contacts\"", "lookup = \"accounts\""),
        [
            "no stream of this file reads table \"accounts\", to which lookup \"mentor\" refers; \
             add one, with a field \"portal_visible\""
        ]
    );
    assert_eq!(
        told(FROM, "from = { \"mentor.portal_visible\" = true }"),
        [
            "expected a field of this stream, found \"mentor.portal_visible\"; only `set` reaches over a lookup"
        ]
    );
}

#[test]
fn a_target_that_two_streams_could_mean_is_refused() {
    let second = "[[stream]]\nname = \"mentors\"\ntable = \"contacts\"\nfields";
    let both = format!("{EXAMPLE}{second}.portal_visible = \"hlf_portalvisible\"");
    assert_eq!(
        messages(&both),
        [
            "expected one stream that reads table \"contacts\" and has a field \"portal_visible\", \
             found 2: \"members\", \"mentors\"; keep the field in one"
        ]
    );
    let other = format!("{EXAMPLE}{second}.email = \"emailaddress1\"");
    assert_eq!(expiries(&other)[0].targets[0].stream, "members");
}

#[test]
fn a_choice_of_the_target_s_stream_takes_that_stream_s_labels() {
    let page = "portal_visible = { column = \"hlf_page\", choice = { shown = 1, hidden = 2 } }";
    let text = EXAMPLE.replace("portal_visible = \"hlf_portalvisible\"", page);
    let label = |label: &str| {
        let by = format!("\"mentor.portal_visible\" = \"{label}\"");
        text.replace("\"mentor.portal_visible\" = false", &by)
    };
    let value = ConditionValue::Text("hidden".into());
    assert_eq!(expiries(&label("hidden"))[0].targets[0].value, value);
    assert_eq!(
        messages(&label("hiden")),
        ["expected the label \"shown\" or \"hidden\", found \"hiden\"; did you mean \"hidden\"?"]
    );
}

#[test]
fn what_another_mistake_hides_is_not_called_missing_by_the_expiry() {
    for (part, by) in [
        // A field with a mistake of its own, then a label, the target's field and the target's stream.
        ("type = \"date\"", "type = \"dat\""),
        ("expired = 2", "expired = 1"),
        (
            "portal_visible = \"hlf_portalvisible\"",
            "portal_visible = 1",
        ),
        ("table     = \"contacts\"", "table = \"con tacts\""),
        ("name      = \"members\"", "name = \"Members\""),
        ("table     = \"contacts\"", "table = contacts"),
        ("fields    =", "fields = 3 #"),
        (
            "[[stream]]\nname      = \"members\"",
            "[[stream]\nname = \"members\"",
        ),
        (SET, "[stream.expiry.set]\nstatus \"expired\""),
        ("[stream.fields]", "[stream.fields"),
    ] {
        assert_eq!(told(part, by).len(), 1, "{part}: {:?}", told(part, by));
    }
}
