//! One card a stream.

use situation::{Level, Links, StreamSituation};
use sync_engine::StreamStatus;
use wording::Page as Texts;
use wording::page::GuardAdvice;

use super::overall::{class, sign};
use super::{Moment, Moments};

/// So many of what expires soonest are listed.
const LISTED: usize = 20;

/// A stream on the page.
pub(crate) struct Card {
    pub(crate) name: String,
    pub(crate) class: &'static str,
    pub(crate) sign: &'static str,
    pub(crate) level: &'static str,
    /// When the copy is from; or in words, where it is from no time.
    pub(crate) as_of: Result<Moment, &'static str>,
    pub(crate) last_success: Option<Moment>,
    /// Name and number of what there may be.
    pub(crate) counts: Vec<(&'static str, u64)>,
    /// Why the last run did not complete it.
    pub(crate) reason: Option<String>,
    /// What is worth knowing although it is no failure; in English.
    pub(crate) notes: Vec<String>,
    pub(crate) guards: Vec<Stopped>,
    pub(crate) soonest: Option<Soonest>,
}

/// What a guard stopped.
pub(crate) struct Stopped {
    pub(crate) what: String,
    pub(crate) act: &'static str,
    /// The name of the number in the form; the number that is released is the one that is shown.
    pub(crate) field: &'static str,
    pub(crate) vanishing: u64,
    /// It was released already, and what happens then.
    pub(crate) released: Option<&'static str>,
    pub(crate) button: String,
}

/// What expires soonest.
pub(crate) struct Soonest {
    pub(crate) heading: String,
    pub(crate) records: Vec<Record>,
    pub(crate) more: Option<String>,
}

/// A record that expires.
pub(crate) struct Record {
    pub(crate) day: String,
    pub(crate) id: String,
    pub(crate) link: Option<String>,
}

impl Card {
    pub(crate) fn of(
        stream: &StreamSituation,
        t: &'static Texts,
        moments: &Moments,
        links: &Links<'_>,
    ) -> Self {
        let s = &t.streams;
        let level = match stream.level {
            _ if stream.running_until.is_some() => s.running,
            Level::Empty | Level::Good if stream.is_skipped() => s.skipped,
            Level::Empty => s.empty,
            Level::Good => s.good,
            Level::Attention => s.attention,
            Level::Broken => s.broken,
        };
        let nothing = match stream.pulls {
            true if stream.is_skipped() => s.nothing_there,
            true => s.never,
            false => s.only_writes,
        };
        let guards = [
            (&stream.guarded, &t.concerns.guard, "vanishing"),
            (&stream.expiry_guarded, &t.concerns.expiry_guard, "expired"),
        ];
        let stopped = |(guarded, texts, field): (&Option<_>, &'static GuardAdvice, _)| {
            let (guarded, released): &(sync_store::Guarded, bool) = guarded.as_ref()?;
            Some(Stopped {
                what: (texts.what)(guarded.vanishing, guarded.of),
                act: texts.act,
                field,
                vanishing: guarded.vanishing,
                released: released.then_some(texts.released),
                button: (texts.release)(guarded.vanishing),
            })
        };
        let reason = reason(stream);
        Self {
            name: stream.name.clone(),
            class: class(stream.level),
            sign: sign(stream.level),
            level,
            as_of: stream.as_of.map(|at| moments.of(at)).ok_or(nothing),
            last_success: stream.last_success.map(|at| moments.of(at)),
            counts: vec![
                (s.waiting, stream.waiting),
                (s.held, stream.held),
                (s.refused, stream.refused),
                (s.mismatches, stream.mismatches),
                (s.schema, stream.schema_changes.unwrap_or(0)),
                (s.quarantined, stream.quarantined),
                (s.expiring, stream.expiring.total),
            ],
            reason: reason.map(ToOwned::to_owned),
            notes: notes(stream, reason),
            guards: guards.into_iter().filter_map(stopped).collect(),
            soonest: Soonest::of(stream, t, moments, links),
        }
    }
}

impl Soonest {
    fn of(
        stream: &StreamSituation,
        t: &'static Texts,
        moments: &Moments,
        links: &Links<'_>,
    ) -> Option<Self> {
        let soonest = stream.expiring.soonest.iter().take(LISTED);
        if soonest.len() == 0 {
            return None;
        }
        let record = |(id, day): &(String, jiff::civil::Date)| Record {
            day: moments.day(*day),
            link: links.to(&stream.name, id),
            id: id.clone(),
        };
        let listed = u64::try_from(soonest.len()).unwrap_or(u64::MAX);
        let more = stream.expiring.total.saturating_sub(listed);
        Some(Self {
            heading: (t.streams.soonest)(&stream.name),
            records: soonest.map(record).collect(),
            more: (more > 0).then(|| (t.streams.more)(more)),
        })
    }
}

/// Why the last run did not complete it; that it goes on, or waited for another one, is no reason.
fn reason(stream: &StreamSituation) -> Option<&str> {
    let last = stream.last.as_ref()?;
    match last.status {
        StreamStatus::Failed
        | StreamStatus::Guarded
        | StreamStatus::Skipped
        | StreamStatus::Unreadable => last.reason.as_deref(),
        _ => None,
    }
}

/// What the last run noted, and what is changed in the table if a run before it was the last that could look.
fn notes(stream: &StreamSituation, reason: Option<&str>) -> Vec<String> {
    let last = stream.last.as_ref();
    let mut notes = last.map_or_else(Vec::new, |last| last.notes.clone());
    if let Some(told) = &stream.told_changes {
        let mut said = notes.iter().map(String::as_str).chain(reason);
        if !said.any(|text| text.contains(told)) {
            notes.push(told.clone());
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::TimeZone;
    use situation::Situation;
    use sync_engine::StreamReport;
    use wording::InBoth;

    use super::*;

    #[test]
    fn a_stream_that_is_passed_over_is_neither_fine_nor_still_to_be_read() {
        let moments = Moments::new(
            ::streams::Language::En,
            TimeZone::UTC,
            Timestamp::UNIX_EPOCH,
        );
        let situation = Situation::default();
        let links = Links::of(&situation);
        for (status, level, as_of) in [
            (
                StreamStatus::Skipped,
                "Passed over",
                "nothing: Dynamics does not have the table",
            ),
            (StreamStatus::Complete, "Fine", "nothing yet"),
        ] {
            let last = StreamReport {
                status,
                ..StreamReport::default()
            };
            let stream = StreamSituation {
                pulls: true,
                level: Level::Good,
                last: Some(last),
                ..StreamSituation::default()
            };
            let card = Card::of(&stream, Texts::EN, &moments, &links);
            assert_eq!((card.level, card.as_of.err()), (level, Some(as_of)));
        }
    }

    #[test]
    fn what_is_changed_in_a_table_is_on_the_card_once_also_if_the_last_run_could_not_look() {
        const TOLD: &str = "the table was changed in Dynamics: column `fax` is gone";
        for (status, notes, why) in [
            (StreamStatus::Failed, None, "Dynamics does not answer"),
            (StreamStatus::Failed, None, TOLD),
            (StreamStatus::Complete, Some(TOLD), ""),
        ] {
            let last = StreamReport {
                status,
                notes: notes.map(str::to_owned).into_iter().collect(),
                reason: Some(format!("stopped: {why}")),
                ..StreamReport::default()
            };
            let stream = StreamSituation {
                last: Some(last),
                told_changes: Some(TOLD.to_owned()),
                ..StreamSituation::default()
            };
            let reason = reason(&stream);
            let notes = super::notes(&stream, reason);
            let shown = notes.iter().map(String::as_str).chain(reason);
            let times = shown.filter(|text| text.contains(TOLD)).count();
            assert_eq!(times, 1, "{status:?} {why}");
        }
    }
}
