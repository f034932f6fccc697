//! The specification's rules, for whatever this crate makes.

use super::*;

/// Characters of a name, and of a dimension's value.
const LENGTH_MAX: usize = 1_024;
const METRICS_MAX: usize = 100;
const DIMENSIONS_MAX: usize = 30;

/// Fails unless CloudWatch takes metrics from the line; gives it as JSON.
pub(crate) fn assert_taken(line: &Line) -> Value {
    let text = line.to_string();
    assert!(!text.contains('\n') && text.len() < 256 * 1024, "{text}");
    let line: Value = serde_json::from_str(&text).unwrap();
    let directives = line["_aws"]["CloudWatchMetrics"].as_array().unwrap();
    assert_eq!(directives.len(), 1);
    // Milliseconds, and not seconds: those would be in 1970, which is too long ago.
    assert!(line["_aws"]["Timestamp"].as_i64().unwrap() > 1_500_000_000_000);
    let directive = &directives[0];
    assert_eq!(directive["Namespace"], "DynamicsSync");
    let sets = directive["Dimensions"].as_array().unwrap();
    assert_eq!(sets.len(), 1);
    let dimensions = sets[0].as_array().unwrap();
    assert!((1..=DIMENSIONS_MAX).contains(&dimensions.len()));
    for name in dimensions {
        let value = line[name.as_str().unwrap()].as_str().unwrap();
        assert!(!value.is_empty() && value.len() <= LENGTH_MAX && value.is_ascii());
    }
    let metrics = directive["Metrics"].as_array().unwrap();
    assert!((1..=METRICS_MAX).contains(&metrics.len()));
    for metric in metrics {
        let name = metric["Name"].as_str().unwrap();
        assert!(!name.is_empty() && name.len() <= LENGTH_MAX && name.is_ascii());
        assert!(["Count", "Milliseconds", "Seconds"].contains(&metric["Unit"].as_str().unwrap()));
        assert!(line[name].is_u64(), "no number {name} in {line}");
    }
    line
}

/// The metrics of a line, by name.
pub(crate) fn names(line: &Value) -> Vec<&str> {
    let metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array();
    let metrics = metrics.unwrap().iter();
    metrics
        .map(|metric| metric["Name"].as_str().unwrap())
        .collect()
}

pub(crate) fn now() -> Timestamp {
    "2026-11-20T23:10:00Z".parse().unwrap()
}

#[test]
fn a_streams_line_has_both_dimensions_and_the_stages_line_one() {
    let metrics = [("Waiting", Unit::Count, 3)];
    let of = |stream| {
        assert_taken(&Line::new(
            now(),
            ("test", stream),
            Some("night-1"),
            &metrics,
        ))
    };
    let (stage, stream) = (of(None), of(Some("members")));
    let dimensions = |line: &Value| line["_aws"]["CloudWatchMetrics"][0]["Dimensions"].clone();
    assert_eq!(dimensions(&stage), json!([["Stage"]]));
    assert_eq!(dimensions(&stream), json!([["Stage", "Stream"]]));
    assert_eq!(
        (&stage["Stream"], &stream["Stream"]),
        (&Value::Null, &json!("members"))
    );
    assert_eq!(stream["run_id"], "night-1", "beside the metrics");
}
