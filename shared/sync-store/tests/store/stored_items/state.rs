//! One of everything in the state table.

use std::collections::BTreeSet;

use serde_json::json;
use sync_store::{
    Acquired, AlertKey, Cursor, CursorKind, ExportOutcome, ExportRecord, ExportSource, Guard,
    Guarded, KeyWalk, Lease, Mark, Position, RunRecord, Store, Unread, Upcoming, Witness,
};

use crate::support::{KARI, Tables, cursor, later, now};

pub(super) const OLA: &str = "a0000000-0000-4000-8000-000000000002";

/// A cursor in every position, each of a stream that is called after it.
pub(super) fn cursors() -> Vec<(&'static str, Cursor)> {
    let mark = || Mark::Delta("https://contoso.crm4.dynamics.com/api/delta".to_owned());
    let next = || "https://contoso.crm4.dynamics.com/api/next".to_owned();
    let since = later(-60);
    let walk = |ended| KeyWalk {
        run_id: "night-1".into(),
        begun: now(),
        ended,
    };
    let at = |position| Cursor {
        full_by: Some("night-1".into()),
        witness: Some(Witness {
            id: KARI.into(),
            version: 7_120_155,
        }),
        vanished: 3,
        live: Some(40),
        ..cursor(position)
    };
    let walking = |ended, position| Cursor {
        walk: Some(walk(ended)),
        ..at(position)
    };
    let mark = mark();
    let overlap = |next| Position::Overlap {
        mark: mark.clone(),
        next,
        since,
    };
    let listing = |next, pages| Position::Listing {
        mark: mark.clone(),
        since,
        next,
        pages,
    };
    let comparing = |granted| Position::Comparing {
        mark: mark.clone(),
        since,
        pages: 2,
        granted,
    };
    let loading = Position::Loading {
        next: next(),
        since,
    };
    let sweeping = Position::Sweeping {
        mark: mark.clone(),
        since,
        partition: 9,
    };
    let reading = Position::Reading {
        mark: mark.clone(),
        next: next(),
        since,
    };
    let by_time = Cursor {
        kind: CursorKind::ModifiedOn,
        ..walking(
            true,
            Position::Settled {
                mark: Mark::Watermark(since),
            },
        )
    };
    let settled = Position::Settled { mark: mark.clone() };
    vec![
        ("start", cursor(Position::Start)),
        ("loading", at(loading)),
        ("overlap-begins", at(overlap(None))),
        ("overlap", at(overlap(Some(next())))),
        ("sweeping", at(sweeping)),
        ("settled", at(settled)),
        ("settled-by-time", by_time),
        ("reading", at(reading)),
        ("listing-begins", walking(false, listing(None, 0))),
        ("listing", walking(false, listing(Some(next()), 1))),
        ("comparing", walking(false, comparing(false))),
        ("comparing-granted", walking(false, comparing(true))),
    ]
}

pub(super) async fn take(store: &Store, stream: &str) -> Lease {
    match store.acquire(stream, "night-1", now()).await.unwrap() {
        Acquired::Granted { lease, .. } => lease,
        Acquired::Held { owner, .. } => panic!("held by {owner}"),
    }
}

pub(super) async fn write(tables: &Tables) {
    let store = &tables.store;
    for (stream, cursor) in cursors() {
        let lease = take(store, stream).await;
        store.checkpoint(&lease, &cursor, later(1)).await.unwrap();
        // One is in the middle of a run.
        if stream != "loading" {
            store.release(lease).await.unwrap();
        }
    }
    take(store, "taken").await;
    for guard in Guard::ALL {
        write_guards(store, guard).await;
    }
    let hides = BTreeSet::from(["members"]);
    store.note_hiding("certifications", &hides).await.unwrap();
    write_unread(store).await;
    let mut upcoming = Upcoming::default();
    upcoming.add(KARI.into(), "2026-12-01".parse().unwrap());
    upcoming.add(OLA.into(), "2026-12-02".parse().unwrap());
    let lease = take(store, "certifications").await;
    store.note_expiring(&lease, upcoming, now()).await.unwrap();
    let contract = json!({"columns": {"hlf_status": {"kind": "choice"}}});
    store.note_contract(&lease, &contract).await.unwrap();
    store.release(lease).await.unwrap();
    let check = json!({"at": now(), "dynamics": {"token": "good", "latency_ms": 12}});
    store.put_check(&check, now()).await.unwrap();
    store.put_check(&check, later(3_600)).await.unwrap();
    write_alerts(store).await;
    let rows = [(1 << 124, 7), (2 << 124, 8)];
    store
        .put_listing("members", now(), 0, &rows, now())
        .await
        .unwrap();
    write_exports(store).await;
    write_runs(store).await;
}

/// One that is stopped, and one that somebody has released.
async fn write_guards(store: &Store, guard: Guard) {
    for released in [false, true] {
        let stream = format!("{guard:?}-{released}").to_lowercase();
        let lease = take(store, &stream).await;
        let guarded = Guarded {
            vanishing: 40,
            of: 300,
            run_id: "night-1".into(),
            since: now(),
        };
        store.trip_guard(&lease, guard, &guarded).await.unwrap();
        store.release(lease).await.unwrap();
        if released {
            store.release_guard(&stream, guard).await.unwrap();
        }
    }
}

async fn write_unread(store: &Store) {
    for (id, version) in [(KARI, Some(7)), (OLA, None)] {
        let row = Unread {
            id: id.into(),
            generation: 1,
            version,
            reason: "`status` has a choice that the stream file does not know".into(),
        };
        store.put_quarantined("members", &row, now()).await.unwrap();
    }
    store
        .note_try("members", KARI, "night-1", "the same", later(60))
        .await
        .unwrap();
}

/// Noticed, told, told and about to be told again, and one that could not be sent.
async fn write_alerts(store: &Store) {
    let key = |kind: &str, subject: &str| AlertKey {
        kind: kind.into(),
        subject: subject.into(),
    };
    let noticed = key("dynamics_unreachable", "");
    store.notice_alert(&noticed, now()).await.unwrap();
    for key in [key("failing", "members"), key("stale", "members")] {
        let claim = store.claim_alert(&key, None, now()).await.unwrap();
        let told = store.alert_told(claim.unwrap(), 1, 2, later(5));
        told.await.unwrap();
    }
    let known = store.alerts().await.unwrap();
    let again = known.iter().find(|one| one.key.kind == "stale").unwrap();
    store
        .claim_alert(&again.key, Some(again), later(90_000))
        .await
        .unwrap();
    let unsent = key("held", "certifications");
    let claim = store.claim_alert(&unsent, None, now()).await.unwrap();
    store.alert_unsent(claim.unwrap()).await.unwrap();
}

async fn write_exports(store: &Store) {
    for (number, source, outcome) in [
        (1, ExportSource::Dynamics, ExportOutcome::Underway),
        (2, ExportSource::Copy, ExportOutcome::Complete),
        (3, ExportSource::Changes, ExportOutcome::Incomplete),
    ] {
        let is_over = outcome != ExportOutcome::Underway;
        let export = ExportRecord {
            id: format!("0f0c-{number}"),
            key: "office".into(),
            stream: "members".into(),
            source,
            fallback: source == ExportSource::Copy,
            began: later(number),
            ended: is_over.then(|| later(10)),
            outcome,
            rows: 40,
            bytes: 4_000,
            sha256: (outcome == ExportOutcome::Complete).then(|| "5e88".into()),
        };
        store.put_export(&export).await.unwrap();
    }
}

async fn write_runs(store: &Store) {
    for invocation in 1..=2 {
        let at = later(100 * invocation);
        let header = store.begin_run("night-1", "abc", at).await.unwrap();
        let run = RunRecord {
            header,
            ended_at: later(100 * invocation + 50),
            streams_hash: "abc".into(),
            report: json!({"run_id": "night-1", "status": "complete", "streams": []}),
        };
        store.put_run(&run).await.unwrap();
    }
}
