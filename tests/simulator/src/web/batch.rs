//! `$batch`: several requests in one, answered in order. Change sets count whole or not at all.

use axum::http::Method;

use super::address::Address;
use super::call::Part;
use super::prefer::Preferences;
use super::{Answer, Call, Context, change_set, checked, error_details, multipart};
use crate::faults::Effect;
use crate::refusal::Refusal;

/// The most requests that a batch may have.
const MAX_REQUESTS: usize = 1_000;

/// A request of a batch.
pub(super) struct Operation {
    /// Its place among all requests of the batch.
    pub(super) number: usize,
    pub(super) content_id: Option<String>,
    pub(super) part: Part,
}

enum Item {
    One(Operation),
    ChangeSet(Vec<Operation>),
}

/// What became of a part: one answer, or one of each request of a change set.
pub(super) enum Outcome {
    One(Option<String>, Answer),
    ChangeSet(Vec<(Option<String>, Answer)>),
}

/// `POST $batch`.
pub(super) fn answer(context: &mut Context<'_>) -> Result<Answer, Refusal> {
    let call = context.call;
    let items = read(call)?;
    let preferences = Preferences::read(&call.headers, 1);
    let mut status = 200;
    let mut outcomes = Vec::new();
    for item in items {
        let outcome = match item {
            Item::One(operation) => {
                let answer = alone(context, &operation);
                Outcome::One(operation.content_id, answer)
            }
            Item::ChangeSet(operations) => change_set::answer(context, operations),
        };
        let failed = match &outcome {
            Outcome::One(_, answer) if answer.status >= 400 => Some(answer.status),
            _ => None,
        };
        outcomes.push(outcome);
        if let Some(failed) = failed.filter(|_| !preferences.continue_on_error) {
            status = failed;
            break;
        }
    }
    Ok(printed(context, status, outcomes))
}

/// Takes the batch apart and holds it against its rules.
fn read(call: &Call) -> Result<Vec<Item>, Refusal> {
    let unreadable = || Refusal::bad_payload("Stream was not readable.");
    let boundary = multipart::boundary(call.header("content-type").unwrap_or_default());
    let boundary = boundary.ok_or_else(|| {
        Refusal::bad_payload("A batch is 'multipart/mixed' and names its boundary.")
    })?;
    let mut items = Vec::new();
    let mut number = 0_usize;
    for section in multipart::sections(&call.body, boundary).ok_or_else(unreadable)? {
        let header = |name: &str| {
            section
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let inner = header("content-type").and_then(multipart::boundary);
        let operations = match inner {
            None => vec![operation(&section, &mut number).ok_or_else(unreadable)?],
            Some(inner) => multipart::sections(section.content, inner)
                .ok_or_else(unreadable)?
                .iter()
                .map(|section| operation(section, &mut number).ok_or_else(unreadable))
                .collect::<Result<_, _>>()?,
        };
        if inner.is_some() {
            let read_only = |operation: &Operation| operation.part.method == Method::GET;
            if operations.iter().any(read_only) {
                let message = "A change set must not have GET requests.";
                return Err(Refusal::bad_payload(message));
            }
            if operations
                .iter()
                .any(|operation| operation.content_id.is_none())
            {
                let message = "Every request of a change set must have a Content-ID header.";
                return Err(Refusal::bad_payload(message));
            }
            items.push(Item::ChangeSet(operations));
        } else {
            items.extend(operations.into_iter().map(Item::One));
        }
    }
    if number > MAX_REQUESTS {
        return Err(Refusal::bad_payload(format!(
            "The number of requests in the batch, {number}, exceeds the maximum of {MAX_REQUESTS}."
        )));
    }
    Ok(items)
}

fn operation(section: &multipart::Section<'_>, number: &mut usize) -> Option<Operation> {
    let header = |name: &str| {
        section
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let encoding = header("content-transfer-encoding");
    if !header("content-type")?.starts_with("application/http") || encoding != Some("binary") {
        return None;
    }
    let operation = Operation {
        number: *number,
        content_id: header("content-id").map(str::to_owned),
        part: multipart::request(section.content)?,
    };
    *number = number.saturating_add(1);
    Some(operation)
}

/// A request outside of change sets.
fn alone(context: &mut Context<'_>, operation: &Operation) -> Answer {
    if let Some(refused) = ordered_failure(context, operation.number) {
        return refused;
    }
    let call = context.call.within(operation.part.clone());
    if call.address == Address::Batch {
        return Answer::from(Refusal::bad_payload("A batch must not hold another batch."));
    }
    let mut inner = within(context, &call);
    finished(&call, checked(&mut inner))
}

/// The answer as parts carry it: a new row also has a location.
pub(super) fn finished(call: &Call, answer: Answer) -> Answer {
    let row = answer
        .headers
        .iter()
        .find(|(name, _)| *name == "odata-entityid")
        .map(|(_, url)| url.clone());
    let answer = match row.filter(|_| call.method == Method::POST) {
        Some(url) => answer.header("location", url),
        None => answer,
    };
    if Preferences::read(&call.headers, 1)
        .annotations
        .error_details
    {
        error_details::annotate(answer)
    } else {
        answer
    }
}

/// The refusal that a fault orders for this request.
pub(super) fn ordered_failure(context: &mut Context<'_>, number: usize) -> Option<Answer> {
    context.plan.content.iter_mut().find_map(|fault| {
        let Effect::FailParts {
            every,
            status,
            code,
            message,
        } = &fault.effect
        else {
            return None;
        };
        let every = usize::try_from(*every).unwrap_or(1).max(1);
        number.is_multiple_of(every).then(|| {
            fault.struck = true;
            Answer::from(Refusal::new(*status, code, message.clone()))
        })
    })
}

pub(super) fn within<'c>(context: &'c mut Context<'_>, call: &'c Call) -> Context<'c> {
    Context {
        simulator: context.simulator,
        call,
        switches: context.switches.clone(),
        now: context.now,
        plan: context.plan,
    }
}

fn printed(context: &Context<'_>, status: u16, outcomes: Vec<Outcome>) -> Answer {
    let boundary = format!("batchresponse_{}", context.simulator.service_request_id());
    let mut body = Vec::new();
    for outcome in outcomes {
        match outcome {
            Outcome::One(id, answer) => {
                multipart::print(&answer, id.as_deref(), &boundary, &mut body);
            }
            Outcome::ChangeSet(answers) => {
                let inner = format!(
                    "changesetresponse_{}",
                    context.simulator.service_request_id()
                );
                let media_type = format!("multipart/mixed; boundary={inner}");
                multipart::open(&boundary, &media_type, None, &mut body);
                for (id, answer) in answers {
                    multipart::print(&answer, id.as_deref(), &inner, &mut body);
                }
                multipart::close(&inner, &mut body);
                body.extend_from_slice(b"\r\n");
            }
        }
    }
    multipart::close(&boundary, &mut body);
    Answer::empty(status)
        .header(
            "content-type",
            format!("multipart/mixed; boundary={boundary}"),
        )
        .header("odata-version", "4.0".to_owned())
        .with_body(body)
}
