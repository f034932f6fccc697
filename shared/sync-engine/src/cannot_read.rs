//! Two ways in which a table cannot be read are told from all others, because a person does something else about
//! each: the application user may not, or the app that brings the table is not there.
//!
//! Never in here: a way to pass over a table that was read before. Whoever takes an app away from under a copy
//! must hear of it.

use dynamics_client::ErrorKind;
use streams::Direction;

use crate::Failure;
use crate::invocation::Invocation;
use crate::report::StreamReport;

impl Invocation<'_> {
    /// The failure of a pull, or of a look at what it would do, as what it means for the stream.
    pub(crate) async fn meaning(self, failure: Failure, report: &StreamReport) -> Failure {
        let Failure::Dynamics(error) = failure else {
            return failure;
        };
        match error.kind() {
            ErrorKind::Forbidden => Failure::Unreadable(error),
            ErrorKind::NotFound => match self.app_that_is_missing(report).await {
                Some(app) => Failure::NoApp {
                    table: self.stream.table.clone(),
                    app,
                },
                None => Failure::Dynamics(error),
            },
            _ => Failure::Dynamics(error),
        }
    }

    /// The app that would bring the stream's table, if the table was not found and nothing of it ever read. A name
    /// that no app's table has is more likely misspelt; and what the app wants written would wait for ever unseen.
    async fn app_that_is_missing(self, report: &StreamReport) -> Option<String> {
        let was_found = report.entity.is_some();
        let app = catalogue::table(&self.stream.table)?.app.clone()?;
        if was_found || self.stream.direction != Direction::Pull {
            return None;
        }
        let (store, name) = (&self.engine.store, &self.stream.name);
        // What cannot be looked up may be there. The first load may have begun, or its cursor be lost.
        let never_begun = matches!(store.cursor(name).await, Ok(None));
        let never_ended = matches!(store.as_of(name).await, Ok(None));
        (never_begun && never_ended).then_some(app)
    }
}
