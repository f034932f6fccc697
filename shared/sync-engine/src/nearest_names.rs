//! Names that Dynamics does not have are told with the nearest of those that it has: most often they are
//! misspelt. That is asked for only when a stream has failed because of one.

use dynamics_client::ErrorKind;

use crate::invocation::Invocation;
use crate::{Failure, misfits};

/// Why the stream failed. One request more where there is no such table, two where its columns do not fit.
pub(crate) async fn told(invocation: Invocation<'_>, failure: Failure) -> String {
    let client = invocation.preparing_client();
    let name = invocation.stream.table.as_str();
    match failure {
        Failure::Dynamics(error) if error.kind() == ErrorKind::NotFound => {
            match discover::nearest(&client, name).await {
                // Itself where something else was not found.
                Ok(Some(near)) if near != name => format!("{error}. Did you mean `{near}`?"),
                // That the tables cannot be listed is no news beside why the stream failed.
                _ => error.to_string(),
            }
        }
        Failure::Mapping {
            stream,
            table,
            mut problems,
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
            let same = Failure::Mapping {
                stream,
                table,
                problems,
            };
            same.to_string()
        }
        other => other.to_string(),
    }
}
