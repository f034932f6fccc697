//! Two ways in which a table cannot be read are told from all others, because a person does something else about
//! each: the application user may not, or the app that brings the table is not there.
//!
//! Never in here: a way to pass over a table that was read before. Whoever takes an app away from under a copy
//! must hear of it.

use dynamics_client::ErrorKind;

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

    /// The app that would bring the stream's table, if the table was not found and never read before. A name that
    /// no app's table has is more likely misspelt.
    async fn app_that_is_missing(self, report: &StreamReport) -> Option<String> {
        let was_found = report.entity.is_some();
        let app = catalogue::table(&self.stream.table)?.app.clone()?;
        let read_before = self.engine.store.as_of(&self.stream.name).await;
        // What cannot be looked up may be there.
        let never_read = matches!(read_before, Ok(None));
        (!was_found && never_read).then_some(app)
    }
}
