//! Whether tonight's run was done in time.
//!
//! Never in here: whether it went well.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::Situation;
use crate::history::{is_over, of_stream};

/// By when a night's run is done, in the organisation's time zone: before people look, and hours before
/// the copy is a day old.
const DONE_BY: Time = Time::constant(6, 0, 0, 0);

/// The night whose run should be done by now.
struct Night {
    /// Midnight, when it began.
    began: Timestamp,
    /// When its run should have been done.
    done_by: Timestamp,
}

impl Night {
    fn before(now: Timestamp, zone: &TimeZone) -> Option<Self> {
        let today = now.to_zoned(zone.clone()).date();
        let tonight = Self::of(today, zone)?;
        if tonight.done_by <= now {
            return Some(tonight);
        }
        Self::of(today.yesterday().ok()?, zone)
    }

    /// `None` at the end of time.
    fn of(day: Date, zone: &TimeZone) -> Option<Self> {
        let began = day.to_zoned(zone.clone()).ok()?.timestamp();
        let done_by = day.to_datetime(DONE_BY).to_zoned(zone.clone()).ok()?;
        Some(Self {
            began,
            done_by: done_by.timestamp(),
        })
    }
}

impl Situation {
    /// Since when tonight's run has been missing. A stream that no run has had yet is not missed.
    pub(crate) fn run_missing_since(&self, zone: &TimeZone) -> Option<Timestamp> {
        let night = Night::before(self.now, zone)?;
        let missing = if self.runs.is_empty() {
            // Nobody can tell when it was set up, but for the first check.
            self.first_check.is_some_and(|first| first < night.began)
        } else {
            let mut streams = self.streams.iter();
            streams.any(|stream| self.misses(&stream.name, night.began))
        };
        missing.then_some(night.done_by)
    }

    fn misses(&self, stream: &str, since: Timestamp) -> bool {
        let mut known = false;
        for (run, report) in of_stream(&self.runs, stream) {
            known = true;
            if run.ended_at >= since && is_over(report.status) {
                return false;
            }
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When the last night's run should have been done.
    fn done_by(now: &str) -> String {
        let zone = TimeZone::get("Europe/Oslo").unwrap();
        let night = Night::before(now.parse().unwrap(), &zone).unwrap();
        format!("{} {}", night.began, night.done_by)
    }

    #[test]
    fn before_six_in_the_morning_the_night_before_counts() {
        let tonight = "2026-11-19T23:00:00Z 2026-11-20T05:00:00Z";
        assert_eq!(done_by("2026-11-20T05:00:00Z"), tonight);
        assert_eq!(done_by("2026-11-21T04:59:59Z"), tonight);
    }

    #[test]
    fn six_oclock_is_six_oclock_on_the_days_when_clocks_change() {
        let spring = "2026-03-28T23:00:00Z 2026-03-29T04:00:00Z";
        assert_eq!(done_by("2026-03-29T04:00:00Z"), spring);
        let autumn = "2026-10-24T22:00:00Z 2026-10-25T05:00:00Z";
        assert_eq!(done_by("2026-10-25T05:00:00Z"), autumn);
        assert_ne!(done_by("2026-10-25T04:59:59Z"), autumn);
    }
}
