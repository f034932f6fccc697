//! What an invocation of a run came to.

use std::time::Duration;

use jiff::Timestamp;
use sync_engine::{RunReport, RunStatus, StreamReport};

use crate::line::Unit::{Count, Milliseconds, Seconds};
use crate::{Line, Metrics};

impl Metrics {
    /// The lines of an invocation that took so long: one of the stage, with the sums over all streams and the
    /// age of the oldest copy, then one of each stream.
    ///
    /// An invocation that goes on later counts as neither complete nor failed.
    pub fn of_run(&self, report: &RunReport, took: Duration, now: Timestamp) -> Vec<Line> {
        let Some(stage) = self.stage.as_deref() else {
            return Vec::new();
        };
        let streams = &report.streams;
        let sum = |count: fn(&StreamReport) -> u64| streams.iter().map(count).sum();
        let failed = matches!(report.status, RunStatus::Failed | RunStatus::Partial);
        let requests: u64 = sum(|stream| stream.requests + stream.push_requests);
        let mut metrics = vec![
            ("Pulled", Count, sum(|stream| stream.pulled)),
            ("Stored", Count, sum(|stream| stream.stored)),
            ("Deleted", Count, sum(|stream| stream.deleted)),
            ("Suppressed", Count, sum(|stream| stream.suppressed)),
            ("Pushed", Count, sum(|stream| stream.pushed)),
            ("Conflicts", Count, sum(|stream| stream.conflicts)),
            ("Refused", Count, sum(|stream| stream.refused)),
            ("Held", Count, sum(|stream| stream.held)),
            ("Quarantined", Count, sum(|stream| stream.quarantined)),
            ("Mismatches", Count, sum(|stream| stream.mismatches)),
            ("Requests", Count, requests + report.preparing_requests),
            ("Throttled", Count, sum(|stream| stream.throttled)),
            ("Waiting", Count, sum(|stream| stream.waiting)),
            ("Duration", Milliseconds, milliseconds(took)),
            (
                "RunsComplete",
                Count,
                u64::from(report.status == RunStatus::Complete),
            ),
            ("RunsFailed", Count, u64::from(failed)),
        ];
        let oldest = streams.iter().filter_map(|stream| stream.lag_seconds).max();
        metrics.extend(oldest.map(|lag| ("LagSeconds", Seconds, lag)));
        let run_id = Some(report.run_id.as_str());
        let mut lines = vec![Line::new(now, (stage, None), run_id, &metrics)];
        lines.extend(streams.iter().map(|stream| {
            let mut metrics = vec![
                ("Refused", Count, stream.refused),
                ("Waiting", Count, stream.waiting),
            ];
            metrics.extend(stream.lag_seconds.map(|lag| ("LagSeconds", Seconds, lag)));
            Line::new(now, (stage, Some(&stream.name)), run_id, &metrics)
        }));
        lines
    }
}

fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use sync_engine::StreamStatus;

    use super::*;
    use crate::line::tests::{assert_taken, names, now};

    fn stream(name: &str, lag_seconds: Option<u64>) -> StreamReport {
        StreamReport {
            name: name.to_owned(),
            status: StreamStatus::Complete,
            pulled: 10,
            refused: 2,
            waiting: 3,
            requests: 4,
            push_requests: 5,
            lag_seconds,
            reason: Some("the reason".to_owned()),
            ..StreamReport::default()
        }
    }

    fn report(status: RunStatus, streams: Vec<StreamReport>) -> RunReport {
        RunReport {
            run_id: "night-1".to_owned(),
            status,
            preparing_requests: 6,
            streams,
            ..RunReport::default()
        }
    }

    fn lines(report: &RunReport) -> Vec<Value> {
        let took = Duration::from_millis(1_500);
        let lines = Metrics::new(Some("test".to_owned())).of_run(report, took, now());
        lines.iter().map(assert_taken).collect()
    }

    #[test]
    fn a_run_tells_its_sums_and_of_each_stream_what_is_worth_an_alarm() {
        let streams = vec![
            stream("members", Some(7)),
            stream("certifications", Some(90)),
        ];
        let lines = lines(&report(RunStatus::Complete, streams));
        assert_eq!(lines.len(), 3);
        let run = &lines[0];
        for (name, value) in [
            ("Pulled", 20),
            ("Refused", 4),
            ("Waiting", 6),
            ("Requests", 6 + 2 * 9),
            ("LagSeconds", 90),
            ("Duration", 1_500),
            ("RunsComplete", 1),
            ("RunsFailed", 0),
        ] {
            assert_eq!(run[name], value, "{name}");
        }
        assert_eq!(names(&lines[2]), ["Refused", "Waiting", "LagSeconds"]);
        let told = ["Stream", "LagSeconds", "Waiting", "Refused"].map(|name| &lines[2][name]);
        assert_eq!(
            told,
            [&json!("certifications"), &json!(90), &json!(3), &json!(2)]
        );
    }

    /// The bound that the crate's head states, and no text of a report.
    #[test]
    fn twenty_streams_make_17_metrics_and_three_a_stream_with_no_text_but_names() {
        let streams = (0..20).map(|n| stream(&format!("s{n}"), Some(n))).collect();
        let lines = lines(&report(RunStatus::Partial, streams));
        let metrics: usize = lines.iter().map(|line| names(line).len()).sum();
        assert_eq!(metrics, 17 + 3 * 20);
        for line in lines {
            let members = line.as_object().unwrap().iter();
            let texts = members.filter(|(_, value)| value.is_string());
            let texts: Vec<_> = texts.map(|(name, _)| name.as_str()).collect();
            let known = ["Stage", "Stream", "run_id"];
            assert!(texts.iter().all(|name| known.contains(name)), "{texts:?}");
        }
    }

    #[test]
    fn a_copy_that_was_never_read_whole_has_no_age() {
        let lines = lines(&report(RunStatus::Continue, vec![stream("members", None)]));
        assert!(lines.iter().all(|line| line.get("LagSeconds").is_none()));
    }

    #[test]
    fn only_runs_that_are_over_count_as_complete_or_failed() {
        for (status, complete, failed) in [
            (RunStatus::Complete, 1, 0),
            (RunStatus::Continue, 0, 0),
            (RunStatus::Held, 0, 0),
            (RunStatus::Partial, 0, 1),
            (RunStatus::Failed, 0, 1),
        ] {
            let lines = lines(&report(status, Vec::new()));
            let told = (&lines[0]["RunsComplete"], &lines[0]["RunsFailed"]);
            assert_eq!(told, (&json!(complete), &json!(failed)), "{status:?}");
        }
    }

    #[test]
    fn without_a_stage_there_are_no_lines() {
        let report = report(RunStatus::Complete, vec![stream("members", Some(1))]);
        assert!(
            Metrics::new(None)
                .of_run(&report, Duration::ZERO, now())
                .is_empty()
        );
    }
}
