use streams::StreamFile;
use sync_store::{Base, ChangeKey, ChangeState, NewChange, Origin, Wanted};

use super::*;

const FILE: &str = r#"
time_zone = "Europe/Oslo"
[[stream]]
name = "certifications"
table = "hlf_certifications"
direction = "both"
key = ["hlf_mentorcode"]
conflict = "CONFLICT"
update = "UPDATE"
deletes = { to_dynamics = "delete" }
[stream.fields]
mentor_code = "hlf_mentorcode"
comment = { column = "hlf_comment"CLEARABLE }
hours = "hlf_hours"
visible = { column = "hlf_portalvisible", owner = "app" }
"#;

/// A change of one field, from what the app saw to what it wants, and the row meanwhile.
struct Case {
    conflict: &'static str,
    update: &'static str,
    operation: Operation,
    field: &'static str,
    /// `None`: the copy had no such record.
    saw: Option<Value>,
    wants: Value,
    /// `None`: Dynamics has no such row.
    theirs: Option<Value>,
    known: bool,
    base_version: Option<i64>,
    changed_at: &'static str,
    force: bool,
    ours: bool,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            conflict: "hold",
            update: "if-changed",
            operation: Operation::Upsert,
            field: "comment",
            saw: Some(text("old")),
            wants: text("app's"),
            theirs: Some(text("old")),
            known: false,
            base_version: None,
            changed_at: "2026-11-20T10:00:00Z",
            force: false,
            ours: false,
        }
    }
}

/// When the row was last written in Dynamics.
const MODIFIED: &str = "2026-11-20T09:00:00Z";

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn number(digits: &str) -> Value {
    Value::Number(digits.to_owned())
}

impl Case {
    fn judge(self) -> Verdict {
        let clearable = match self.update {
            "if-changed" => ", clearable = true",
            _ => "",
        };
        let file = FILE
            .replace("CONFLICT", self.conflict)
            .replace("UPDATE", self.update)
            .replace("CLEARABLE", clearable);
        let file = StreamFile::parse(&file, "streams.toml").unwrap();
        let wanted = WantedValues::from([(self.field.to_owned(), self.wants.clone())]);
        let of = |value: &Value| Fields::from([(self.field.to_owned(), value.clone())]);
        let base = self.saw.as_ref().map(|saw| Base {
            version: 5,
            dynamics: of(saw),
            shown: of(saw),
        });
        let change = Change {
            wanted: NewChange {
                id: "a".into(),
                stream: "certifications".into(),
                operation: self.operation,
                key: ChangeKey::Id("b".into()),
                fields: [(self.field.to_owned(), Wanted::Value(self.wants))].into(),
                base_version: self.base_version,
                changed_at: self.changed_at.parse().unwrap(),
                accepted_at: self.changed_at.parse().unwrap(),
                origin: Origin::App { key: "app".into() },
                digest: String::new(),
            },
            names: [self.field.to_owned()].into(),
            sequence: 1,
            row: None,
            base,
            state: ChangeState::Waiting,
            reason: None,
            attempts: 0,
            updated_at: self.changed_at.parse().unwrap(),
            lost: Vec::new(),
            theirs: Fields::new(),
            force: self.force,
        };
        let current = self.theirs.as_ref().map(|theirs| Current {
            fields: of(theirs),
            version: 7,
            modified_on: Some(MODIFIED.parse().unwrap()),
            ours: self.ours,
            by_us: None,
        });
        let row = (current.as_ref(), self.known, false);
        judge(&file.streams[0], &change, &wanted, row)
    }
}

fn writes(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Update { .. })
}

#[test]
fn what_only_the_app_changed_is_written_whatever_the_policy() {
    for conflict in ["hold", "dynamics-wins", "app-wins", "newest-wins"] {
        let case = Case {
            conflict,
            changed_at: "2020-01-01T00:00:00Z",
            ..Case::default()
        };
        let verdict = case.judge();
        let Verdict::Update { fields, loses } = verdict else {
            panic!("{verdict:?}")
        };
        assert!(fields["comment"] == text("app's"));
        assert_eq!(loses, Loses::default());
    }
}

#[test]
fn what_both_sides_changed_alike_is_no_conflict_and_not_written() {
    let verdict = Case {
        theirs: Some(text("app's")),
        ..Case::default()
    }
    .judge();
    assert_eq!(verdict, Verdict::Settled(Loses::default()));
}

fn both_changed(conflict: &'static str, changed_at: &'static str) -> Verdict {
    let theirs = Some(text("theirs"));
    Case {
        conflict,
        changed_at,
        theirs,
        ..Case::default()
    }
    .judge()
}

#[test]
fn what_both_sides_changed_differently_is_decided_by_the_policy_and_the_losers_value_is_kept() {
    let (before, after) = ("2026-11-20T08:59:59Z", "2026-11-20T09:00:01Z");
    let theirs = Fields::from([("comment".to_owned(), text("theirs"))]);
    for (conflict, changed_at, app_wins) in [
        ("app-wins", before, true),
        ("dynamics-wins", after, false),
        ("newest-wins", after, true),
        ("newest-wins", MODIFIED, false),
        ("newest-wins", before, false),
    ] {
        let verdict = both_changed(conflict, changed_at);
        let loses = match &verdict {
            Verdict::Update { loses, .. } | Verdict::Superseded { loses, .. } => loses,
            other => panic!("{conflict}: {other:?}"),
        };
        assert_eq!(writes(&verdict), app_wins, "{conflict} {changed_at}");
        assert!(loses.theirs == theirs);
        assert_eq!(loses.fields.is_empty(), app_wins);
    }
    let Verdict::Held(loses) = both_changed("hold", after) else {
        panic!()
    };
    assert!(loses.theirs == theirs && loses.fields.is_empty());
}

#[test]
fn a_held_change_that_a_person_decided_for_the_app_is_written() {
    let theirs = Some(text("theirs"));
    assert!(writes(
        &Case {
            theirs,
            force: true,
            ..Case::default()
        }
        .judge()
    ));
}

#[test]
fn a_field_that_the_app_owns_is_in_no_conflict() {
    let case = Case {
        conflict: "dynamics-wins",
        field: "visible",
        saw: Some(Value::Boolean(true)),
        wants: Value::Boolean(true),
        theirs: Some(Value::Boolean(false)),
        ..Case::default()
    };
    assert!(writes(&case.judge()));
}

#[test]
fn a_row_that_the_app_never_saw_is_in_conflict_wherever_it_says_something() {
    let never = || Case {
        saw: None,
        ..Case::default()
    };
    assert!(matches!(never().judge(), Verdict::Held(_)));
    assert!(writes(
        &Case {
            theirs: Some(Value::Null),
            ..never()
        }
        .judge()
    ));
    let ours = Case {
        ours: true,
        ..never()
    };
    assert!(writes(&ours.judge()), "it says what the app wanted before");
}

#[test]
fn a_version_that_the_copy_did_not_have_is_in_conflict_once_the_row_is_newer() {
    for (base_version, held) in [(5, false), (4, true), (6, true), (7, false)] {
        let case = Case {
            base_version: Some(base_version),
            ..Case::default()
        };
        let verdict = case.judge();
        assert_eq!(matches!(verdict, Verdict::Held(_)), held, "{base_version}");
    }
}

#[test]
fn the_update_strategy_says_when_a_value_is_written_over_another() {
    for (update, theirs, written) in [
        ("always", text("old"), true),
        ("always", text("app's"), true),
        ("if-changed", text("old"), true),
        ("if-changed", text("app's"), false),
        ("if-empty", text("old"), false),
        ("if-empty", Value::Null, true),
        ("if-empty", text(""), true),
        ("skip", text("old"), false),
        ("skip", Value::Null, false),
    ] {
        let case = Case {
            update,
            saw: Some(theirs.clone()),
            theirs: Some(theirs),
            ..Case::default()
        };
        assert_eq!(writes(&case.judge()), written, "{update}");
    }
}

#[test]
fn a_value_that_is_passed_over_is_said_to_be_lost() {
    let verdict = Case {
        update: "if-empty",
        ..Case::default()
    }
    .judge();
    let Verdict::Superseded { loses, why } = verdict else {
        panic!("{verdict:?}")
    };
    assert_eq!(loses.fields, ["comment"]);
    assert!(why.contains("`update`"), "{why}");
}

#[test]
fn a_row_that_was_deleted_in_dynamics_is_never_created_again() {
    for operation in [Operation::Update, Operation::Upsert, Operation::Create] {
        let case = Case {
            operation,
            theirs: None,
            known: true,
            ..Case::default()
        };
        let Verdict::Refused(why) = case.judge() else {
            panic!("{operation:?}")
        };
        assert_eq!(
            why,
            "the row was deleted in Dynamics; an update never creates it again"
        );
    }
}

#[test]
fn a_row_that_nobody_knows_is_created_by_an_upsert_and_refused_to_an_update() {
    let nowhere = |operation| {
        Case {
            operation,
            theirs: None,
            saw: None,
            ..Case::default()
        }
        .judge()
    };
    assert!(matches!(nowhere(Operation::Create), Verdict::Create(_)));
    let Verdict::Refused(why) = nowhere(Operation::Update) else {
        panic!()
    };
    assert!(why.starts_with("Dynamics has no such row"), "{why}");
}

#[test]
fn a_row_that_may_only_be_created_and_exists_is_left_alone() {
    let there = |theirs| Case {
        operation: Operation::Create,
        theirs: Some(theirs),
        ..Case::default()
    };
    assert_eq!(
        there(text("theirs")).judge(),
        Verdict::Refused(EXISTS.to_owned())
    );
    assert_eq!(
        there(text("app's")).judge(),
        Verdict::Settled(Loses::default())
    );
}

#[test]
fn a_null_empties_only_what_is_clearable() {
    assert!(writes(
        &Case {
            wants: Value::Null,
            ..Case::default()
        }
        .judge()
    ));
    for wants in [Value::Null, text("")] {
        let case = Case {
            field: "hours",
            saw: Some(number("2")),
            wants,
            theirs: Some(number("2")),
            ..Case::default()
        };
        let Verdict::Refused(why) = case.judge() else {
            panic!()
        };
        assert_eq!(
            why,
            "field `hours` is not `clearable`, so it may not be emptied"
        );
    }
}

#[test]
fn a_delete_of_a_row_that_changed_meanwhile_is_a_conflict() {
    let delete = |base_version, conflict| Case {
        operation: Operation::Delete,
        base_version: Some(base_version),
        conflict,
        ..Case::default()
    };
    let removed = Verdict::Remove(ToDynamics::Delete);
    assert_eq!(delete(7, "hold").judge(), removed);
    assert_eq!(delete(6, "app-wins").judge(), removed);
    assert!(matches!(delete(6, "hold").judge(), Verdict::Held(_)));
    assert!(matches!(
        delete(6, "dynamics-wins").judge(),
        Verdict::Superseded { .. }
    ));
    let gone = Case {
        operation: Operation::Delete,
        theirs: None,
        ..Case::default()
    };
    assert_eq!(gone.judge(), Verdict::Settled(Loses::default()));
}

#[test]
fn numbers_are_the_same_by_what_they_amount_to() {
    for (a, b) in [
        ("2.50", "2.5"),
        ("20000.0000", "20000"),
        ("-0", "0"),
        ("007", "7"),
        ("0.0", "0"),
    ] {
        assert!(same(&number(a), &number(b)), "{a} {b}");
    }
    for (a, b) in [("2.5", "25"), ("-1", "1"), ("0.01", "0.1"), ("100", "1")] {
        assert!(!same(&number(a), &number(b)), "{a} {b}");
    }
    assert!(same(&text(""), &Value::Null));
    assert!(!same(&text("1"), &number("1")));
}
