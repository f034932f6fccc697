//! Moments in the organisation's time zone, in the words of its language.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use streams::Language;
use wording::{Dates, InBoth};

/// From instants to what people say.
pub(crate) struct Moments {
    dates: &'static Dates,
    zone: TimeZone,
    now: Timestamp,
}

/// A moment on the page.
#[derive(Clone)]
pub(crate) struct Moment {
    /// As people say it.
    pub(crate) text: String,
    /// As programs say it.
    pub(crate) exact: String,
}

impl Moments {
    pub(crate) fn new(language: Language, zone: TimeZone, now: Timestamp) -> Self {
        Self {
            dates: Dates::texts(language),
            zone,
            now,
        }
    }

    /// How long ago that was; none if it is yet to come.
    pub(crate) fn ago(&self, at: Timestamp) -> Duration {
        clock::elapsed(at, self.now)
    }

    pub(crate) fn of(&self, at: Timestamp) -> Moment {
        let local = |instant: Timestamp| instant.to_zoned(self.zone.clone()).datetime();
        Moment {
            text: self.dates.moment(local(at), local(self.now)),
            exact: format!("{at:.0}"),
        }
    }

    pub(crate) fn text(&self, at: Timestamp) -> String {
        self.of(at).text
    }

    pub(crate) fn day(&self, day: Date) -> String {
        self.dates.day(day, self.today())
    }

    pub(crate) fn today(&self) -> Date {
        self.now.to_zoned(self.zone.clone()).date()
    }
}
