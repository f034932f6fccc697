//! The HTTP API's description, `infra/openapi.yaml`: held against the code's own tables, and against the real
//! functions by requests that are made out of it.

mod description;
mod generated;

const FILE: &str = "infra/openapi.yaml";
