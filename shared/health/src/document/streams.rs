//! What is measured of one stream.

use serde_json::json;
use situation::{Situation, StreamSituation, What};

use super::{Entry, entry, judged, of};
use crate::page::level_name;

/// A stream's entries.
pub(super) fn measured(
    situation: &Situation,
    stream: &StreamSituation,
) -> Vec<(&'static str, Entry)> {
    let component = || Entry {
        component_id: Some(stream.name.clone()),
        ..entry("component")
    };
    let judged = |is_it: fn(&What) -> bool| judged(situation, Some(&stream.name), is_it);
    let counted = |count: u64, is_it: fn(&What) -> bool| Entry {
        observed_value: json!(count),
        status: judged(is_it),
        ..component()
    };
    let seconds = stream.lag.map(|lag| lag.as_secs());
    vec![
        (
            "streams:status",
            Entry {
                observed_value: json!(level_name(stream.level)),
                status: of(stream.level),
                output: stream.last.as_ref().and_then(|last| last.reason.clone()),
                time: stream.last_ended,
                ..component()
            },
        ),
        (
            "streams:lastSuccess",
            Entry {
                observed_value: json!(stream.last_success),
                status: judged(|what| matches!(what, What::Failing { .. } | What::Unreadable)),
                ..component()
            },
        ),
        (
            "streams:lag",
            Entry {
                observed_value: json!(seconds),
                observed_unit: seconds.map(|_| "s"),
                status: judged(|what| matches!(what, What::Stale)),
                time: stream.as_of,
                ..component()
            },
        ),
        (
            "streams:guarded",
            Entry {
                observed_value: json!(
                    stream
                        .guarded
                        .as_ref()
                        .map_or(0, |(stopped, _)| stopped.vanishing)
                ),
                status: judged(|what| matches!(what, What::GuardTripped { .. })),
                ..component()
            },
        ),
        (
            "streams:expiryGuarded",
            Entry {
                observed_value: json!(
                    stream
                        .expiry_guarded
                        .as_ref()
                        .map_or(0, |(stopped, _)| stopped.vanishing)
                ),
                status: judged(|what| matches!(what, What::ExpiryGuardTripped { .. })),
                ..component()
            },
        ),
        ("streams:waiting", counted(stream.waiting, |_| false)),
        (
            "streams:held",
            counted(stream.held, |what| matches!(what, What::Held(_))),
        ),
        (
            "streams:refused",
            counted(stream.refused, |what| matches!(what, What::Refused(_))),
        ),
        (
            "streams:mismatches",
            counted(stream.mismatches, |what| {
                matches!(what, What::Mismatches(_))
            }),
        ),
        (
            "streams:schemaChanges",
            Entry {
                observed_value: json!(stream.schema_changes),
                status: judged(|what| matches!(what, What::SchemaChanged(_))),
                ..component()
            },
        ),
        (
            "streams:quarantined",
            counted(stream.quarantined, |what| {
                matches!(what, What::Quarantined(_))
            }),
        ),
        (
            "streams:expiring",
            counted(stream.expiring.total, |what| {
                matches!(what, What::Expiring(_))
            }),
        ),
    ]
}
