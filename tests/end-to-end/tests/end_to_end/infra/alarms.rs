//! What wakes somebody up when nothing of ours can.

use serde_json::Value;

use super::template::{Template, plain};

#[test]
fn every_alarm_reaches_operations_and_says_what_to_look_at() {
    let Some(template) = Template::new() else {
        return;
    };
    let operations = &template.properties("SyncFunction")["Environment"]["Variables"]["SYNC_OPERATIONS_TOPIC_ARN"];
    for (id, alarm) in template.all("AWS::CloudWatch::Alarm") {
        let properties = &alarm["Properties"];
        assert_eq!(
            properties["AlarmActions"],
            serde_json::json!([operations]),
            "{id}"
        );
        let said = properties["AlarmDescription"].as_str().unwrap();
        assert!(said.ends_with('.') && said.len() < 200, "{id}: {said}");
    }
}

#[test]
fn the_alarms_are_as_they_were_reviewed() {
    let Some(template) = Template::new() else {
        return;
    };
    let lines = template.all("AWS::CloudWatch::Alarm");
    let lines: Vec<_> = lines
        .iter()
        .map(|(id, alarm)| format!("{id}: {}", line(&alarm["Properties"])))
        .collect();
    insta::assert_snapshot!("alarms", lines.join("\n"));
}

#[test]
fn a_run_that_is_missing_for_thirty_hours_raises_the_alarm() {
    let Some(template) = Template::new() else {
        return;
    };
    let alarm = template.properties("RunNotDoneAlarm");
    assert_eq!(alarm["MetricName"], "ExecutionsSucceeded");
    // Nothing is as bad as failures.
    assert_eq!(alarm["TreatMissingData"], "breaching");
    let hours =
        alarm["EvaluationPeriods"].as_u64().unwrap() * alarm["Period"].as_u64().unwrap() / 3600;
    let began: u64 = template.parameter("NightlyHour").parse().unwrap();
    assert_eq!(began + hours, 24 + 6);
}

#[test]
fn an_alarm_of_duration_comes_before_the_function_is_stopped() {
    let Some(template) = Template::new() else {
        return;
    };
    let alarms = template.all("AWS::CloudWatch::Alarm");
    let durations = alarms.values().map(|alarm| &alarm["Properties"]);
    let durations: Vec<_> = durations
        .filter(|alarm| alarm["MetricName"] == "Duration")
        .collect();
    assert_eq!(durations.len(), 4);
    for alarm in durations {
        let function = alarm["Dimensions"][0]["Value"].as_str().unwrap();
        let timeout = template.properties(function)["Timeout"].as_u64().unwrap() * 1000;
        let threshold = alarm["Threshold"].as_u64().unwrap();
        assert!(
            (timeout * 7 / 10..timeout).contains(&threshold),
            "{function}: {threshold} of {timeout}"
        );
    }
}

#[test]
fn the_dashboard_is_json_and_shows_metrics_that_there_are() {
    let Some(template) = Template::new() else {
        return;
    };
    let body = template.properties("Dashboard")["DashboardBody"]
        .as_str()
        .unwrap()
        .to_owned();
    let body: Value = serde_json::from_str(&body).unwrap();
    let widgets = body["widgets"].as_array().unwrap();
    assert_eq!(widgets.len(), 6);
    for widget in widgets {
        let properties = &widget["properties"];
        assert_eq!(properties["region"], crate::support::REGION);
        assert!(!properties["metrics"].as_array().unwrap().is_empty());
    }
}

/// `Lambda Errors of SyncFunction: Sum of 300 s >= 1, 1 times, missing data notBreaching`
fn line(alarm: &Value) -> String {
    let text = |name: &str| plain(&alarm[name]);
    let dimensions = alarm["Dimensions"].as_array().unwrap().iter();
    let of: Vec<_> = dimensions
        .map(|dimension| plain(&dimension["Value"]))
        .collect();
    let comparison = match text("ComparisonOperator").as_str() {
        "GreaterThanOrEqualToThreshold" => ">=",
        "LessThanThreshold" => "<",
        other => panic!("{other}"),
    };
    format!(
        "{} {} of {}: {} of {} s {comparison} {}, {} times, missing data {}",
        text("Namespace"),
        text("MetricName"),
        of.join(", "),
        text("Statistic"),
        text("Period"),
        text("Threshold"),
        text("EvaluationPeriods"),
        text("TreatMissingData"),
    )
}
