//! From the environment to something that answers: settings, stream file, AWS clients.

use std::sync::Arc;

use access::Access;
use alerts::Watch;
use clock::{Clock, SystemClock};
use health::{Health, Parts};
use metrics::Metrics;
use settings::{Environment, HealthSettings, Problems, SettingsError};
use streams::StreamFile;
use sync_store::Store;

use crate::state_machine::StateMachine;

/// Reads settings and the stream file. What is wrong with both together is what is shown then.
pub(crate) async fn build(environment: &Environment<'_>) -> (Health, Metrics) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let settings = HealthSettings::from_env(environment);
    // The path may be good although other settings are not.
    let streams = settings::streams_path(environment, &mut Problems::default())
        .map(|path| StreamFile::read(&path));
    let (settings, streams) = match (settings, streams) {
        (Ok(settings), Some(Ok(streams))) => (settings, streams),
        (settings, streams) => {
            let mut mistakes = settings.err().map_or_else(Vec::new, |error| lines(&error));
            let streams = match streams {
                Some(Err(error)) => {
                    mistakes.extend(error.to_string().lines().map(str::to_owned));
                    None
                }
                Some(Ok(streams)) => Some(streams),
                None => None,
            };
            tracing::error!(reason = mistakes.join("\n"), "the function is not set up");
            let health = Health::not_set_up(mistakes, streams, clock);
            return (health, Metrics::default());
        }
    };
    let aws = aws::config().await;
    let store = Store::new(&aws, settings.tables);
    let secrets = settings::secrets_client(&aws);
    let metrics = Metrics::new(settings.stage);
    let health = Health::new(Parts {
        runs: Arc::new(StateMachine::new(&aws, settings.state_machine)),
        watch: Watch::new(
            store.clone(),
            streams.clone(),
            settings.alerts,
            &aws,
            Arc::clone(&clock),
        ),
        access: Arc::new(Access::new(settings.dynamics, secrets, Arc::clone(&clock))),
        store,
        streams,
        clock,
    });
    (health, metrics)
}

/// One line for each variable.
fn lines(error: &SettingsError) -> Vec<String> {
    match error {
        SettingsError::Invalid(invalid) => {
            let problems = invalid.problems().iter();
            problems
                .map(|problem| format!("{} {}", problem.name, problem.message))
                .collect()
        }
        other => vec![other.to_string()],
    }
}
