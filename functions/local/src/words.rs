//! What is stored about a stream, in plain words and as JSON.
//!
//! Never in here: a link. It opens nothing without a token, but says more about the environment than a
//! terminal's history should keep.

use serde_json::{Value, json};
use sync_store::{Guard, Guarded, Mark, PARTITIONS, Position, StreamState, Value as FieldValue};

/// What a position's JSON has: everything but its links.
const SHOWN: [&str; 4] = ["state", "since", "pages", "partition"];

/// Where the next run goes on.
pub(crate) fn position(position: &Position) -> String {
    match position {
        Position::Start => "at the start; nothing of this generation was read yet".to_owned(),
        Position::Loading { since, .. } => format!("loading since {since:.0}"),
        Position::Overlap { since, .. } => {
            format!("loaded; what changed since {since:.0} is still to be read")
        }
        Position::Sweeping { partition, .. } => format!(
            "read again in full; removing what is gone, {partition} of {PARTITIONS} parts done"
        ),
        Position::Settled {
            mark: Mark::Delta(_),
        } => "settled; the next run reads what changed".to_owned(),
        Position::Settled {
            mark: Mark::Watermark(time),
        } => format!("settled; the next run reads what was modified since {time:.0}"),
        Position::Reading { since, .. } => {
            format!("in the middle of what changed, since {since:.0}")
        }
        Position::Listing { pages, .. } => {
            let plural = if *pages == 1 { "" } else { "s" };
            format!("walking over all keys, {pages} page{plural} so far")
        }
        Position::Comparing { .. } => "comparing the copy with all keys".to_owned(),
    }
}

/// The same for programs.
pub(crate) fn position_json(position: &Position) -> serde_json::Result<Value> {
    let mut value = serde_json::to_value(position)?;
    if let Some(members) = value.as_object_mut() {
        members.retain(|name, _| SHOWN.contains(&name.as_str()));
    }
    Ok(value)
}

/// What one of a stream's guards stopped, and whether that is released.
pub(crate) fn stopped(state: &StreamState, guard: Guard) -> Option<(&Guarded, bool)> {
    let (guarded, released) = match guard {
        Guard::Vanishing => (&state.guarded, state.released),
        Guard::Expiry => (&state.expiry_guarded, state.expiry_released),
    };
    Some((guarded.as_ref()?, released))
}

/// What a guard stopped, and what to do about it.
pub(crate) fn guarded(stream: &str, guard: Guard, (guarded, released): (&Guarded, bool)) -> String {
    let Guarded {
        vanishing: count,
        of,
        run_id,
        since,
    } = guarded;
    let (what, right) = match guard {
        Guard::Vanishing => (
            format!("{count} of {of} records would vanish, so nothing was removed"),
            "they are really gone from Dynamics",
        ),
        Guard::Expiry => (
            format!(
                "{count} of {of} rows would be written to Dynamics because they have expired, so none was; in the copy they are hidden"
            ),
            "their dates are right",
        ),
    };
    let next = if released {
        "Released: the next run lets it happen".to_owned()
    } else {
        format!("If {right}, release it: `dynamics-sync cursor release {stream}`")
    };
    format!("{what}; first stopped {since:.0}, last by run `{run_id}`. {next}")
}

/// The same for programs.
pub(crate) fn guarded_json(guard: Guard, (guarded, released): (&Guarded, bool)) -> Value {
    let count = match guard {
        Guard::Vanishing => "vanishing",
        Guard::Expiry => "expiries",
    };
    json!({
        count: guarded.vanishing,
        "of": guarded.of,
        "run_id": guarded.run_id,
        "since": guarded.since,
        "released": released,
    })
}

/// A value, cut where it is long; `--json` shows it whole.
pub(crate) fn shortened(value: &FieldValue) -> String {
    const SHOWN: usize = 200;
    let text = self::value(value);
    match text.char_indices().nth(SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// A value as a person reads it.
pub(crate) fn value(value: &FieldValue) -> &str {
    match value {
        FieldValue::Null => "(empty)",
        FieldValue::Boolean(true) => "yes",
        FieldValue::Boolean(false) => "no",
        FieldValue::Number(text) | FieldValue::Text(text) => text,
    }
}

/// "1 record", "2 records".
pub(crate) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://org.example/api/data/v9.2/contacts?$deltatoken=919042";

    fn positions() -> Vec<Position> {
        let since = "2026-11-20T01:00:00Z".parse().unwrap();
        let mark = Mark::Delta(LINK.to_owned());
        let next = LINK.to_owned();
        vec![
            Position::Start,
            Position::Loading {
                next: next.clone(),
                since,
            },
            Position::Overlap {
                mark: mark.clone(),
                next: Some(next.clone()),
                since,
            },
            Position::Sweeping {
                mark: mark.clone(),
                since,
                partition: 4,
            },
            Position::Settled { mark: mark.clone() },
            Position::Reading {
                mark: mark.clone(),
                next: next.clone(),
                since,
            },
            Position::Listing {
                mark: mark.clone(),
                since,
                next: Some(next),
                pages: 12,
            },
            Position::Comparing {
                mark,
                since,
                pages: 12,
                granted: true,
            },
        ]
    }

    #[test]
    fn a_link_is_shown_in_no_position() {
        for one in positions() {
            let json = position_json(&one).unwrap();
            assert!(json["state"].is_string(), "{json}");
            for text in [position(&one), json.to_string()] {
                assert!(!text.contains("token") && !text.contains("http"), "{text}");
            }
        }
    }

    #[test]
    fn a_position_is_told_with_how_far_it_is() {
        let told: Vec<String> = positions().iter().map(position).collect();
        assert_eq!(told[1], "loading since 2026-11-20T01:00:00Z");
        assert_eq!(
            told[3],
            "read again in full; removing what is gone, 4 of 16 parts done"
        );
        assert_eq!(told[6], "walking over all keys, 12 pages so far");
        assert_eq!(position_json(&positions()[6]).unwrap()["pages"], 12);
    }
}
