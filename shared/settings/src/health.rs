//! What the health function must be told.

use std::path::PathBuf;

use sync_store::TableNames;

use crate::environment::{Environment, text};
use crate::stage::stage;
use crate::{AlertSettings, DynamicsSource, Problems, SettingsError, alert_settings};
use crate::{streams_path, table_names};

/// Everything the health function must be told.
#[derive(Clone, Debug)]
pub struct HealthSettings {
    /// Where the access to Dynamics comes from: for the scheduled check, and for nothing that anybody asks.
    pub dynamics: DynamicsSource,
    /// The stream file (`SYNC_STREAMS`).
    pub streams_path: PathBuf,
    /// The DynamoDB tables.
    pub tables: TableNames,
    /// Where alerts go.
    pub alerts: AlertSettings,
    /// The deployment's name in its metrics (`SYNC_STAGE`); `None`: there are no metrics.
    pub stage: Option<String>,
    /// ARN of the state machine that a run by hand starts (`SYNC_STATE_MACHINE_ARN`).
    pub state_machine: String,
}

impl HealthSettings {
    /// Reads the variables of the health function.
    ///
    /// # Errors
    /// Every variable that is missing or malformed, all together.
    pub fn from_env(env: &Environment<'_>) -> Result<Self, SettingsError> {
        let mut problems = Problems::default();
        let dynamics = DynamicsSource::from_env(env, &mut problems);
        let streams_path = streams_path(env, &mut problems);
        let tables = table_names(env, &mut problems);
        let alerts = alert_settings(env, &mut problems);
        let stage = stage(env, &mut problems);
        let state_machine = state_machine(env, &mut problems);
        let all = dynamics.zip(streams_path).zip(tables).zip(state_machine);
        let settings = all.map(|(((dynamics, streams_path), tables), state_machine)| Self {
            dynamics,
            streams_path,
            tables,
            alerts,
            stage,
            state_machine,
        });
        Ok(problems.into_result(settings)?)
    }
}

/// The form: <https://docs.aws.amazon.com/step-functions/latest/apireference/API_StateMachineListItem.html>
fn state_machine(env: &Environment<'_>, problems: &mut Problems) -> Option<String> {
    let variable = "SYNC_STATE_MACHINE_ARN";
    let expected = "expected the ARN of the state machine that runs the sync, arn:aws:states:REGION:ACCOUNT:stateMachine:NAME";
    let Some(arn) = text(env, variable) else {
        problems.add(variable, format!("is missing; {expected}"));
        return None;
    };
    let parts: Vec<&str> = arn.split(':').collect();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_arn = matches!(
        parts.as_slice(),
        ["arn", _, "states", _, _, "stateMachine", name] if !name.is_empty()
    ) && parts.iter().all(|part| part.chars().all(plain));
    if is_arn {
        return Some(arn);
    }
    problems.add(variable, format!("is malformed; {expected}"));
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(arn: Option<&str>) -> String {
        let environment = |name: &str| match name {
            "SYNC_STATE_MACHINE_ARN" => arn.map(str::to_owned),
            _ => None,
        };
        let error = HealthSettings::from_env(&environment).unwrap_err();
        error.to_string()
    }

    #[test]
    fn everything_that_is_missing_is_named_together() {
        let error = of(None);
        for variable in [
            "DYNAMICS_TENANT_ID",
            "SYNC_STREAMS",
            "SYNC_STATE_TABLE",
            "SYNC_STATE_MACHINE_ARN is missing",
        ] {
            assert!(error.contains(variable), "{error}");
        }
    }

    #[test]
    fn a_state_machine_is_named_by_its_arn_and_never_shown() {
        let good = "arn:aws:states:eu-north-1:123456789012:stateMachine:nightly-test";
        assert!(!of(Some(good)).contains("STATE_MACHINE"));
        for bad in [
            "nightly",
            "arn:aws:states:eu-north-1:123456789012:execution:nightly",
            "arn:aws:states:eu-north-1:123456789012:stateMachine:",
            "arn:aws:states:eu-north-1:123456789012:stateMachine:<script>",
        ] {
            let error = of(Some(bad));
            assert!(
                error.contains("SYNC_STATE_MACHINE_ARN is malformed"),
                "{error}"
            );
            assert!(!error.contains(bad));
        }
    }
}
