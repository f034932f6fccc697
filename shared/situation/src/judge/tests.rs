//! What is worth knowing, and what is not.

use jiff::{SignedDuration, ToSpan};
use sync_engine::{RunReport, StreamReport, StreamStatus};
use sync_store::{RunHeader, RunRecord};

use super::*;
use crate::{Dynamics, Expiring, Subscribers};

/// 12:00 in Oslo.
const NOON: &str = "2026-11-20T11:00:00Z";

fn file() -> StreamFile {
    let text = "time_zone = \"Europe/Oslo\"\n[[stream]]\nname = \"members\"\ntable = \"contacts\"\nfields = { email = \"emailaddress1\" }";
    StreamFile::parse(text, "streams.toml").unwrap()
}

fn noon() -> Timestamp {
    NOON.parse().unwrap()
}

fn ago(hours: i64) -> Timestamp {
    noon() - SignedDuration::from_hours(hours)
}

/// A run that ended so many hours ago.
fn run(hours: i64, status: StreamStatus, stored: u64) -> RunRecord<RunReport> {
    let stream = StreamReport {
        name: "members".into(),
        status,
        stored,
        ..StreamReport::default()
    };
    RunRecord {
        header: RunHeader {
            run_id: String::new(),
            started_at: ago(hours),
            invocation: 1,
            streams_hash: String::new(),
        },
        ended_at: ago(hours),
        streams_hash: String::new(),
        report: RunReport {
            streams: vec![stream],
            ..RunReport::default()
        },
    }
}

/// All is well: a run last night, and a check just now.
fn good() -> Situation {
    let check = Check {
        at: noon(),
        dynamics: Dynamics {
            token: Outcome::Good,
            who_am_i: Outcome::Good,
            latency_ms: Some(80),
        },
        ..Check::default()
    };
    let stream = StreamSituation {
        name: "members".into(),
        pulls: true,
        as_of: Some(ago(12)),
        lag: Some(Duration::from_secs(12 * HOUR)),
        ..StreamSituation::default()
    };
    Situation {
        now: noon(),
        first_check: Some(ago(100 * 24)),
        check: Some(check),
        runs: vec![run(12, StreamStatus::Complete, 3)],
        streams: vec![stream],
        ..Situation::default()
    }
}

/// What is found once this is so, with how bad it is; then the levels of the stream and of all.
fn found(change: impl Fn(&mut Situation)) -> (Vec<(Level, What)>, Level, Level) {
    let mut situation = good();
    change(&mut situation);
    let runs = situation.runs.clone();
    situation.streams[0].add_history(&runs);
    situation.judge(&file());
    let concerns = situation.concerns.iter();
    let whats = concerns.map(|concern| (concern.level, concern.what.clone()));
    (
        whats.collect(),
        situation.streams[0].level,
        situation.verdict(),
    )
}

fn whats(change: impl Fn(&mut Situation)) -> Vec<What> {
    let (found, ..) = found(change);
    found.into_iter().map(|(_, what)| what).collect()
}

#[test]
fn a_sync_that_runs_every_night_is_good_and_one_that_never_ran_is_empty() {
    assert_eq!(found(|_| ()), (vec![], Level::Good, Level::Good));
    let never = |situation: &mut Situation| {
        situation.runs.clear();
        situation.first_check = Some(ago(1));
        situation.check = None;
        situation.streams[0].as_of = None;
        situation.streams[0].lag = None;
    };
    assert_eq!(found(never), (vec![], Level::Empty, Level::Empty));
}

#[test]
fn what_expires_soon_is_told_and_makes_nothing_worse() {
    let expiring = |situation: &mut Situation| {
        situation.streams[0].expiring = Expiring {
            total: 4,
            soonest: Vec::new(),
        };
    };
    let expected = vec![(Level::Good, What::Expiring(4))];
    assert_eq!(found(expiring), (expected, Level::Good, Level::Good));
}

#[test]
fn a_night_without_a_run_explains_an_old_copy() {
    let missed = |situation: &mut Situation| {
        situation.runs = vec![run(36, StreamStatus::Complete, 3)];
        situation.streams[0].lag = Some(Duration::from_secs(36 * HOUR));
    };
    let expected = vec![(Level::Broken, What::RunNotDone)];
    assert_eq!(found(missed), (expected, Level::Good, Level::Broken));
    // A run that another one held up, or that goes on, is not done.
    for status in [StreamStatus::Held, StreamStatus::Continue] {
        let held = |situation: &mut Situation| {
            situation.runs = vec![run(1, status, 0), run(36, StreamStatus::Complete, 3)];
        };
        assert_eq!(whats(held), [What::RunNotDone]);
    }
    // One that failed is done, and told of as a failure.
    let failed = |situation: &mut Situation| {
        situation.runs = vec![
            run(12, StreamStatus::Failed, 0),
            run(36, StreamStatus::Complete, 3),
        ];
    };
    assert_eq!(whats(failed), [What::Failing { times: 1 }]);
}

#[test]
fn a_schedule_that_was_never_switched_on_is_missed_after_the_first_night() {
    for (first_check, expected) in [(ago(11), vec![]), (ago(13), vec![What::RunNotDone])] {
        let never = |situation: &mut Situation| {
            situation.runs.clear();
            situation.streams[0].as_of = None;
            situation.streams[0].lag = None;
            situation.first_check = Some(first_check);
        };
        assert_eq!(whats(never), expected);
    }
}

#[test]
fn runs_that_are_green_while_nothing_moves_are_told_of() {
    // Row 33 of the list of faults: the copy's age, and the newest change.
    let old = |situation: &mut Situation| {
        situation.streams[0].lag = Some(Duration::from_secs(33 * HOUR));
    };
    assert_eq!(found(old).0, [(Level::Broken, What::Stale)]);
    for (nights, expected) in [(13, vec![]), (14, vec![What::NothingMoves { days: 14 }])] {
        let still = |situation: &mut Situation| {
            situation.runs = (0..=nights)
                .map(|night| run(12 + 24 * night, StreamStatus::Complete, 0))
                .collect();
        };
        assert_eq!(whats(still), expected);
    }
}

#[test]
fn that_nothing_moves_is_no_wonder_if_runs_fail_or_are_missing() {
    for (last, expected) in [
        (None, What::RunNotDone),
        (Some(StreamStatus::Failed), What::Failing { times: 1 }),
    ] {
        let still = |situation: &mut Situation| {
            let quiet = (1..=15).map(|night| run(12 + 24 * night, StreamStatus::Complete, 0));
            let last = last.map(|status| run(12, status, 0));
            situation.runs = last.into_iter().chain(quiet).collect();
        };
        assert_eq!(whats(still), [expected]);
    }
}

#[test]
fn a_copy_is_not_old_before_the_next_nights_run_is_missed() {
    // On the day with 25 hours, from midnight to six in the morning.
    let longest = |situation: &mut Situation| {
        situation.streams[0].lag = Some(Duration::from_secs(31 * HOUR));
    };
    assert_eq!(whats(longest), []);
}

#[test]
fn since_when_it_is_so_is_said_only_where_that_is_known() {
    let mut situation = good();
    situation.now = ago(-4);
    let check = situation.check.as_mut().unwrap();
    check.dynamics.token = Outcome::Failed("AADSTS7000215".into());
    check.credential = Some(Credential {
        certificate: false,
        expires_on: Some("2026-11-25".parse().unwrap()),
    });
    situation.judge(&file());
    let since = |wanted: &What| {
        let mut concerns = situation.concerns.iter();
        concerns.find(|one| one.what == *wanted).unwrap().since
    };
    assert_eq!(since(&What::NotChecked), Some(noon()));
    assert_eq!(since(&What::DynamicsUnreachable), None);
    assert_eq!(since(&What::CredentialExpiring { days: 5 }), None);
}

#[test]
fn what_differs_is_counted_over_all_invocations_of_the_newest_run_that_says_so() {
    use StreamStatus::{Complete, Continue, Failed};
    // Newest first: the run, how it ended, what differs, and what of it is counted anew each time.
    for (invocations, expected) in [
        (
            vec![
                ("b", Complete, 3, 1),
                ("b", Continue, 4, 2),
                ("a", Complete, 9, 0),
            ],
            5,
        ),
        (vec![("b", Failed, 0, 0), ("a", Complete, 2, 0)], 2),
        (vec![("b", Failed, 1, 0), ("a", Complete, 2, 0)], 1),
        (vec![("b", Complete, 0, 0), ("a", Complete, 2, 0)], 0),
        (vec![], 0),
    ] {
        let runs = invocations
            .into_iter()
            .map(|(run_id, status, mismatches, unheeded)| {
                let mut run = run(1, status, 1);
                run.header.run_id = run_id.into();
                run.report.streams[0].mismatches = mismatches;
                run.report.streams[0].unheeded = unheeded;
                run
            });
        let mut stream = good().streams.remove(0);
        stream.add_history(&runs.collect::<Vec<_>>());
        assert_eq!(stream.mismatches, expected);
    }
}

#[test]
fn three_failures_in_a_row_or_one_after_twenty_hours_are_failing() {
    use StreamStatus::{Complete, Continue, Failed, Guarded, Skipped, Unreadable};
    for (statuses, expected) in [
        (vec![Unreadable, Failed, Unreadable, Complete], Some(3)),
        (vec![Skipped, Failed, Failed, Failed], None),
        (vec![Failed, Failed, Complete], None),
        (vec![Failed, Continue, Failed, Failed, Complete], Some(3)),
        (vec![Failed, Failed, Guarded, Failed], None),
        (vec![Complete, Failed, Failed, Failed], None),
    ] {
        let failing = |situation: &mut Situation| {
            let hours = 1..;
            let runs = hours.zip(&statuses);
            situation.runs = runs.map(|(hours, status)| run(hours, *status, 1)).collect();
        };
        let expected: Vec<_> = expected
            .map(|times| What::Failing { times })
            .into_iter()
            .collect();
        assert_eq!(whats(failing), expected, "{statuses:?}");
    }
}

#[test]
fn what_the_guard_stopped_is_broken_until_somebody_releases_it() {
    for (released, expected) in [(false, 2), (true, 0)] {
        let guarded = |situation: &mut Situation| {
            let stopped = Guarded {
                vanishing: 40,
                of: 60,
                run_id: "night".into(),
                since: ago(12),
            };
            situation.streams[0].guarded = Some((stopped.clone(), released));
            situation.streams[0].expiry_guarded = Some((stopped, released));
            // That it is old follows from it.
            situation.streams[0].lag = Some(Duration::from_secs(40 * HOUR));
        };
        assert_eq!(found(guarded).0.len(), expected);
    }
}

#[test]
fn what_waits_for_a_person_wants_attention() {
    let waiting = |situation: &mut Situation| {
        situation.streams[0].held = 1;
        situation.streams[0].refused = 2;
        situation.streams[0].quarantined = 3;
        situation.runs[0].report.streams[0].schema_changes = Some(5);
        situation.alerts_unsent = 4;
    };
    let expected = [
        What::AlertsUnsent(4),
        What::Held(1),
        What::Refused(2),
        What::SchemaChanged(5),
        What::Quarantined(3),
    ];
    let expected = expected.map(|what| (Level::Attention, what)).to_vec();
    let levels = (Level::Attention, Level::Attention);
    assert_eq!(found(waiting), (expected, levels.0, levels.1));
}

#[test]
fn a_credential_is_counted_in_days_of_the_organisations_time_zone() {
    for (days, expected) in [
        (31, None),
        (
            30,
            Some((Level::Attention, What::CredentialExpiring { days: 30 })),
        ),
        (
            2,
            Some((Level::Attention, What::CredentialExpiring { days: 2 })),
        ),
        (
            1,
            Some((Level::Broken, What::CredentialExpiring { days: 1 })),
        ),
        (
            0,
            Some((Level::Broken, What::CredentialExpiring { days: 0 })),
        ),
        (-1, Some((Level::Broken, What::CredentialExpired))),
    ] {
        let expires = |situation: &mut Situation| {
            // Half past midnight in Oslo, and the day before in UTC.
            situation.now = "2026-11-20T23:30:00Z".parse().unwrap();
            let today: jiff::civil::Date = "2026-11-21".parse().unwrap();
            let check = situation.check.as_mut().unwrap();
            check.at = situation.now;
            check.credential = Some(Credential {
                certificate: true,
                expires_on: Some(today + days.days()),
            });
        };
        assert_eq!(found(expires).0, Vec::from_iter(expected));
    }
    let unknown = |situation: &mut Situation| {
        situation.check.as_mut().unwrap().credential = Some(Credential {
            certificate: false,
            expires_on: None,
        });
    };
    assert_eq!(whats(unknown), [What::CredentialEndUnknown]);
}

#[test]
fn a_check_that_is_old_or_found_a_door_closed_is_told_of() {
    let old = |situation: &mut Situation| situation.check.as_mut().unwrap().at = ago(4);
    assert_eq!(whats(old), [What::NotChecked]);
    let none = |situation: &mut Situation| situation.check = None;
    assert_eq!(whats(none), []);
    let long = |situation: &mut Situation| {
        situation.check = None;
        situation.runs.push(run(36, StreamStatus::Complete, 1));
    };
    assert_eq!(whats(long), [What::NotChecked]);
    let closed = |situation: &mut Situation| {
        let check = situation.check.as_mut().unwrap();
        check.dynamics.token = Outcome::Failed("AADSTS7000215".into());
        let mut subscribers = Subscribers::default();
        subscribers.coordinators.confirmed = Some(0);
        check.subscribers = Some(subscribers);
    };
    assert_eq!(
        whats(closed),
        [What::DynamicsUnreachable, What::NobodySubscribed]
    );
}

#[test]
fn what_is_changed_in_a_table_is_told_by_the_run_that_counted_it() {
    let told =
        "the table was changed in Dynamics since the run of 2026-07-01: column `fax` is gone";
    let mut runs = vec![
        run(12, StreamStatus::Failed, 0),
        run(36, StreamStatus::Complete, 1),
    ];
    let looked = &mut runs[1].report.streams[0];
    looked.schema_changes = Some(1);
    looked.notes.push(told.to_owned());
    let mut stream = good().streams.remove(0);
    stream.add_history(&runs);
    assert_eq!(stream.schema_changes, Some(1));
    assert_eq!(stream.told_changes.as_deref(), Some(told));
}

#[test]
fn a_changed_table_is_told_until_a_run_that_looked_at_it_finds_nothing() {
    for (newest, expected) in [
        // The newest run could not look.
        (None, vec![What::SchemaChanged(2)]),
        (Some(0), vec![]),
    ] {
        let changed = |situation: &mut Situation| {
            let mut before = run(36, StreamStatus::Complete, 1);
            before.report.streams[0].schema_changes = Some(2);
            situation.runs.push(before);
            situation.runs[0].report.streams[0].schema_changes = newest;
        };
        assert_eq!(whats(changed), expected);
    }
}
