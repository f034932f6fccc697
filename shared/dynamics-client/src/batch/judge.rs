//! Matching the parts of a batch's answer with what was sent.
//!
//! Never in here: sending, or the meaning of a refusal (see `classify`).

use bytes::Bytes;
use http::Response;
use http::header::CONTENT_TYPE;
use jiff::Timestamp;
use serde::de::IgnoredAny;

use super::Unit;
use super::parse::{self, Answer, CUT, Part};
use crate::call::{Aim, Asked};
use crate::change::{Prepared, numbered};
use crate::classify::{Failure, refused, with_answer};
use crate::counters::RequestClass;
use crate::error::{ErrorKind, Problem};
use crate::unusable::unreadable;
use crate::written::{self, Written};

/// What came of one unit; a failure with the operation that failed.
pub(super) type Judged = Result<Vec<Written>, (String, Failure)>;

/// Reads the answer to a batch of `units`: one part a unit, in their order.
pub(super) fn judge(
    asked: Asked,
    answer: &Response<Bytes>,
    units: &[&Unit],
    now: Timestamp,
) -> Result<Vec<Judged>, Failure> {
    let kind = answer.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|value| value.to_str().ok());
    let most = units.iter().map(|unit| unit.parts().len()).sum();
    let parts = match parse::parts(kind, answer.body(), most) {
        Ok(parts) => parts,
        Err(why) => return Err(malformed(asked, answer, why)),
    };
    if parts.len() != units.len() {
        return Err(malformed(
            asked,
            answer,
            "it has not as many parts as were sent",
        ));
    }
    units
        .iter()
        .zip(parts)
        .map(|(unit, part)| match (unit, part) {
            (Unit::One(sent), Part::Answer(part)) => {
                if part.content_id.is_some() {
                    return Err("one of its parts answers another request");
                }
                Ok(one(sent, &part, now))
            }
            (Unit::Set(sent), Part::Set(parts)) => set(sent, &parts, now),
            (Unit::Set(sent), Part::Answer(part)) => failed_set(sent, &part, now),
            (Unit::One(_), Part::Set(_)) => Err("one of its parts is a set that was not asked for"),
        })
        .collect::<Result<_, _>>()
        .map_err(|why| malformed(asked, answer, why))
}

fn one(sent: &Prepared, part: &Answer, now: Timestamp) -> Judged {
    read(sent, part, now)
        .map(|written| vec![written])
        .map_err(|failure| (sent.operation.clone(), failure))
}

fn set(sent: &[Prepared], parts: &[Answer], now: Timestamp) -> Result<Judged, &'static str> {
    if let [part] = parts
        && !part.response.status().is_success()
    {
        return failed_set(sent, part, now);
    }
    if parts.len() != sent.len() {
        return Err("it has not as many parts as were sent");
    }
    let in_order = parts.iter().enumerate().all(|(index, part)| {
        part.content_id.as_deref().and_then(|id| id.parse().ok()) == Some(index + 1)
    });
    if !in_order {
        return Err("its parts are not in the order in which they were sent");
    }
    let all = sent.iter().zip(parts).map(|(sent, part)| {
        read(sent, part, now).map_err(|failure| (sent.operation.clone(), failure))
    });
    Ok(all.collect())
}

/// A set of which one part was refused: the answer may name it.
fn failed_set(sent: &[Prepared], part: &Answer, now: Timestamp) -> Result<Judged, &'static str> {
    if part.response.status().is_success() {
        return Err("it has not as many parts as were sent");
    }
    let number: Option<usize> = part.content_id.as_deref().and_then(|id| id.parse().ok());
    let named = number.and_then(|number| sent.get(number.checked_sub(1)?));
    let (operation, asked) = match named {
        Some(part) => {
            let unnamed = part.aim == Aim::New && part.expected.id.is_none();
            let operation = match number.filter(|_| unnamed) {
                Some(number) => numbered(&part.operation, number, sent.len()),
                None => part.operation.clone(),
            };
            (operation, asked_of(part))
        }
        None => {
            let many = Asked {
                aim: Some(Aim::Many),
                ..sent.first().map_or(BATCH, asked_of)
            };
            (format!("write a change set of {} rows", sent.len()), many)
        }
    };
    Ok(Err((operation, refused(&part.response, asked, now))))
}

fn read(sent: &Prepared, part: &Answer, now: Timestamp) -> Result<Written, Failure> {
    let asked = asked_of(sent);
    if part.response.status().is_success() {
        return written::read(asked, &part.response, &sent.expected);
    }
    Err(refused(&part.response, asked, now))
}

const BATCH: Asked = Asked {
    class: RequestClass::Write,
    by_link: false,
    reads: false,
    aim: None,
};

fn asked_of(sent: &Prepared) -> Asked {
    Asked {
        aim: Some(sent.aim),
        ..BATCH
    }
}

fn malformed(asked: Asked, answer: &Response<Bytes>, why: &'static str) -> Failure {
    // A web page or nothing at all is what passing trouble looks like.
    let parsed = serde_json::from_slice::<IgnoredAny>(answer.body());
    let body = answer.body().trim_ascii_start();
    if let Err(error) = parsed
        && (body.is_empty() || body.starts_with(b"<"))
    {
        return unreadable(asked, answer, &error);
    }
    let (kind, advice) = if why == CUT {
        (ErrorKind::Unavailable, "Try again later.")
    } else {
        (ErrorKind::Protocol, "If it keeps happening, report it.")
    };
    let problem = Problem::new(kind, "Dataverse gave an unusable answer")
        .because(why)
        .advise(advice);
    Failure {
        passing: why == CUT,
        ..Failure::unusable(with_answer(problem, answer))
    }
}
