//! The history of runs.

use crate::support::{Tables, later};
use sync_store::RunRecord;

#[tokio::test]
async fn the_invocations_of_a_run_share_its_beginning_and_none_overwrites_another() {
    let tables = Tables::empty().await;
    for (seconds, report) in [(0, "continue"), (900, "complete")] {
        let header = tables
            .store
            .begin_run("night", later(seconds))
            .await
            .unwrap();
        let ended_at = later(seconds + 600);
        let run = RunRecord {
            header,
            ended_at,
            streams_hash: "abc".into(),
            report: report.to_owned(),
        };
        tables.store.put_run(&run).await.unwrap();
    }
    let runs = tables.store.latest_runs::<String>(10).await.unwrap();
    let shown: Vec<_> = runs
        .iter()
        .map(|run| (run.header.invocation, run.report.as_str()))
        .collect();
    assert_eq!(shown, [(2, "complete"), (1, "continue")]);
    assert!(runs.iter().all(|run| run.header.started_at == later(0)));
}

#[tokio::test]
async fn the_latest_runs_come_first_and_no_more_than_asked_for() {
    let tables = Tables::empty().await;
    for night in 0..4 {
        let began = later(night * 86_400);
        let header = tables
            .store
            .begin_run(&format!("night-{night}"), began)
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
