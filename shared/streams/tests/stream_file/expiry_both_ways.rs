//! An expiry whose values are written to Dynamics as well, and the warnings before it.

use streams::Direction;

use super::{EXAMPLE, messages, report, streams};

/// The example with its certifications going both ways.
fn both() -> String {
    let key = "key       = [\"hlf_mentorcode\"]";
    EXAMPLE.replace(key, &format!("{key}\ndirection = \"both\""))
}

/// The example with its members going both ways, which its expiry reaches over the lookup.
fn members_both() -> String {
    EXAMPLE.replace("direction = \"pull\"", "direction = \"both\"")
}

const VISIBLE: &str = "{ column = \"hlf_portalvisible\"";
const MEMBERS_VISIBLE: &str = "portal_visible = \"hlf_portalvisible\"";

/// What is said of a text with a part of it replaced.
fn told(text: &str, part: &str, by: &str) -> Vec<String> {
    assert!(text.contains(part), "{part}");
    messages(&text.replace(part, by))
}

#[test]
fn an_expiry_reaches_from_a_stream_that_pushes_into_one_that_does_not_and_back() {
    for (text, directions) in [
        (both(), [Direction::Pull, Direction::Both]),
        (members_both(), [Direction::Both, Direction::Pull]),
    ] {
        let streams = streams(&text);
        assert!(streams.iter().map(|stream| stream.direction).eq(directions));
        assert_eq!(streams[1].expiry.as_ref().unwrap().targets.len(), 1);
    }
}

#[test]
fn an_expiry_that_would_write_what_dynamics_owns_is_refused_only_where_it_is_written() {
    let owned = format!("{VISIBLE}, owner = \"dynamics\"");
    let expected = "field \"portal_visible\" has owner = \"dynamics\", so the expiry could not write it there; \
                    remove it, or the owner";
    assert_eq!(told(&both(), VISIBLE, &owned), [expected]);
    assert!(told(EXAMPLE, VISIBLE, &owned).is_empty());

    let owned = format!("portal_visible = {owned} }}");
    assert_eq!(told(&members_both(), MEMBERS_VISIBLE, &owned), [expected]);
    assert!(told(EXAMPLE, MEMBERS_VISIBLE, &owned).is_empty());
}

#[test]
fn an_expiry_that_would_never_be_written_is_refused() {
    let told_of = |field: &str, when: &str| {
        format!(
            "field \"{field}\" is written only {when}, so the expiry would never reach Dynamics; \
             give the field update = \"if-changed\", or remove it"
        )
    };
    let create = "when its row is created (update = \"skip\")";
    let empty = "where Dynamics has no value (update = \"if-empty\")";
    let direction = "direction = \"both\"";
    let skip = format!("{direction}\nupdate = \"skip\"");
    let both_fields = [told_of("status", create), told_of("portal_visible", create)];
    assert_eq!(told(&both(), direction, &skip), both_fields);
    let one = [told_of("portal_visible", empty)];
    let own = format!("{VISIBLE}, update = \"if-empty\"");
    assert_eq!(told(&both(), VISIBLE, &own), one);
    // Over the lookup it is the target's stream and field that decide.
    let one = [told_of("portal_visible", create)];
    assert_eq!(told(&members_both(), direction, &skip), one);
    // A field's own strategy makes it right.
    let own = format!("portal_visible = {VISIBLE}, update = \"always\" }}");
    let text = members_both().replace(MEMBERS_VISIBLE, &own);
    assert_eq!(told(&text, direction, &skip), [""; 0]);
}

#[test]
fn an_expiry_neither_sets_a_stamp_nor_goes_by_one() {
    let stamp = "field \"portal_visible\" is a stamp, which the sync writes by itself; remove it";
    let stamped = format!("{VISIBLE}, stamp = true");
    assert_eq!(told(&both(), VISIBLE, &stamped), [stamp]);
    let stamped = format!("portal_visible = {stamped} }}");
    assert_eq!(told(&members_both(), MEMBERS_VISIBLE, &stamped), [stamp]);

    let date = "type = \"date\"";
    let stamped = format!("{date}, stamp = true");
    assert_eq!(
        told(&both(), date, &stamped),
        [
            "field \"valid_to\" is a stamp, which changes with every write and is no last valid day; choose another field"
        ]
    );
}

#[test]
fn an_expiry_does_not_reach_into_a_stream_that_only_pushes() {
    let text = EXAMPLE
        .replace("direction = \"pull\"", "direction = \"push\"")
        .replace(
            "where     = { statecode = 0 }\nanchor    = 2024-01-01\n",
            "",
        );
    assert_eq!(
        messages(&text),
        [
            "no stream of this file reads table \"contacts\", to which lookup \"mentor\" refers; \
             add one, with a field \"portal_visible\""
        ]
    );
}

#[test]
fn warnings_come_longest_first_whatever_the_order_of_the_file() {
    let text = EXAMPLE.replace(
        "[stream.expiry]",
        "[stream.expiry]\nwarn_days = [7, 366, 0x1e, 1]",
    );
    let streams = streams(&text);
    assert_eq!(
        streams[1].expiry.as_ref().unwrap().warn_days,
        [366, 30, 7, 1]
    );
}

#[test]
fn warnings_that_cannot_be_given_are_refused() {
    let expected = "expected 1 to 8 numbers of days, such as [30, 7], found";
    for (days, message) in [
        ("30", format!("{expected} an integer")),
        ("[]", format!("{expected} 0")),
        ("[1, 2, 3, 4, 5, 6, 7, 8, 9]", format!("{expected} 9")),
        ("[30, 30]", "30 is named twice".into()),
        ("[0]", "expected 1 to 366 days, found 0".into()),
        ("[367]", "expected 1 to 366 days, found 367".into()),
        ("[-7]", "expected 1 to 366 days, found -7".into()),
        ("[65543]", "expected 1 to 366 days, found 65543".into()),
        (
            "[\"7\"]",
            "expected a number of days, found a string".into(),
        ),
        (
            "[7.5]",
            "expected a number of days, found a decimal number".into(),
        ),
    ] {
        let by = format!("[stream.expiry]\nwarn_days = {days}");
        assert_eq!(told(EXAMPLE, "[stream.expiry]", &by), [message], "{days}");
    }
    assert_eq!(report(EXAMPLE), "valid");
}
