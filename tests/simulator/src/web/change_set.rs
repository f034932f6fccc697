//! A change set of a batch: its requests count whole or not at all, and may refer to each other's rows.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::value::RawValue;

use super::batch::{Operation, Outcome, finished, ordered_failure, within};
use super::call::Part;
use super::payload::Body;
use super::{Answer, Context, change, demands};
use crate::refusal::Refusal;

/// The rows that a change set has written so far, by content id.
type References = BTreeMap<String, String>;

/// All requests of a change set, or the answer to the first that failed.
pub(super) fn answer(context: &mut Context<'_>, operations: Vec<Operation>) -> Outcome {
    let mut world = context.simulator.world_mut();
    let done = world.atomically(|world| {
        let mut references = References::new();
        let mut answers = Vec::new();
        for mut operation in operations {
            let id = operation.content_id.take();
            let failed = |answer| Box::new((id.clone(), answer));
            if let Some(refused) = ordered_failure(context, operation.number) {
                return Err(failed(refused));
            }
            let part = resolved(operation.part, &references)
                .map_err(|refusal| failed(Answer::from(refusal)))?;
            let call = context.call.within(part);
            let mut inner = within(context, &call);
            let answer = demands::check(&call)
                .and_then(|()| change(&mut inner, world))
                .unwrap_or_else(Answer::from);
            let answer = finished(&call, answer);
            if answer.status >= 400 {
                return Err(failed(answer));
            }
            let row = answer
                .headers
                .iter()
                .find(|(name, _)| *name == "odata-entityid");
            if let (Some(id), Some((_, url))) = (&id, row) {
                references.insert(format!("${id}"), url.clone());
            }
            answers.push((id, answer));
        }
        Ok(answers)
    });
    match done {
        Ok(answers) => Outcome::ChangeSet(answers),
        Err(failed) => {
            let (id, answer) = *failed;
            Outcome::One(id, answer)
        }
    }
}

/// Puts the rows that earlier requests wrote where a request refers to them.
fn resolved(mut part: Part, references: &References) -> Result<Part, Refusal> {
    let row = |reference: &str| {
        references.get(reference).cloned().ok_or_else(|| {
            Refusal::bad_payload(format!(
                "Content-ID Reference: '{reference}' does not exist in the batch context."
            ))
        })
    };
    if part.url.starts_with('$') {
        let (reference, rest) = match part.url.split_once('/') {
            Some((reference, rest)) => (reference, format!("/{rest}")),
            None => (part.url.as_str(), String::new()),
        };
        part.url = format!("{}{rest}", row(reference)?);
    }
    let refers = part.body.windows(2).any(|pair| pair == b"\"$");
    let Some(mut body) = serde_json::from_slice::<Body>(&part.body)
        .ok()
        .filter(|_| refers)
    else {
        return Ok(part);
    };
    for (name, value) in &mut body {
        let text: Option<String> = serde_json::from_str(value.get()).ok();
        let reference = text.filter(|text| name.ends_with("@odata.bind") && text.starts_with('$'));
        if let Some(reference) = reference {
            let url = serde_json::Value::from(row(&reference)?).to_string();
            *value = RawValue::from_string(url)
                .map_err(|error| Refusal::bad_payload(error.to_string()))?;
        }
    }
    let text =
        serde_json::to_vec(&body).map_err(|error| Refusal::bad_payload(error.to_string()))?;
    part.body = Bytes::from(text);
    Ok(part)
}
