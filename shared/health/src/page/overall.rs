//! The line on top, which says it all.

use situation::{Level, Situation, StreamSituation};
use wording::Page as Texts;

use super::Moments;
use crate::standing::Standing;

/// What is on top of the page.
pub(crate) struct Overall {
    /// Its class in the style sheet.
    pub(crate) class: &'static str,
    /// Its sign, which says nothing more than the words.
    pub(crate) sign: &'static str,
    pub(crate) headline: &'static str,
    pub(crate) lines: Vec<String>,
}

impl Overall {
    pub(crate) fn of(standing: &Standing, t: &'static Texts, moments: &Moments) -> Self {
        let (level, headline, lines) = match standing {
            Standing::NotSetUp(_) => (Level::Broken, t.overall.not_set_up, Vec::new()),
            Standing::Unreadable(_) => (Level::Broken, t.overall.unknown, Vec::new()),
            Standing::Known(known) => {
                let level = known.situation.verdict();
                let headline = match level {
                    Level::Empty => t.overall.empty,
                    Level::Good => t.overall.good,
                    Level::Attention => t.overall.attention,
                    Level::Broken => t.overall.broken,
                };
                (level, headline, lines(&known.situation, t, moments))
            }
        };
        Self {
            class: class(level),
            sign: sign(level),
            headline,
            lines,
        }
    }
}

fn lines(situation: &Situation, t: &'static Texts, moments: &Moments) -> Vec<String> {
    let mut lines = Vec::new();
    if situation.verdict() == Level::Empty {
        lines.push(t.overall.begin.to_owned());
    } else {
        let read = situation.streams.iter().filter_map(|stream| stream.as_of);
        lines.extend(
            read.min()
                .map(|oldest| (t.overall.fresh)(&moments.text(oldest))),
        );
        let unread = |stream: &StreamSituation| {
            stream.pulls && stream.as_of.is_none() && !stream.is_skipped()
        };
        if situation.streams.iter().any(unread) {
            lines.push(t.overall.not_loaded.to_owned());
        }
    }
    if situation
        .streams
        .iter()
        .any(|stream| stream.running_until.is_some())
    {
        lines.push(t.overall.running.to_owned());
    }
    lines
}

/// The class of a level in the style sheet.
pub(crate) fn class(level: Level) -> &'static str {
    match level {
        Level::Empty => "empty",
        Level::Good => "good",
        Level::Attention => "attention",
        Level::Broken => "broken",
    }
}

/// The sign of a level.
pub(crate) fn sign(level: Level) -> &'static str {
    match level {
        Level::Empty => "○",
        Level::Good => "✓",
        Level::Attention => "!",
        Level::Broken => "✕",
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::TimeZone;
    use situation::{Concern, What};
    use sync_engine::{StreamReport, StreamStatus};
    use wording::InBoth;

    use super::*;

    #[test]
    fn what_was_never_read_is_said_also_if_reading_it_fails() {
        let moments = Moments::new(streams::Language::En, TimeZone::UTC, Timestamp::UNIX_EPOCH);
        for (pulls, as_of, status, said) in [
            (true, None, StreamStatus::Failed, true),
            // There is nothing to read.
            (true, None, StreamStatus::Skipped, false),
            (
                true,
                Some(Timestamp::UNIX_EPOCH),
                StreamStatus::Failed,
                false,
            ),
            (false, None, StreamStatus::Failed, false),
        ] {
            let last = StreamReport {
                status,
                ..StreamReport::default()
            };
            let stream = StreamSituation {
                pulls,
                as_of,
                last: Some(last),
                level: Level::Broken,
                ..StreamSituation::default()
            };
            let failing = Concern {
                level: Level::Broken,
                stream: None,
                what: What::Failing { times: 1 },
                since: None,
            };
            let situation = Situation {
                streams: vec![stream],
                concerns: vec![failing],
                ..Situation::default()
            };
            let lines = lines(&situation, Texts::EN, &moments);
            let not_loaded = Texts::EN.overall.not_loaded;
            let found = lines.iter().any(|line| line == not_loaded);
            assert_eq!(found, said, "{pulls} {as_of:?} {status:?}");
        }
    }
}
