//! Reading the answer to a `$batch`: parts of parts, each an HTTP answer of its own.
//!
//! Bounded by what was asked for: an answer with more parts, or in another order of depth, is refused.
//! Never in here: what an answer means.
//!
//! Source: RFC 2046 section 5.1, and "Execute batch operations using the Web API", Dataverse developer
//! documentation.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

/// Header lines of one part, beyond which it is none.
const HEADERS: usize = 64;

/// Parts may be missing.
pub(crate) const CUT: Malformed = "it ends before its last part";

/// One part of an answer.
#[derive(Debug)]
pub(crate) enum Part {
    Answer(Answer),
    Set(Vec<Answer>),
}

/// An HTTP answer within a part.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) content_id: Option<String>,
    pub(crate) response: Response<Bytes>,
}

/// What is wrong with the form.
pub(crate) type Malformed = &'static str;

/// The parts of `body`, at most `most` of them, and at most so many in each set.
pub(crate) fn parts(
    content_type: Option<&str>,
    body: &Bytes,
    most: usize,
) -> Result<Vec<Part>, Malformed> {
    let boundary =
        boundary(content_type.unwrap_or_default()).ok_or("it is not a batch's answer")?;
    split(body, &boundary, most)?
        .iter()
        .map(|piece| part(piece, most))
        .collect()
}

fn part(piece: &Bytes, most: usize) -> Result<Part, Malformed> {
    let (headers, content) = headers(piece)?;
    let kind = text(&headers, "content-type").unwrap_or_default();
    let Some(boundary) = boundary(kind) else {
        return answer(&headers, &content).map(Part::Answer);
    };
    split(&content, &boundary, most)?
        .iter()
        .map(|piece| {
            let (headers, content) = self::headers(piece)?;
            answer(&headers, &content)
        })
        .collect::<Result<_, _>>()
        .map(Part::Set)
}

fn answer(part: &HeaderMap, content: &Bytes) -> Result<Answer, Malformed> {
    let kind = text(part, "content-type").unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("application/http") {
        return Err("one of its parts is no answer");
    }
    let (line, rest) = line(content).ok_or("one of its parts is empty")?;
    let status = std::str::from_utf8(&line)
        .ok()
        .and_then(|line| line.strip_prefix("HTTP/1."))
        .and_then(|line| line.split(' ').nth(1)?.parse::<u16>().ok())
        .and_then(|code| StatusCode::from_u16(code).ok())
        .filter(|status| !status.is_informational())
        .ok_or("one of its parts has no status")?;
    let (headers, body) = headers(&rest)?;
    let claimed = text(&headers, "content-length").and_then(|length| length.parse().ok());
    if claimed.is_some_and(|length: usize| length > body.len()) {
        return Err("one of its parts is cut short");
    }
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(Answer {
        content_id: text(part, "content-id").map(str::to_owned),
        response,
    })
}

/// The boundary that a content type names, if it is one of several parts.
fn boundary(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/mixed") {
        return None;
    }
    let value = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("boundary")
            .then(|| value.trim())
    })?;
    let value = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(value);
    ((1..=70).contains(&value.len()) && value.is_ascii()).then(|| value.to_owned())
}

/// What stands between the boundaries. The closing one must be there: without it, parts may be missing.
fn split(body: &Bytes, boundary: &str, most: usize) -> Result<Vec<Bytes>, Malformed> {
    let delimiter = format!("--{boundary}");
    let mut pieces = Vec::new();
    let mut opened: Option<usize> = None;
    let mut at = 0;
    while let Some((line, next)) = line_at(body, at) {
        let (line_start, line_text) = line;
        if let Some(rest) = line_text.strip_prefix(delimiter.as_bytes()) {
            let rest = rest.trim_ascii_end();
            if rest.is_empty() || rest == b"--" {
                if let Some(start) = opened {
                    if pieces.len() >= most {
                        return Err("it has more parts than were asked for");
                    }
                    pieces.push(body.slice(start..without_line_end(body, start, line_start)));
                }
                if rest == b"--" {
                    return Ok(pieces);
                }
                opened = Some(next);
            }
        }
        at = next;
    }
    Err(CUT)
}

/// The line break before a boundary belongs to the boundary.
fn without_line_end(body: &Bytes, start: usize, end: usize) -> usize {
    let piece = body.get(start..end).unwrap_or_default();
    let piece = piece.strip_suffix(b"\n").unwrap_or(piece);
    let piece = piece.strip_suffix(b"\r").unwrap_or(piece);
    start + piece.len()
}

/// The line that starts at `at`, with where it starts, and where the next one does.
fn line_at(body: &[u8], at: usize) -> Option<((usize, &[u8]), usize)> {
    let rest = body.get(at..).filter(|rest| !rest.is_empty())?;
    let length = rest
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(rest.len(), |end| end + 1);
    let line = rest.get(..length)?;
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Some(((at, line), at + length))
}

/// The first line that is not blank, and what follows it.
fn line(content: &Bytes) -> Option<(Bytes, Bytes)> {
    let mut at = 0;
    loop {
        let ((_, text), next) = line_at(content, at)?;
        if !text.is_empty() {
            return Some((content.slice_ref(text), content.slice(next..)));
        }
        at = next;
    }
}

/// Header lines up to a blank one, and what follows it.
fn headers(piece: &Bytes) -> Result<(HeaderMap, Bytes), Malformed> {
    const WRONG: Malformed = "one of its parts has headers that are none";
    let mut headers = HeaderMap::new();
    let mut at = 0;
    while let Some(((_, text), next)) = line_at(piece, at) {
        at = next;
        if text.is_empty() {
            break;
        }
        let colon = text.iter().position(|byte| *byte == b':').ok_or(WRONG)?;
        let (name, value) = text.split_at_checked(colon).ok_or(WRONG)?;
        let name = HeaderName::from_bytes(name.trim_ascii()).map_err(|_| WRONG)?;
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        let value = HeaderValue::from_bytes(value).map_err(|_| WRONG)?;
        headers.append(name, value);
        if headers.len() > HEADERS {
            return Err("one of its parts has too many headers");
        }
    }
    Ok((headers, piece.slice(at..)))
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests;
