//! `$filter`, `$select` and `$expand` over JSON objects.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::Value as Json;

use super::Object;
use crate::query::{QueryOptions, parse_filter, split_top_level};
use crate::refusal::Refusal;
use crate::world::Value;

/// The objects that meet a filter.
pub(super) fn filtered(
    objects: Vec<Object>,
    filter: Option<&str>,
    options: &QueryOptions,
    type_name: &str,
) -> Result<Vec<Object>, Refusal> {
    let Some(filter) = filter else {
        return Ok(objects);
    };
    let filter = parse_filter(filter, options)?.bind(&mut |name: String| {
        let root = name.split('/').next().unwrap_or_default();
        let known = objects.is_empty() || objects.iter().any(|object| object.contains_key(root));
        if known {
            Ok(name)
        } else {
            Err(Refusal::unknown_property(root, type_name))
        }
    })?;
    Ok(objects
        .into_iter()
        .filter(|object| filter.holds(&|path: &String| Cow::Owned(lookup(object, path))))
        .collect())
}

/// An object cut to the selected properties; its id always stays.
pub(super) fn projected(
    mut object: Object,
    select: Option<Vec<&str>>,
    type_name: &str,
) -> Result<Object, Refusal> {
    let Some(select) = select else {
        return Ok(object);
    };
    let mut view = Object::new();
    for always in ["@odata.type", "MetadataId"] {
        if let Some(value) = object.remove(always) {
            view.insert(always.to_owned(), value);
        }
    }
    for name in select {
        if view.contains_key(name) {
            continue;
        }
        let value = object
            .remove(name)
            .ok_or_else(|| Refusal::unknown_property(name, type_name))?;
        view.insert(name.to_owned(), value);
    }
    Ok(view)
}

/// `Attributes($select=A;$filter=B),Keys`: each name with its own options.
pub(super) fn expansions(text: &str) -> Vec<(String, QueryOptions)> {
    split_top_level(text, ',')
        .into_iter()
        .map(|part| match part.split_once('(') {
            None => (part.to_owned(), QueryOptions::default()),
            Some((name, inner)) => {
                let inner = inner.strip_suffix(')').unwrap_or(inner);
                let options = QueryOptions::of_parts(split_top_level(inner, ';'));
                (name.to_owned(), options)
            }
        })
        .collect()
}

fn lookup(object: &Object, path: &str) -> Value {
    let mut parts = path.split('/');
    let first = parts.next().and_then(|name| object.get(name));
    let found = parts.try_fold(first, |value, name| value.map(|value| value.get(name)));
    match found.flatten() {
        Some(Json::String(text)) => match text.parse::<uuid::Uuid>() {
            Ok(id) => Value::Guid(id),
            Err(_) => text
                .parse::<Timestamp>()
                .map_or_else(|_| Value::Text(text.clone().into()), Value::Moment),
        },
        Some(Json::Bool(flag)) => Value::Boolean(*flag),
        Some(Json::Number(number)) => number.as_i64().map_or(Value::Null, Value::Integer),
        _ => Value::Null,
    }
}
