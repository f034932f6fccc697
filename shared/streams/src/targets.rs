//! What an expiry sets over a lookup: found in the other streams when all of them are read.

use std::ops::Range;

use toml::de::DeValue;

use crate::contradictions::check_settable;
use crate::error::Problems;
use crate::model::{Stream, TargetValue};
use crate::names::{nearest, quoted};
use crate::section::Entry;
use crate::value;

/// A stream whose expiry may reach into streams that are not read yet.
pub(crate) struct Draft<'a, 'i> {
    /// The stream as far as it can be told from its own table.
    pub(crate) stream: Stream,
    /// Every field that it names, also one that has a mistake.
    pub(crate) names: Vec<String>,
    /// Whether all its fields were seen, so that a name not listed is not there.
    pub(crate) complete: bool,
    /// What its expiry sets over lookups.
    pub(crate) reaches: Vec<Reach<'a, 'i>>,
}

/// An entry `"lookup.field" = value` whose target stream is not known yet.
pub(crate) struct Reach<'a, 'i> {
    /// The lookup field of the stream that has the expiry.
    pub(crate) lookup: String,
    /// The entity set that the lookup refers to.
    pub(crate) table: String,
    /// The field wanted of the stream that reads that entity set.
    pub(crate) field: &'a str,
    /// Where the entry's name stands.
    pub(crate) at: Range<usize>,
    pub(crate) value: Entry<&'a DeValue<'i>>,
}

/// Completes the streams. `all` says whether no stream of the file is left out, so that what is not
/// found is not there.
pub(crate) fn resolve(
    mut drafts: Vec<Draft<'_, '_>>,
    all: bool,
    problems: &mut Problems<'_>,
) -> Vec<Stream> {
    let reaches: Vec<Vec<Reach<'_, '_>>> = drafts
        .iter_mut()
        .map(|draft| std::mem::take(&mut draft.reaches))
        .collect();
    let targets: Vec<Vec<TargetValue>> = reaches
        .into_iter()
        .map(|reaches| {
            let mut targets: Vec<TargetValue> = reaches
                .into_iter()
                .filter_map(|reach| target(reach, &drafts, all, problems))
                .collect();
            targets.sort_by(|a, b| (&a.lookup, &a.field).cmp(&(&b.lookup, &b.field)));
            targets
        })
        .collect();
    let streams = drafts.into_iter().map(|draft| draft.stream);
    streams
        .zip(targets)
        .map(|(mut stream, targets)| {
            if let Some(expiry) = &mut stream.expiry {
                expiry.targets = targets;
            }
            stream
        })
        .collect()
}

fn target(
    reach: Reach<'_, '_>,
    drafts: &[Draft<'_, '_>],
    all: bool,
    problems: &mut Problems<'_>,
) -> Option<TargetValue> {
    // A stream that only pushes has no records that could be hidden.
    let readers: Vec<&Draft<'_, '_>> = drafts
        .iter()
        .filter(|draft| draft.stream.table == reach.table && draft.stream.direction.pulls())
        .collect();
    let having: Vec<&Draft<'_, '_>> = readers
        .iter()
        .copied()
        .filter(|draft| draft.names.iter().any(|name| name == reach.field))
        .collect();
    let wrong = match having.as_slice() {
        [only] => {
            let stream = &only.stream;
            // A field with a mistake of its own is named, but was not kept.
            let field = stream
                .fields
                .iter()
                .find(|field| field.name == reach.field)?;
            let pushes = stream.direction.pushes().then_some(stream.update);
            match check_settable(field, &stream.key, pushes) {
                Ok(()) => {
                    let value = value::of_field(field, reach.value, problems)?;
                    return Some(TargetValue {
                        lookup: reach.lookup,
                        stream: stream.name.clone(),
                        field: field.name.clone(),
                        value,
                    });
                }
                Err(message) => message,
            }
        }
        [] if !all || readers.iter().any(|draft| !draft.complete) => return None,
        [] => nowhere(&reach, &readers),
        several => {
            let names: Vec<String> = several
                .iter()
                .map(|draft| quoted(&draft.stream.name))
                .collect();
            format!(
                "expected one stream that reads table {} and has a field {}, found {}: {}; keep the field in one",
                quoted(&reach.table),
                quoted(reach.field),
                names.len(),
                names.join(", ")
            )
        }
    };
    problems.add(reach.at, &reach.value.place, wrong);
    None
}

/// Says that no stream has what is reached for.
fn nowhere(reach: &Reach<'_, '_>, readers: &[&Draft<'_, '_>]) -> String {
    let table = quoted(&reach.table);
    let lookup = &reach.lookup;
    if readers.is_empty() {
        return format!(
            "no stream of this file reads table {table}, to which lookup \"{lookup}\" refers; add one, with a field {}",
            quoted(reach.field)
        );
    }
    let known = readers
        .iter()
        .flat_map(|draft| draft.names.iter().map(String::as_str));
    let hint = nearest(reach.field, known).map_or_else(
        || "; add it to its fields".to_owned(),
        |near| format!("; did you mean \"{lookup}.{near}\"?"),
    );
    format!(
        "no stream that reads table {table} has a field {}{hint}",
        quoted(reach.field)
    )
}
