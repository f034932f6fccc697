//! What a valid file means, and what a file with mistakes is told.

mod any_text;
mod both_ways;
mod contradictions;
mod expiry;
mod expiry_both_ways;
mod meaning;
mod mistakes;
mod samples;
mod version;

use streams::{Stream, StreamFile, StreamFileError};

const EXAMPLE: &str = r#"
time_zone = "Europe/Oslo"
language  = "nb"
csv       = { delimiter = ";" }

[[stream]]
name      = "members"
table     = "contacts"
direction = "pull"
fields    = { email = "emailaddress1", first_name = "firstname", last_name = "lastname", born = "birthdate", portal_visible = "hlf_portalvisible" }
where     = { statecode = 0 }
anchor    = 2024-01-01

[[stream]]
name      = "certifications"
table     = "hlf_certifications"
key       = ["hlf_mentorcode"]
deletes   = { from_dynamics = "tombstone" }
[stream.fields]
mentor_code    = "hlf_mentorcode"
mentor         = { column = "hlf_contactid", lookup = "contacts" }
status         = { column = "hlf_status", choice = { active = 1, expired = 2, suspended = 3 } }
valid_to       = { column = "hlf_validto", type = "date" }
portal_visible = { column = "hlf_portalvisible" }
[stream.expiry]
date = "valid_to"
from = { status = "active" }
set  = { status = "expired", portal_visible = false, "mentor.portal_visible" = false }
"#;

/// A file around the text of one stream's own keys.
fn with_stream(keys: &str) -> String {
    format!("time_zone = \"Europe/Oslo\"\n[[stream]]\n{keys}\n")
}

const MINIMAL: &str =
    "name = \"members\"\ntable = \"contacts\"\nfields = { email = \"emailaddress1\" }";

/// A stream of that direction with further keys; `score` is a field with keys of its own.
fn keyed(direction: &str, keys: &str, score: &str) -> String {
    with_stream(&format!(
        "name = \"members\"\ntable = \"contacts\"\ndirection = \"{direction}\"\nkey = \"emailaddress1\"\n{keys}\n\
         [stream.fields]\nemail = \"emailaddress1\"\nscore = {{ column = \"hlf_score\"{score} }}"
    ))
}

/// The streams of a valid file.
fn streams(text: &str) -> Vec<Stream> {
    StreamFile::parse(text, "streams.toml")
        .map(|file| file.streams)
        .unwrap_or_default()
}

fn messages(text: &str) -> Vec<String> {
    match StreamFile::parse(text, "streams.toml") {
        Ok(_) => Vec::new(),
        Err(error) => error
            .problems()
            .iter()
            .map(|problem| problem.message.clone())
            .collect(),
    }
}

fn report(text: &str) -> String {
    StreamFile::parse(text, "streams.toml").map_or_else(
        |error: StreamFileError| error.to_string(),
        |_| "valid".into(),
    )
}
