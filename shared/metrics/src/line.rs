//! One line: metrics that have their dimensions in common.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

const NAMESPACE: &str = "DynamicsSync";

/// A line of the log that CloudWatch takes metrics from.
#[derive(Clone, Debug, PartialEq)]
pub struct Line(Value);

/// In what a metric is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unit {
    Count,
    Milliseconds,
    Seconds,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Milliseconds => "Milliseconds",
            Self::Seconds => "Seconds",
        }
    }
}

impl Line {
    /// The metrics of a stage, or of one of its streams. `run_id` is told beside them and is no dimension: it
    /// would make a metric of each run.
    pub(crate) fn new(
        now: Timestamp,
        (stage, stream): (&str, Option<&str>),
        run_id: Option<&str>,
        metrics: &[(&'static str, Unit, u64)],
    ) -> Self {
        let dimensions = [("Stage", Some(stage)), ("Stream", stream)];
        let dimensions = dimensions
            .iter()
            .filter_map(|(name, value)| Some((*name, (*value)?)));
        let names: Vec<&str> = dimensions.clone().map(|(name, _)| name).collect();
        let defined: Vec<Value> = metrics
            .iter()
            .map(|(name, unit, _)| json!({"Name": name, "Unit": unit.name()}))
            .collect();
        let mut line = Map::new();
        line.insert(
            "_aws".to_owned(),
            json!({
                "Timestamp": now.as_millisecond(),
                "CloudWatchMetrics": [
                    {"Namespace": NAMESPACE, "Dimensions": [names], "Metrics": defined}
                ],
            }),
        );
        line.extend(dimensions.map(|(name, value)| (name.to_owned(), value.into())));
        line.extend(run_id.map(|run_id| ("run_id".to_owned(), run_id.into())));
        line.extend(
            metrics
                .iter()
                .map(|(name, _, value)| ((*name).to_owned(), (*value).into())),
        );
        Self(line.into())
    }
}

/// As it stands in the log, without an end of line.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
pub(crate) mod tests;
