//! `multipart/mixed` as `$batch` uses it: bodies taken apart, answers printed.
//!
//! Line ends are CRLF, as the protocol says; anything else is refused, so that a client that gets it
//! wrong learns of it here.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use bytes::Bytes;

use super::Answer;
use super::call::Part;

/// Headers, and what follows the empty line.
pub(super) struct Section<'b> {
    pub(super) headers: HeaderMap,
    pub(super) content: &'b [u8],
}

/// The boundary that a content type of several parts names.
pub(super) fn boundary(content_type: &str) -> Option<&str> {
    let (media_type, parameters) = content_type.split_once(';')?;
    if !media_type.trim().eq_ignore_ascii_case("multipart/mixed") {
        return None;
    }
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case("boundary") && !value.is_empty()).then_some(value)
    })
}

/// The parts between the boundaries; `None` for a body that is not made so.
pub(super) fn sections<'b>(body: &'b [u8], boundary: &str) -> Option<Vec<Section<'b>>> {
    let delimiter = format!("--{boundary}");
    let last = format!("--{boundary}--");
    let mut found = Vec::new();
    let mut start = None;
    let mut place = 0;
    loop {
        let rest = body.get(place..)?;
        let end = line_end(rest);
        let line = rest.get(..end.unwrap_or(rest.len()))?.trim_ascii_end();
        let is_last = line == last.as_bytes();
        if is_last || line == delimiter.as_bytes() {
            if let Some(start) = start {
                // The line end before a boundary belongs to the boundary.
                let content = body.get(start..place.saturating_sub(2)).unwrap_or_default();
                found.push(section(content)?);
            }
            start = Some(place.saturating_add(end.unwrap_or(0)).saturating_add(2));
        }
        match end {
            _ if is_last => return Some(found),
            Some(end) => place = place.saturating_add(end).saturating_add(2),
            None => return None,
        }
    }
}

/// The request within a part.
pub(super) fn request(content: &[u8]) -> Option<Part> {
    let end = line_end(content)?;
    let line = str::from_utf8(content.get(..end)?).ok()?;
    let (method, rest) = line.split_once(' ')?;
    // Addresses may hold spaces here, as official clients send them.
    let (url, _) = rest.rsplit_once(" HTTP/")?;
    let rest = section(content.get(end.saturating_add(2)..)?)?;
    Some(Part {
        method: Method::from_bytes(method.as_bytes()).ok()?,
        url: url.trim().to_owned(),
        headers: rest.headers,
        body: Bytes::copy_from_slice(rest.content.trim_ascii()),
    })
}

/// Prints one part: an answer as HTTP.
pub(super) fn print(answer: &Answer, content_id: Option<&str>, boundary: &str, out: &mut Vec<u8>) {
    open(boundary, "application/http", content_id, out);
    let reason = axum::http::StatusCode::from_u16(answer.status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or_default();
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", answer.status);
    for (name, value) in &answer.headers {
        head.push_str(&format!("{}: {value}\r\n", proper(name)));
    }
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(&answer.body);
    out.extend_from_slice(b"\r\n");
}

/// Begins a part.
pub(super) fn open(boundary: &str, media_type: &str, content_id: Option<&str>, out: &mut Vec<u8>) {
    let mut head = format!("--{boundary}\r\nContent-Type: {media_type}\r\n");
    if media_type == "application/http" {
        head.push_str("Content-Transfer-Encoding: binary\r\n");
    }
    if let Some(id) = content_id {
        head.push_str(&format!("Content-ID: {id}\r\n"));
    }
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// Ends the last part.
pub(super) fn close(boundary: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
}

/// Headers up to an empty line, then the content. Both the empty line and the content may be missing.
fn section(text: &[u8]) -> Option<Section<'_>> {
    let mut headers = HeaderMap::new();
    let mut rest = text;
    while let Some(end) = line_end(rest) {
        let line = rest.get(..end)?;
        rest = rest.get(end.saturating_add(2)..)?;
        if line.is_empty() {
            return Some(Section {
                headers,
                content: rest,
            });
        }
        header(line, &mut headers)?;
    }
    if !rest.is_empty() {
        header(rest, &mut headers)?;
    }
    Some(Section {
        headers,
        content: &[],
    })
}

fn header(line: &[u8], headers: &mut HeaderMap) -> Option<()> {
    let (name, value) = str::from_utf8(line).ok()?.split_once(':')?;
    let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
    headers.append(name, HeaderValue::from_str(value.trim()).ok()?);
    Some(())
}

fn line_end(text: &[u8]) -> Option<usize> {
    text.windows(2).position(|pair| pair == b"\r\n")
}

/// A header's name as the service spells it within a batch.
fn proper(name: &str) -> &str {
    match name {
        "content-type" => "Content-Type",
        "odata-version" => "OData-Version",
        "odata-entityid" => "OData-EntityId",
        "location" => "Location",
        "etag" => "ETag",
        "preference-applied" => "Preference-Applied",
        "retry-after" => "Retry-After",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] =
        b"preamble\r\n--b\r\nContent-ID: 1\r\n\r\nGET a b HTTP/1.1\r\nX: y\r\n\r\n{}\r\n\
        --b\r\n\r\nGET c HTTP/1.1\r\n\r\n--b--\r\n";

    #[test]
    fn a_body_falls_into_its_parts_and_a_part_into_its_request() {
        let sections = sections(BODY, "b").unwrap();
        assert_eq!(sections.len(), 2);
        assert_eq!(sections[0].headers["content-id"], "1");
        let first = request(sections[0].content).unwrap();
        assert_eq!((first.url.as_str(), &first.body[..]), ("a b", &b"{}"[..]));
        assert_eq!(first.headers["x"], "y");
        let second = request(sections[1].content).unwrap();
        assert_eq!((second.url.as_str(), second.body.len()), ("c", 0));
    }

    #[test]
    fn a_body_that_is_cut_off_anywhere_is_none() {
        let whole = BODY.len() - b"\r\n".len();
        for length in 0..whole {
            assert!(sections(&BODY[..length], "b").is_none(), "{length}");
        }
        assert!(sections(&BODY[..whole], "b").is_some());
        assert!(sections(BODY, "other").is_none());
        // Any part cut off is read or not, without a panic.
        for length in 0..BODY.len() {
            let _read_or_not = request(&BODY[length..]);
        }
    }

    #[test]
    fn boundaries_are_read_with_and_without_quotes() {
        for text in [
            "multipart/mixed; boundary=b",
            "Multipart/Mixed;charset=x; BOUNDARY=\"b\"",
        ] {
            assert_eq!(boundary(text), Some("b"));
        }
        assert_eq!(boundary("multipart/mixed"), None);
        assert_eq!(boundary("application/json; boundary=b"), None);
    }
}
