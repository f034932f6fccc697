//! How it may stand, as runs and the scheduled check leave it in the store. The browser's tests use these too.

use std::time::Duration;

use changes::Changes;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use situation::{Check, Credential, Dynamics, Outcome, Subscribers, Topic};
use streams::{Language, StreamFile};
use sync_engine::{RunReport, RunStatus, StreamReport, StreamStatus};
use sync_store::{
    Acquired, AsOf, ChangeState, Guard, Guarded, Lease, RunHeader, RunRecord, Settlement, Store,
    Unread, Upcoming,
};

/// Two streams with a field of most kinds.
pub(crate) const FILE: &str = include_str!("streams.toml");
/// A row of Dynamics.
pub(crate) const KARI: &str = "3f0e1c9a-0000-4000-8000-000000000001";
/// A value that the page must never show.
pub(crate) const SECRET: &str = "Ring Kari privat";

const NAMES: [&str; 2] = ["members", "certifications"];

/// How it may stand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum State {
    Empty,
    Healthy,
    Degraded,
    Broken,
}

impl State {
    pub(crate) const ALL: [Self; 4] = [Self::Empty, Self::Healthy, Self::Degraded, Self::Broken];

    /// Leaves it so in empty tables, at this time.
    pub(crate) async fn fill(self, store: &Store, changes: &Changes, now: Timestamp) {
        match self {
            Self::Empty => {}
            Self::Healthy => {
                nights(store, now, 0, |_| RunStatus::Complete).await;
                fresh(store, now, 20).await;
                put_check(store, now, good_check(now, 200)).await;
            }
            Self::Degraded => {
                nights(store, now, 2, |night| match night {
                    4 => RunStatus::Partial,
                    7 => RunStatus::Failed,
                    _ => RunStatus::Complete,
                })
                .await;
                fresh(store, now, 25).await;
                let mut check = good_check(now, 12);
                check.subscribers = Some(Subscribers {
                    operations: topic(2, 1),
                    coordinators: topic(0, 1),
                });
                put_check(store, now, check).await;
                open_changes(store, changes, now).await;
                unreadable_row(store, now).await;
            }
            Self::Broken => {
                nights(store, now, 0, |night| match night {
                    0..=2 => RunStatus::Failed,
                    _ => RunStatus::Complete,
                })
                .await;
                fresh(store, now, 3 * 24 * 60).await;
                let mut check = good_check(now, -1);
                check.dynamics = Dynamics {
                    token: Outcome::Failed(
                        "cannot sign in: Entra answered AADSTS7000222, the client secret has expired. Make a new one in the app registration and store it"
                            .into(),
                    ),
                    ..Dynamics::default()
                };
                check.subscribers = None;
                check.requests_remaining = None;
                put_check(store, now, check).await;
                trip(store, now).await;
            }
        }
    }
}

/// The stream file in this language.
pub(crate) fn file(language: Language) -> StreamFile {
    let text = match language {
        Language::Nb => FILE.to_owned(),
        Language::En => FILE.replace("\"nb\"", "\"en\""),
    };
    StreamFile::parse(&text, "streams.toml").unwrap()
}

fn ago(now: Timestamp, minutes: i64) -> Timestamp {
    now - SignedDuration::from_mins(minutes)
}

/// Twenty nights, the last one a quarter of an hour ago, each of two invocations.
async fn nights(store: &Store, now: Timestamp, mismatches: u64, status: fn(u64) -> RunStatus) {
    for night in (0..20_u64).rev() {
        let began = ago(now, 20 + i64::try_from(night).unwrap() * 24 * 60);
        let status = status(night);
        for (invocation, status) in [(1, RunStatus::Continue), (2, status)] {
            let run = RunRecord {
                header: RunHeader {
                    run_id: format!("night-{night}"),
                    started_at: began,
                    invocation,
                    streams_hash: "0".into(),
                },
                ended_at: clock::after(began, Duration::from_secs(u64::from(invocation) * 150)),
                streams_hash: "0".into(),
                report: report(night, status, mismatches),
            };
            store.put_run(&run).await.unwrap();
        }
    }
}

fn report(night: u64, status: RunStatus, mismatches: u64) -> RunReport {
    let stream = |name: &str| {
        let mut stream = StreamReport {
            name: name.into(),
            status: StreamStatus::Complete,
            entity: Some(
                if name == "members" {
                    "contact"
                } else {
                    "hlf_certification"
                }
                .into(),
            ),
            pulled: 40 + night * 37 % 160,
            stored: 30 + night * 37 % 160,
            deleted: night % 5,
            requests: 4,
            ..StreamReport::default()
        };
        if name == "members" && mismatches > 0 {
            stream
                .notes
                .push(format!("One is row {KARI}: unknown choice"));
        }
        if name == "certifications" {
            stream.pushed = night * 7 % 12;
            stream.mismatches = mismatches;
            stream.schema_changes = Some(mismatches);
        } else {
            stream.schema_changes = Some(0);
        }
        match status {
            RunStatus::Continue => {
                stream.status = StreamStatus::Continue;
                stream.mismatches = 0;
            }
            RunStatus::Failed => fail(&mut stream),
            RunStatus::Partial if name == "certifications" => fail(&mut stream),
            _ => {}
        }
        stream
    };
    RunReport {
        status,
        streams: NAMES.map(stream).into(),
        preparing_requests: 5,
        ..RunReport::default()
    }
}

fn fail(stream: &mut StreamReport) {
    stream.status = StreamStatus::Failed;
    stream.pulled = 0;
    stream.stored = 0;
    stream.reason = Some(
        "cannot read hlf_certifications: the application user may not read this table (0x80040220). Give it a role with read access to the whole organisation"
            .into(),
    );
}

/// The copy is from so many minutes ago; some records expire soon.
async fn fresh(store: &Store, now: Timestamp, minutes: i64) {
    for name in NAMES {
        let lease = take(store, name, now).await;
        store.begin_generation(&lease, 1).await.unwrap();
        store.release(lease).await.unwrap();
        let as_of = AsOf {
            as_of: ago(now, minutes),
            run_id: "night-0".into(),
            generation: 1,
        };
        store.set_as_of(name, &as_of, now).await.unwrap();
    }
    let lease = take(store, "certifications", now).await;
    let mut upcoming = Upcoming::default();
    for days in [3, 9, 20] {
        let day = (now + SignedDuration::from_hours(24 * days)).to_zoned(jiff::tz::TimeZone::UTC);
        let id = format!("3f0e1c9a-0000-4000-8000-{days:012}");
        upcoming.add(id, day.date());
    }
    store.note_expiring(&lease, upcoming, now).await.unwrap();
    store.release(lease).await.unwrap();
}

async fn take(store: &Store, stream: &str, now: Timestamp) -> Lease {
    match store.acquire(stream, "night-0", now).await.unwrap() {
        Acquired::Granted { lease, .. } => lease,
        held => panic!("{held:?}"),
    }
}

fn topic(confirmed: u32, pending: u32) -> Topic {
    Topic {
        confirmed: Some(confirmed),
        pending: Some(pending),
        unanswered: false,
    }
}

fn good_check(now: Timestamp, days: i64) -> Check {
    let end = now + SignedDuration::from_hours(24 * days);
    Check {
        at: ago(now, 35),
        dynamics: Dynamics {
            token: Outcome::Good,
            who_am_i: Outcome::Good,
            latency_ms: Some(84),
        },
        credential: Some(Credential {
            certificate: false,
            expires_on: Some(end.to_zoned(jiff::tz::TimeZone::UTC).date()),
        }),
        subscribers: Some(Subscribers {
            operations: topic(2, 0),
            coordinators: topic(3, 0),
        }),
        budget_share: Some(0.5),
        requests_remaining: Some(5_870),
        instance: Some("https://hlf.crm4.dynamics.com/".into()),
    }
}

async fn put_check(store: &Store, now: Timestamp, check: Check) {
    store.put_check(&check, ago(now, 35)).await.unwrap();
}

/// Two conflicts and two refused changes, one of them with a reason that must not become part of the page.
async fn open_changes(store: &Store, changes: &Changes, now: Timestamp) {
    let hostile =
        "<script>alert(1)</script> \"'><img src=x onerror=alert(2)>\n\u{202e}txt.exe & more";
    for (number, state, reason) in [
        (
            1,
            ChangeState::Held,
            "both sides changed `comment` since the app last read it",
        ),
        (
            2,
            ChangeState::Refused,
            "Dynamics does not accept `status`: the option 7 is not valid (0x80048408)",
        ),
        (3, ChangeState::Refused, hostile),
        (
            4,
            ChangeState::Held,
            "both sides changed `status` since the app last read it",
        ),
    ] {
        let change = json!({
            "stream": "certifications",
            "operation": "update",
            "key": { "id": KARI },
            "fields": { "comment": SECRET, "status": "active" },
        });
        let key = format!("state-{number}");
        let change = change.to_string();
        let accepted = changes.accept("app", &key, change.as_bytes()).await;
        let id = accepted.unwrap().wanted.id;
        let change = store.change(&id).await.unwrap().unwrap();
        let settlement = Settlement {
            reason: Some(reason.into()),
            row: Some(KARI.into()),
            ..Settlement::new(state, now)
        };
        let settled = store.settle(&change, &settlement, &|_, _| Default::default());
        assert!(settled.await.unwrap());
    }
}

async fn unreadable_row(store: &Store, now: Timestamp) {
    let row = Unread {
        id: KARI.into(),
        generation: 1,
        version: None,
        reason: "unknown choice".into(),
    };
    store.put_quarantined("members", &row, now).await.unwrap();
}

/// The guards have stopped something of both kinds.
async fn trip(store: &Store, now: Timestamp) {
    for (stream, guard, vanishing) in [
        ("members", Guard::Vanishing, 45),
        ("certifications", Guard::Expiry, 12),
    ] {
        let lease = take(store, stream, now).await;
        let guarded = Guarded {
            vanishing,
            of: 57,
            run_id: "night-0".into(),
            since: ago(now, 3 * 24 * 60),
        };
        store.trip_guard(&lease, guard, &guarded).await.unwrap();
        store.release(lease).await.unwrap();
    }
}
