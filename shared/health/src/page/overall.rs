//! The line on top, which says it all.

use situation::{Level, Situation};
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
        if situation
            .streams
            .iter()
            .any(|stream| stream.level == Level::Empty)
        {
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
