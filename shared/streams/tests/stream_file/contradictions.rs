//! What keys of the way back are told where they make no sense together.

use streams::{Owner, StreamFile};

use super::{MINIMAL, keyed, messages, report, streams, with_stream};

const UNWRITTEN: &str = "a stream with direction \"pull\", the default, writes nothing to Dynamics; \
                         set direction to \"both\", or remove this";

/// What is said of a text, each with its place.
fn told(text: &str) -> Vec<(String, String)> {
    let told = StreamFile::parse(text, "streams.toml").err();
    let problems = told.iter().flat_map(|error| error.problems());
    problems
        .map(|problem| (problem.place.clone(), problem.message.clone()))
        .collect()
}

#[test]
fn a_stream_that_only_pulls_is_told_that_it_writes_nothing() {
    for (keys, place) in [
        ("conflict = \"hold\"", "conflict"),
        ("update = \"always\"", "update"),
        (
            "deletes = { to_dynamics = \"delete\" }",
            "deletes.to_dynamics",
        ),
        (
            "owner_team = \"5b2a9c1e-7d40-4c7b-9a51-0d3c8e6f1a22\"",
            "owner_team",
        ),
        ("suppress_flows = true", "suppress_flows"),
    ] {
        let place = format!("stream \"members\": {place}");
        let expected = [(place, UNWRITTEN.to_owned())];
        assert_eq!(told(&keyed("pull", keys, "")), expected, "{keys}");
        assert_eq!(told(&with_stream(&format!("{MINIMAL}\n{keys}"))), expected);
    }
    for key in [
        "owner = \"app\"",
        "clearable = true",
        "update = \"skip\"",
        "stamp = true",
    ] {
        let name = key.split(' ').next().unwrap();
        let place = format!("stream \"members\": fields.score.{name}");
        let told = told(&keyed("pull", "", &format!(", {key}")));
        assert_eq!(told, [(place, UNWRITTEN.into())], "{key}");
    }
}

#[test]
fn a_stream_that_only_pulls_may_warn_and_say_that_dynamics_owns_a_field() {
    let [stream] = streams(&keyed(
        "pull",
        "alert = \"coordinators\"",
        ", owner = \"dynamics\"",
    ))
    .try_into()
    .unwrap();
    assert!(stream.alert.is_some());
    assert_eq!(stream.fields[1].owner, Owner::Dynamics);
}

#[test]
fn a_stream_that_only_pushes_is_told_that_it_reads_nothing() {
    let rows = "there are no rows to choose from";
    for (keys, score, place, so) in [
        ("where = { statecode = 0 }", "", "where", rows),
        ("anchor = 2024-01-01", "", "anchor", rows),
        (
            "expiry = { date = \"score\", set = { email = \"x\" } }",
            ", type = \"date\"",
            "expiry",
            "there is no copy in which a row could expire",
        ),
        (
            "deletes = { from_dynamics = \"tombstone\", to_dynamics = \"delete\" }",
            "",
            "deletes.from_dynamics",
            "no delete there is noticed",
        ),
        (
            "conflict = \"app-wins\"",
            "",
            "conflict",
            "no change there is noticed with which the app's could conflict",
        ),
        (
            "",
            ", owner = \"dynamics\"",
            "fields.score.owner",
            "only what the app says of the field counts",
        ),
        (
            "",
            ", owner = \"app\"",
            "fields.score.owner",
            "only what the app says of the field counts",
        ),
    ] {
        let text = keyed("push", keys, score).replace("key = \"emailaddress1\"\n", "");
        let message = format!(
            "a stream with direction \"push\" reads nothing from Dynamics, so {so}; set direction to \"both\", or remove this"
        );
        let place = format!("stream \"members\": {place}");
        assert_eq!(told(&text), [(place, message)], "{keys}{score}");
    }
}

#[test]
fn an_owner_where_nothing_is_read_is_one_mistake_whatever_else_the_field_says() {
    let owned = keyed("push", "", ", owner = \"dynamics\", clearable = true");
    let key = "email = { column = \"emailaddress1\", owner = \"app\" }";
    let key = keyed("push", "", "").replace("email = \"emailaddress1\"", key);
    for text in [owned, key] {
        let messages = messages(&text);
        let reads_nothing = |message: &String| message.contains("reads nothing from Dynamics");
        assert!(
            messages.len() == 1 && messages.iter().all(reads_nothing),
            "{messages:?}"
        );
    }
}

#[test]
fn a_stream_that_only_pushes_may_say_how_it_writes() {
    let keys = "update = \"always\"\nsuppress_flows = true\ndeletes = { to_dynamics = \"delete\" }";
    for key in ["key = \"emailaddress1\"", "key = \"id\""] {
        for score in [
            ", clearable = true",
            ", stamp = true",
            ", update = \"skip\"",
        ] {
            let text = keyed("push", keys, score).replace("key = \"emailaddress1\"", key);
            assert_eq!(report(&text), "valid", "{key}{score}");
        }
    }
}

#[test]
fn a_part_of_the_key_takes_no_rule_of_its_own() {
    let told = |what: &str| format!("a part of the stream's key {what}; remove this");
    let both_sides = told("belongs to both sides: a change names its row by it");
    for (key, message) in [
        ("owner = \"dynamics\"", both_sides.clone()),
        ("owner = \"app\"", both_sides),
        ("clearable = true", told("is never emptied")),
        (
            "update = \"always\"",
            told("is written only when its row is created"),
        ),
        ("stamp = true", told("does not change, as a stamp does")),
    ] {
        let email = format!("email = {{ column = \"emailaddress1\", {key} }}");
        let text = keyed("both", "", "").replace("email = \"emailaddress1\"", &email);
        assert_eq!(messages(&text), [message]);
    }
    let email = "email = { column = \"emailaddress1\", clearable = false, stamp = false }";
    let text = keyed("both", "", "").replace("email = \"emailaddress1\"", email);
    assert_eq!(report(&text), "valid");
}

#[test]
fn a_field_is_not_asked_for_two_things_at_once() {
    let unwritten =
        "nothing is written to a field with owner = \"dynamics\"; remove this, or the owner";
    let time = "a stamp is the time of a write; expected a field that reads a date or a date and time, \
                without `lookup` and `choice`";
    for (score, message) in [
        ("owner = \"dynamics\", clearable = true", unwritten),
        ("owner = \"dynamics\", update = \"always\"", unwritten),
        ("owner = \"dynamics\", stamp = true", unwritten),
        (
            "owner = \"app\", stamp = true",
            "another value in Dynamics would be a reason to write, which a stamp never is; remove this, or the stamp",
        ),
        (
            "clearable = true, stamp = true",
            "the sync writes a stamp by itself, and never empties it; remove this, or the stamp",
        ),
        ("stamp = true, lookup = \"contacts\"", time),
        ("stamp = true, choice = { a = 1 }", time),
        (
            "clearable = true, update = \"skip\"",
            "the field is written only when its row is created (update = \"skip\"), so a null would never empty it; \
             give it update = \"if-changed\", or remove this",
        ),
        (
            "clearable = true, update = \"if-empty\"",
            "the field is written only where Dynamics has no value (update = \"if-empty\"), so a null would never empty it; \
             give it update = \"if-changed\", or remove this",
        ),
    ] {
        let text = keyed("both", "", &format!(", {score}"));
        assert_eq!(messages(&text), [message], "{score}");
    }
    let inherited = keyed("both", "update = \"skip\"", ", clearable = true");
    let inherited = messages(&inherited).concat();
    assert!(inherited.contains("(update = \"skip\")"), "{inherited}");
    for score in [
        "clearable = true, update = \"always\"",
        "stamp = true, type = \"date\"",
        "stamp = true, update = \"skip\"",
        "owner = \"dynamics\", clearable = false, stamp = false",
    ] {
        let text = keyed("both", "", &format!(", {score}"));
        assert_eq!(report(&text), "valid", "{score}");
    }
}

#[test]
fn a_second_stamp_is_refused_where_it_stands() {
    let text = format!(
        "{}\nborn = {{ column = \"birthdate\", stamp = true }}",
        keyed("both", "", ", stamp = true").trim_end()
    );
    let place = "stream \"members\": fields.born.stamp".to_owned();
    let message = "field \"score\" is the stream's stamp already; keep one".to_owned();
    assert_eq!(told(&text), [(place, message)]);
}

#[test]
fn what_another_mistake_hides_is_not_held_against_the_direction() {
    let keys = "conflict = \"hold\"\nwhere = { statecode = 0 }";
    let text = keyed("both", keys, ", clearable = true");
    for (part, by) in [
        ("direction = \"both\"", "direction = \"booth\""),
        ("direction = \"both\"", "directon = \"both\""),
        ("direction = \"both\"", "direction \"both\""),
        ("column = \"hlf_score\"", "colum = \"hlf_score\""),
    ] {
        assert_eq!(messages(&text.replace(part, by)).len(), 1, "{by}");
    }
    // A field's own mistake does not hide what its other keys are told.
    let broken = keyed("pull", "", ", clearable = true").replace("column =", "colum =");
    assert_eq!(messages(&broken).len(), 2);
}

#[test]
fn a_column_that_the_app_owns_by_two_streams_is_told_at_the_second() {
    let stream = |name: &str, table: &str, owner: &str| {
        format!(
            "[[stream]]\nname = \"{name}\"\ntable = \"{table}\"\ndirection = \"both\"\n\
             fields = {{ shown = {{ column = \"hlf_shown\"{owner} }} }}\n"
        )
    };
    let owned = ", owner = \"app\"";
    let file = |second: &str| {
        let zone = "time_zone = \"Europe/Oslo\"\n";
        told(&format!("{zone}{}{second}", stream("a", "as", owned)))
    };
    let told = file(&stream("b", "as", owned));
    let message = "the app owns column \"hlf_shown\" of table \"as\" by stream \"a\" already, and two \
                   values of its own would be asserted against each other; let one stream own it";
    let place = "stream \"b\": fields.shown.owner";
    assert_eq!(told, [(place.to_owned(), message.to_owned())]);
    for other in [stream("b", "bs", owned), stream("b", "as", "")] {
        assert_eq!(file(&other), []);
    }
}
