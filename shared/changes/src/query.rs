//! The query of `GET /changes`, and the one of the page after it.

use sync_store::ChangeState;
use url::form_urlencoded;

use crate::listing::{Filter, LIMIT_MAX};
use web::Problem;
use web::{did_you_mean, one_of};

const PARAMETERS: [&str; 4] = ["stream", "status", "after", "limit"];

impl Filter {
    /// Reads a query.
    pub(crate) fn of_query(query: &str) -> Result<Self, Problem> {
        let mut filter = Self::default();
        for (known, value) in web::parameters(query, PARAMETERS)? {
            match known {
                "stream" => filter.stream = Some(value),
                "status" => filter.state = Some(state(&value)?),
                "after" => filter.after = Some(value),
                _ => {
                    // What is no number is as wrong as one beyond the limits.
                    filter.limit = value.parse().unwrap_or(LIMIT_MAX + 1);
                }
            }
        }
        Ok(filter)
    }

    /// The query of the page that begins here.
    pub(crate) fn to_query(&self, after: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(stream) = &self.stream {
            query.append_pair("stream", stream);
        }
        if let Some(state) = self.state {
            query.append_pair("status", state.name());
        }
        query.append_pair("limit", &self.limit.to_string());
        query.append_pair("after", after);
        query.finish()
    }
}

fn state(name: &str) -> Result<ChangeState, Problem> {
    let found = ChangeState::ALL
        .into_iter()
        .find(|state| state.name() == name);
    found.ok_or_else(|| {
        let names = ChangeState::ALL.map(ChangeState::name);
        let near = did_you_mean(name, names);
        Problem::malformed(format!("`status`: expected {}{near}", one_of(names)))
    })
}
