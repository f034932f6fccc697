//! What a key is good for, in the form that the gateway takes.
//!
//! The gateway keeps an answer and applies it to whatever the same key is shown for next, so that it names
//! every call that the key is good for and not just the one asked about.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html>

use serde::Serialize;
use web::{Caller, ROUTES, Route};

/// The answer to the gateway.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Policy {
    principal_id: String,
    policy_document: Document,
    context: Context,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    version: &'static str,
    statement: [Statement; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    action: &'static str,
    effect: &'static str,
    resource: Vec<String>,
}

/// What the functions are told of the caller: texts under the names by which they read them.
type Context = std::collections::BTreeMap<&'static str, String>;

impl Policy {
    /// What this caller may do at a stage, given by its ARN.
    pub(crate) fn of(caller: &Caller, stage: &str) -> Self {
        let routes = ROUTES.iter().filter(|route| route.is_for(&caller.scopes));
        let statement = Statement {
            action: "execute-api:Invoke",
            effect: "Allow",
            resource: routes.map(|route| resource(stage, route)).collect(),
        };
        Self {
            principal_id: caller.key.clone(),
            policy_document: Document {
                version: "2012-10-17",
                statement: [statement],
            },
            context: Context::from([
                (gateway::KEY, caller.key.clone()),
                (gateway::SCOPES, caller.scopes.names().join(" ")),
            ]),
        }
    }
}

/// The calls of a route, as a policy names them. A `*` stands for anything there, slashes too; what a path
/// says exactly is for the functions to see.
fn resource(stage: &str, route: &Route) -> String {
    let parts = route
        .path
        .split('/')
        .map(|part| if part.starts_with('{') { "*" } else { part });
    let path = parts.collect::<Vec<_>>().join("/");
    format!("{stage}/{}{path}", route.method)
}

#[cfg(test)]
mod tests;
