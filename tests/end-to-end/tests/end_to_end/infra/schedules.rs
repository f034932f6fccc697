//! When what is started.

use serde_json::{Value, json};

use super::template::Template;

#[test]
fn the_run_starts_a_little_after_midnight_where_the_organisation_is() {
    let Some(template) = Template::new() else {
        return;
    };
    let nightly = template.properties("NightlySchedule");
    assert_eq!(nightly["ScheduleExpression"], "cron(14 0 * * ? *)");
    assert_eq!(nightly["ScheduleExpressionTimezone"], "Europe/Oslo");
    assert_eq!(nightly["FlexibleTimeWindow"], json!({"Mode": "OFF"}));
    let target = &nightly["Target"];
    assert_eq!(
        target["Arn"],
        template.properties("HealthFunction")["Environment"]["Variables"]["SYNC_STATE_MACHINE_ARN"]
    );
    let input: Value = serde_json::from_str(target["Input"].as_str().unwrap()).unwrap();
    assert_eq!(input, json!({"tries": 4}));
}

#[test]
fn the_run_cannot_be_put_into_the_hour_that_daylight_saving_skips() {
    let Some(transformed) = super::template::transformed() else {
        return;
    };
    let hours = transformed["Parameters"]["NightlyHour"]["AllowedValues"]
        .as_array()
        .unwrap();
    assert!(!hours.contains(&json!(2)), "{hours:?}");
}

#[test]
fn the_check_runs_every_hour_and_soon_after_six() {
    let Some(template) = Template::new() else {
        return;
    };
    let check = template.properties("CheckSchedule");
    assert_eq!(check["ScheduleExpression"], "cron(5 * * * ? *)");
    assert_eq!(check["ScheduleExpressionTimezone"], "Europe/Oslo");
    assert_eq!(check["Target"]["Arn"], "HealthFunction.Arn");
    // Not asynchronously again: the next one is as good.
    let invoked = template.properties("HealthFunctionEventInvokeConfig");
    assert_eq!(invoked["MaximumRetryAttempts"], 0);
}

#[test]
fn what_cannot_be_started_is_tried_for_a_while_and_then_kept_in_the_queue() {
    let Some(template) = Template::new() else {
        return;
    };
    let schedules = template.all("AWS::Scheduler::Schedule");
    assert_eq!(schedules.len(), 2);
    for (id, schedule) in schedules {
        let properties = &schedule["Properties"];
        assert_eq!(properties["GroupName"], "Schedules", "{id}");
        let target = &properties["Target"];
        assert_eq!(target["DeadLetterConfig"]["Arn"], "FailedQueue.Arn", "{id}");
        let retries = target["RetryPolicy"]["MaximumRetryAttempts"].as_u64();
        assert!(retries.is_some_and(|retries| retries > 0), "{id}");
    }
}
