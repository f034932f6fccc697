//! The history of runs.

use crate::support::{Tables, later};
use sync_store::RunRecord;

#[tokio::test]
async fn the_invocations_of_a_run_share_its_beginning_and_none_overwrites_another() {
    let tables = Tables::empty().await;
    for (seconds, hash, report) in [(0, "abc", "continue"), (900, "changed", "complete")] {
        let header = tables
            .store
            .begin_run("night", hash, later(seconds))
            .await
            .unwrap();
        let ended_at = later(seconds + 600);
        let run = RunRecord {
            header,
            ended_at,
            streams_hash: hash.into(),
            report: report.to_owned(),
        };
        tables.store.put_run(&run).await.unwrap();
    }
    let runs = tables.store.latest_runs::<String>(10).await.unwrap();
    let shown: Vec<_> = runs
        .iter()
        .map(|run| {
            let ran_with = run.streams_hash.as_str();
            (run.header.invocation, ran_with, run.report.as_str())
        })
        .collect();
    assert_eq!(shown, [(2, "changed", "complete"), (1, "abc", "continue")]);
    assert!(runs.iter().all(|run| run.header.streams_hash == "abc"));
    assert!(runs.iter().all(|run| run.header.started_at == later(0)));
}

#[tokio::test]
async fn the_latest_runs_come_first_and_no_more_than_asked_for() {
    let tables = Tables::empty().await;
    for night in 0..4 {
        let began = later(night * 86_400);
        let header = tables
            .store
            .begin_run(&format!("night-{night}"), "abc", began)
            .await
            .unwrap();
        let run = RunRecord {
            header,
            ended_at: began,
            streams_hash: String::new(),
            report: night,
        };
        tables.store.put_run(&run).await.unwrap();
    }
    let runs = tables.store.latest_runs::<i64>(3).await.unwrap();
    assert_eq!(
        runs.iter().map(|run| run.report).collect::<Vec<_>>(),
        [3, 2, 1]
    );
}
