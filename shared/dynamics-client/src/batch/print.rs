//! Writing the body of a `$batch`.
//!
//! Lines end with CRLF. What stands in a part is a request as `change` made it: every name in it is
//! checked and every value encoded by then.
//!
//! Source: "Execute batch operations using the Web API", Dataverse developer documentation.

use std::fmt::Write as _;

use uuid::Uuid;

use super::Unit;
use crate::change::Prepared;

/// What opens and closes the parts of one batch. Random, so that no value can contain it.
#[derive(Clone, Debug)]
pub(crate) struct Boundaries {
    id: Uuid,
}

impl Boundaries {
    pub(crate) fn new(id: Uuid) -> Self {
        Self { id }
    }

    pub(crate) fn content_type(&self) -> String {
        format!("multipart/mixed; boundary=\"batch_{}\"", self.id)
    }
}

/// The batch of `units`, whose addresses begin with `root`, the path of the Web API.
pub(crate) fn body<'u>(
    boundaries: &Boundaries,
    root: &str,
    units: impl IntoIterator<Item = &'u Unit>,
) -> String {
    let id = boundaries.id;
    let mut text = String::new();
    for (number, unit) in units.into_iter().enumerate() {
        let _ = write!(text, "--batch_{id}\r\n");
        match unit {
            Unit::One(part) => push(&mut text, root, part, None),
            Unit::Set(parts) => {
                let name = format!("changeset_{number}_{id}");
                let _ = write!(
                    text,
                    "Content-Type: multipart/mixed; boundary=\"{name}\"\r\n\r\n"
                );
                for (index, part) in parts.iter().enumerate() {
                    let _ = write!(text, "--{name}\r\n");
                    push(&mut text, root, part, Some(index + 1));
                }
                let _ = write!(text, "--{name}--\r\n");
            }
        }
    }
    let _ = write!(text, "--batch_{id}--\r\n");
    text
}

fn push(text: &mut String, root: &str, part: &Prepared, content_id: Option<usize>) {
    text.push_str("Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n");
    if let Some(content_id) = content_id {
        let _ = write!(text, "Content-ID: {content_id}\r\n");
    }
    let _ = write!(text, "\r\n{} {root}{} HTTP/1.1\r\n", part.method, part.path);
    for (name, value) in &part.headers {
        let _ = write!(text, "{name}: {}\r\n", value.to_str().unwrap_or_default());
    }
    if !part.body.is_empty() {
        text.push_str("Content-Type: application/json; charset=utf-8\r\n");
    }
    let _ = write!(text, "\r\n{}\r\n", part.body);
}

/// About how many bytes a part takes.
pub(crate) fn size(part: &Prepared) -> usize {
    const FRAME: usize = 512;
    FRAME + part.path.len() + part.body.len()
}
