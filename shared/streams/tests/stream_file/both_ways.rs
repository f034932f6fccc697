//! The keys of the way back to Dynamics, each by itself.

use streams::{Conflict, Deletes, Direction, FromDynamics, Owner, ToDynamics, Update};

use super::{MINIMAL, keyed, messages, streams, with_stream};

#[test]
fn without_a_word_a_stream_pulls_holds_conflicts_and_deletes_nothing() {
    let [stream] = streams(&with_stream(MINIMAL)).try_into().unwrap();
    assert_eq!(stream.direction, Direction::Pull);
    assert_eq!(
        (stream.conflict, stream.update),
        (Conflict::Hold, Update::IfChanged)
    );
    assert_eq!(stream.deletes, Deletes::default());
    assert_eq!(stream.deletes.to_dynamics, ToDynamics::Ignore);
    assert_eq!((stream.owner_team, stream.alert), (None, None));
    assert!(!stream.suppress_flows);
    let field = &stream.fields[0];
    assert_eq!((field.owner, field.update), (Owner::Both, None));
    assert!(!field.clearable && !field.stamp);
}

#[test]
fn every_word_means_what_it_says() {
    for (word, pulls, pushes) in [
        ("pull", true, false),
        ("push", false, true),
        ("both", true, true),
    ] {
        let direction = streams(&keyed(word, "", ""))[0].direction;
        assert_eq!(
            (direction.pulls(), direction.pushes()),
            (pulls, pushes),
            "{word}"
        );
    }
    let both = |keys: &str| streams(&keyed("both", keys, "")).remove(0);
    for (word, conflict) in [
        ("dynamics-wins", Conflict::DynamicsWins),
        ("app-wins", Conflict::AppWins),
        ("newest-wins", Conflict::NewestWins),
        ("hold", Conflict::Hold),
    ] {
        assert_eq!(both(&format!("conflict = \"{word}\"")).conflict, conflict);
    }
    for (word, update) in [
        ("always", Update::Always),
        ("if-changed", Update::IfChanged),
        ("if-empty", Update::IfEmpty),
        ("skip", Update::Skip),
    ] {
        assert_eq!(both(&format!("update = \"{word}\"")).update, update);
    }
    for (word, to_dynamics) in [
        ("ignore", ToDynamics::Ignore),
        ("deactivate", ToDynamics::Deactivate),
        ("delete", ToDynamics::Delete),
    ] {
        let keys = format!("deletes = {{ from_dynamics = \"ignore\", to_dynamics = \"{word}\" }}");
        let from_dynamics = FromDynamics::Ignore;
        let expected = Deletes {
            from_dynamics,
            to_dynamics,
        };
        assert_eq!(both(&keys).deletes, expected);
    }
    for (word, owner) in [("dynamics", Owner::Dynamics), ("app", Owner::App)] {
        let [stream] = streams(&keyed("both", "", &format!(", owner = \"{word}\"")))
            .try_into()
            .unwrap();
        assert_eq!(stream.fields[1].owner, owner);
    }
}

#[test]
fn a_field_s_own_strategy_goes_before_the_stream_s() {
    let [stream] = streams(&keyed(
        "both",
        "update = \"always\"",
        ", update = \"if-empty\"",
    ))
    .try_into()
    .unwrap();
    let strategies = stream.fields.iter().map(|field| field.strategy(&stream));
    assert!(strategies.eq([Update::Always, Update::IfEmpty]));
}

#[test]
fn a_word_that_is_none_is_refused_with_the_nearest() {
    let updates = "\"always\", \"if-changed\", \"if-empty\" or \"skip\"";
    let team = "the GUID of a team, such as \"5b2a9c1e-7d40-4c7b-9a51-0d3c8e6f1a22\"";
    for (keys, score, message) in [
        (
            "conflict = \"newest-win\"",
            "",
            "expected \"dynamics-wins\", \"app-wins\", \"newest-wins\" or \"hold\", found \"newest-win\"; did you mean \"newest-wins\"?".into(),
        ),
        ("update = \"never\"", "", format!("expected {updates}, found \"never\"")),
        ("update = true", "", format!("expected {updates}, found a boolean")),
        (
            "deletes.to_dynamics = \"remove\"",
            "",
            "expected \"ignore\", \"deactivate\" or \"delete\", found \"remove\"".into(),
        ),
        (
            "deletes.to_dynamic = \"delete\"",
            "",
            "unknown key `to_dynamic`; did you mean `to_dynamics`?".into(),
        ),
        ("alert = \"admins\"", "", "expected \"coordinators\", found \"admins\"".into()),
        ("owner_team = \"HLF\"", "", format!("expected {team}, found \"HLF\"")),
        (
            "owner_team = \"{5b2a9c1e-7d40-4c7b-9a51-0d3c8e6f1a22}\"",
            "",
            format!("expected {team}, found \"{{5b2a9c1e-7d40-4c7b-9a51-0d3c8e6f1a22}}\""),
        ),
        ("owner_team = 7", "", format!("expected {team}, found an integer")),
        ("suppress_flows = \"yes\"", "", "expected true or false, found a string".into()),
        ("", ", owner = \"both\"", "expected \"dynamics\" or \"app\", found \"both\"".into()),
        ("", ", clearable = 1", "expected true or false, found an integer".into()),
        ("", ", stamp = \"now\"", "expected true or false, found a string".into()),
        (
            "",
            ", update = \"if-changd\"",
            format!("expected {updates}, found \"if-changd\"; did you mean \"if-changed\"?"),
        ),
    ] {
        assert_eq!(messages(&keyed("both", keys, score)), [message], "{keys}{score}");
    }
}
