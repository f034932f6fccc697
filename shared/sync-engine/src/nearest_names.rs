//! Names that Dynamics does not have are told with the nearest of those that it has: most often they are
//! misspelt. That is asked for only when a stream has failed because of one.

use dynamics_client::ErrorKind;
use streams::Stream;

use crate::contract::called;
use crate::invocation::Invocation;
use crate::plan::without_guess;
use crate::{Failure, misfits};

/// Why the stream failed. One request more where there is no such table, two where its columns do not fit.
pub(crate) async fn told(invocation: Invocation<'_>, failure: Failure) -> String {
    let client = invocation.preparing_client();
    let name = invocation.stream.table.as_str();
    match failure {
        Failure::Dynamics(error) if error.kind() == ErrorKind::NotFound => {
            match discover::nearest(&client, name).await {
                // Itself where something else was not found.
                Ok(Some(near)) if near != name => {
                    let why = error.to_string();
                    format!("{}. Did you mean `{near}`?", why.trim_end_matches('.'))
                }
                // That the tables cannot be listed is no news beside why the stream failed.
                _ => error.to_string(),
            }
        }
        Failure::Mapping {
            stream,
            table,
            mut problems,
            changed,
        } => {
            // All columns, of which the run had asked for its own.
            if let Ok(described) = client.describe(name).await {
                let file = &invocation.engine.streams;
                let told = misfits(invocation.stream, &described.table, file);
                // None where somebody has mended it meanwhile.
                if !told.is_empty() {
                    problems = told;
                }
            }
            for column in known_columns(invocation.stream, changed.as_deref()) {
                for problem in &mut problems {
                    if let Some(told) = without_guess(problem, column) {
                        *problem = told;
                    }
                }
            }
            let same = Failure::Mapping {
                stream,
                table,
                problems,
                changed,
            };
            same.to_string()
        }
        other => other.to_string(),
    }
}

/// The columns of which it is told what became of them, and what there may be instead.
fn known_columns<'a>(
    stream: &'a Stream,
    changed: Option<&'a str>,
) -> impl Iterator<Item = &'a str> {
    let columns = changed.map(|told| {
        let columns = stream.columns().into_iter();
        columns.filter(|column| told.contains(&called(stream, column)))
    });
    columns.into_iter().flatten()
}
