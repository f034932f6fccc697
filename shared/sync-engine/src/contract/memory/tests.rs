//! When what was found becomes what is expected.

use super::*;

const DAY: i64 = 24 * 60 * 60;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_764_000_000 + seconds).unwrap()
}

fn looker(seconds: i64, asked: bool) -> Looker<'static> {
    Looker {
        run_id: "night",
        organization: "contoso".into(),
        table: "contacts",
        mapping: "mapping".into(),
        at: at(seconds),
        asked,
    }
}

/// A contract that differs from others by its number.
fn contract(number: u32) -> Contract {
    Contract {
        table: format!("contact{number}"),
        primary_id: "contactid".into(),
        change_tracking: true,
        keys: None,
        columns: Default::default(),
    }
}

fn memory() -> Memory {
    Memory::new(looker(0, true), contract(1), BTreeSet::new())
}

/// What a look at a changed table comes to.
fn look(memory: &mut Memory, seconds: i64, number: u32, binds: bool) -> Verdict {
    let looker = looker(seconds, false);
    let changed = number != 1;
    memory.look(looker, contract(number), BTreeSet::new(), (changed, binds))
}

#[test]
fn a_look_that_finds_nothing_and_asked_for_nothing_leaves_nothing_to_write() {
    let mut memory = memory();
    let before = memory.clone();
    assert_eq!(look(&mut memory, DAY, 1, true), Verdict::AsExpected);
    assert_eq!(memory, before);
    memory.look(
        looker(DAY, true),
        contract(1),
        BTreeSet::new(),
        (false, true),
    );
    assert_eq!((memory.seen, memory.asked_at), (at(DAY), Some(at(DAY))));
}

#[test]
fn a_change_is_taken_as_meant_14_days_after_it_was_first_found_as_it_is() {
    let mut memory = memory();
    for (seconds, number, expected) in [
        (DAY, 2, Verdict::Changed),
        (10 * DAY, 3, Verdict::Changed),
        (24 * DAY - 1, 3, Verdict::Changed),
        (24 * DAY, 3, Verdict::TakenAsMeant),
    ] {
        assert_eq!(
            look(&mut memory, seconds, number, true),
            expected,
            "{seconds}"
        );
    }
    assert_eq!((memory.expected, memory.found), (contract(3), None));
    assert_eq!(memory.seen, at(24 * DAY));
}

#[test]
fn a_change_that_stops_the_stream_is_not_taken_as_meant() {
    let mut memory = memory();
    for day in 1..100 {
        assert_eq!(look(&mut memory, day * DAY, 2, false), Verdict::Changed);
    }
    assert_eq!((&memory.expected, memory.seen), (&contract(1), at(0)));
    assert_eq!(look(&mut memory, 100 * DAY, 1, true), Verdict::AsExpected);
    assert_eq!((memory.found, memory.seen), (None, at(100 * DAY)));
}

#[test]
fn everything_is_asked_for_after_20_hours_and_once_in_a_thorough_run() {
    let memory = memory();
    let of = |run_id, seconds| Looker {
        run_id,
        ..looker(seconds, false)
    };
    let hours = |hours: i64| hours * 60 * 60;
    assert!(!memory.is_due(&of("next", hours(20) - 1), false));
    assert!(memory.is_due(&of("next", hours(20)), false));
    assert!(memory.is_due(&of("next", 1), true));
    assert!(!memory.is_due(&of("night", 1), true));
    let never = Memory {
        asked_at: None,
        ..memory
    };
    assert!(never.is_due(&of("night", 1), false));
}
