//! Starting a run: an execution of the state machine that runs it every night.

use std::time::Duration;

use aws_sdk_sfn::Client;
use aws_sdk_sfn::config::Builder;
use aws_sdk_sfn::config::retry::RetryConfig;
use aws_sdk_sfn::config::timeout::TimeoutConfig;
use aws_sdk_sfn::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_sfn::types::ExecutionStatus;
use futures::future::BoxFuture;
use health::{NotStarted, StartRun, Started};
use serde_json::json;
use sync_engine::{Mode, RunRequest};

/// Together they end before the gateway's patience with a person who waits.
const CALL: Duration = Duration::from_secs(4);
const TRIES: u32 = 2;

/// The state machine.
#[derive(Debug)]
pub(crate) struct StateMachine {
    client: Client,
    arn: String,
}

impl StateMachine {
    pub(crate) fn new(config: impl Into<Builder>, arn: String) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(CALL)
            .connect_timeout(CALL)
            .build();
        let config = config
            .into()
            .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
            .timeout_config(timeouts);
        Self {
            client: Client::from_conf(config.build()),
            arn,
        }
    }

    async fn start_execution(&self, request: &RunRequest) -> Result<Started, NotStarted> {
        let running = self
            .client
            .list_executions()
            .state_machine_arn(&self.arn)
            .status_filter(ExecutionStatus::Running)
            .max_results(1)
            .send()
            .await
            .map_err(|error| not_started(&error))?;
        if !running.executions.is_empty() {
            return Ok(Started::Underway);
        }
        let mode = match request.mode {
            Mode::Delta => "delta",
            Mode::Full => "full",
            Mode::Reconcile => "reconcile",
        };
        let input = json!({
            "mode": mode,
            "streams": request.streams,
            "dry_run": request.dry_run,
        });
        // The execution's name is the run's id, so that starting it twice starts it once.
        self.client
            .start_execution()
            .state_machine_arn(&self.arn)
            .name(&request.run_id)
            .input(input.to_string())
            .send()
            .await
            .map_err(|error| not_started(&error))?;
        Ok(Started::Run(request.run_id.clone()))
    }
}

impl StartRun for StateMachine {
    fn start(&self, request: RunRequest) -> BoxFuture<'_, Result<Started, NotStarted>> {
        Box::pin(async move { self.start_execution(&request).await })
    }
}

/// For the log the whole of it, for people which thing did not work.
fn not_started<E: std::error::Error + ProvideErrorMetadata>(error: &E) -> NotStarted {
    tracing::error!(reason = %DisplayErrorContext(error), "the state machine was not started");
    let code = error.code().unwrap_or("no answer");
    NotStarted(format!(
        "Step Functions did not start the run ({code}); the function's log says more"
    ))
}
