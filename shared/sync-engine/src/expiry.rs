//! What a stream's expiry says about a record: decided on its values and the time, and on nothing else,
//! so that it can be decided in the same write that stores the values, and also while Dynamics is down.
//!
//! In doubt a record is hidden: one whose row cannot be read any more is, as long as that lasts.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use streams::{ConditionValue, Expiry, FieldValue, Stream};
use sync_store::{Fields, Hiding, Value};

use crate::plan::start_of;

/// A stream's expiry at one time: what makes a [`sync_store::HidingRule`] of it, for everybody who writes a
/// record.
#[derive(Clone, Copy, Debug)]
pub struct ExpiryRule<'a> {
    expiry: Option<&'a Expiry>,
    time_zone: &'a TimeZone,
    now: Timestamp,
}

/// What the expiry has to do with a record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Standing {
    /// It is past its last valid day, or nobody knows.
    Expired,
    /// It may expire one day, and has not yet.
    Valid,
    /// It is none of those that expire.
    Apart,
}

impl<'a> ExpiryRule<'a> {
    /// The rule of `stream` at `now`, whose days end in `time_zone`; of no stream, nothing expires.
    pub fn of(
        stream: impl Into<Option<&'a Stream>>,
        time_zone: &'a TimeZone,
        now: Timestamp,
    ) -> Self {
        Self {
            expiry: stream.into().and_then(|stream| stream.expiry.as_ref()),
            time_zone,
            now,
        }
    }

    /// What hides a record with these values (those of Dynamics overlaid by what is pending).
    pub fn hiding(&self, wanted: &Fields, unverified: bool) -> Hiding {
        let Some(expiry) = self.expiry else {
            return Hiding::default();
        };
        let from = concerns(expiry, wanted)
            .then(|| self.ends(expiry, wanted))
            .flatten();
        let hidden = self.standing(wanted, unverified) == Standing::Expired;
        Hiding {
            values: hidden.then(|| overlay(&expiry.set)),
            from,
        }
    }

    /// Where a record with these values stands.
    pub(crate) fn standing(&self, wanted: &Fields, unverified: bool) -> Standing {
        let Some(expiry) = self.expiry else {
            return Standing::Apart;
        };
        if unverified {
            return Standing::Expired;
        }
        if !concerns(expiry, wanted) {
            return Standing::Apart;
        }
        match self.ends(expiry, wanted) {
            Some(end) if end <= self.now => Standing::Expired,
            // What says that it has expired is not valid before that is taken back.
            _ if !is_from(expiry, wanted) => Standing::Apart,
            _ => Standing::Valid,
        }
    }

    /// The last valid day of a record that is valid, and will not be for longer than the longest of the
    /// stream's warnings.
    pub(crate) fn warns(&self, wanted: &Fields) -> Option<Date> {
        let expiry = self.expiry?;
        let (days, end) = (expiry.warn_days.first()?, self.ends(expiry, wanted)?);
        let warned_from = end
            .to_zoned(self.time_zone.clone())
            .checked_sub(Span::new().days(*days))
            .map(|from| from.timestamp());
        let warns = warned_from.is_ok_and(|from| from <= self.now)
            && self.standing(wanted, false) == Standing::Valid;
        last_day(expiry, wanted).filter(|_| warns)
    }

    /// When the last valid day is over; `None` if it never is.
    fn ends(&self, expiry: &Expiry, wanted: &Fields) -> Option<Timestamp> {
        let last = last_day(expiry, wanted)?;
        Some(start_of(last.tomorrow().ok()?, self.time_zone))
    }
}

/// The last valid day; `None` if there is none.
fn last_day(expiry: &Expiry, wanted: &Fields) -> Option<Date> {
    match wanted.get(&expiry.date)? {
        Value::Text(day) => day.parse().ok(),
        _ => None,
    }
}

/// Whether the record has all values that `from` names.
fn is_from(expiry: &Expiry, wanted: &Fields) -> bool {
    expiry.from.iter().all(|from| has(wanted, from))
}

/// The same, or those that the expiry gives them: it was written to Dynamics by then, or by hand.
fn concerns(expiry: &Expiry, wanted: &Fields) -> bool {
    expiry.from.iter().all(|from| {
        let given = expiry.set.iter().find(|set| set.field == from.field);
        has(wanted, from) || given.is_some_and(|set| has(wanted, set))
    })
}

fn has(wanted: &Fields, value: &FieldValue) -> bool {
    wanted.get(&value.field) == Some(&value_of(&value.value))
}

fn overlay(set: &[FieldValue]) -> Fields {
    let one = |set: &FieldValue| (set.field.clone(), value_of(&set.value));
    set.iter().map(one).collect()
}

/// A value of the stream file as a record holds it.
pub(crate) fn value_of(value: &ConditionValue) -> Value {
    match value {
        ConditionValue::Text(text) => Value::Text(text.clone()),
        ConditionValue::Integer(number) => Value::Number(number.to_string()),
        ConditionValue::Boolean(truth) => Value::Boolean(*truth),
    }
}

#[cfg(test)]
mod tests {
    use streams::StreamFile;

    use super::*;

    fn file() -> StreamFile {
        let text = "time_zone = \"Europe/Oslo\"\n[[stream]]\nname = \"a\"\ntable = \"as\"\n\
             [stream.fields]\nvisible = \"v\"\n\
             status = { column = \"s\", choice = { active = 1, expired = 2, suspended = 3 } }\n\
             until = { column = \"u\", type = \"date\" }\n\
             [stream.expiry]\ndate = \"until\"\nfrom = { status = \"active\" }\n\
             set = { status = \"expired\", visible = false }\n";
        StreamFile::parse(text, "streams.toml").unwrap()
    }

    fn record(status: &str, until: Value) -> Fields {
        Fields::from([
            ("status".to_owned(), Value::Text(status.to_owned())),
            ("until".to_owned(), until),
            ("visible".to_owned(), Value::Boolean(true)),
        ])
    }

    fn at(now: &str, fields: &Fields, unverified: bool) -> Hiding {
        let file = file();
        let now = now.parse().unwrap();
        ExpiryRule::of(&file.streams[0], &file.time_zone, now).hiding(fields, unverified)
    }

    fn hidden(now: &str, until: &str) -> bool {
        let fields = record("active", Value::Text(until.to_owned()));
        at(now, &fields, false).values.is_some()
    }

    #[test]
    fn a_record_is_valid_to_the_end_of_its_last_day_where_the_organisation_is() {
        // Norway is two hours ahead of UTC in summer and one in winter.
        assert!(!hidden("2026-06-30T21:59:59Z", "2026-06-30"));
        assert!(hidden("2026-06-30T22:00:00Z", "2026-06-30"));
        assert!(!hidden("2026-12-31T22:59:59Z", "2026-12-31"));
        assert!(hidden("2026-12-31T23:00:00Z", "2026-12-31"));
    }

    #[test]
    fn the_days_on_which_the_clocks_change_and_leap_days_have_their_own_length() {
        assert!(!hidden("2026-03-29T21:59:59Z", "2026-03-29"));
        assert!(hidden("2026-03-29T22:00:00Z", "2026-03-29"));
        assert!(!hidden("2026-10-25T22:59:59Z", "2026-10-25"));
        assert!(hidden("2026-10-25T23:00:00Z", "2026-10-25"));
        assert!(!hidden("2028-02-28T23:30:00Z", "2028-02-29"));
        assert!(hidden("2028-02-29T23:00:00Z", "2028-02-29"));
    }

    #[test]
    fn without_a_last_day_nothing_expires_and_nothing_is_announced() {
        let hiding = at(
            "9990-01-01T00:00:00Z",
            &record("active", Value::Null),
            false,
        );
        assert!(hiding == Hiding::default());
        assert!(!hidden("9990-01-01T00:00:00Z", "9999-12-31"));
    }

    #[test]
    fn a_suspended_record_is_left_as_it_is() {
        let fields = record("suspended", Value::Text("2020-01-01".into()));
        assert!(at("2026-11-20T00:00:00Z", &fields, false) == Hiding::default());
    }

    #[test]
    fn a_record_that_says_it_has_expired_is_hidden_once_it_has_and_never_valid() {
        let file = file();
        let standing = |until: &str| {
            let fields = record("expired", Value::Text(until.into()));
            let now = "2026-11-20T12:00:00Z".parse().unwrap();
            ExpiryRule::of(&file.streams[0], &file.time_zone, now).standing(&fields, false)
        };
        assert_eq!(standing("2026-11-19"), Standing::Expired);
        assert_eq!(standing("2027-11-19"), Standing::Apart);
    }

    #[test]
    fn a_valid_record_says_from_when_on_it_will_be_hidden() {
        let fields = record("active", Value::Text("2026-11-20".into()));
        let hiding = at("2026-11-20T00:00:00Z", &fields, false);
        assert_eq!(hiding.from, Some("2026-11-20T23:00:00Z".parse().unwrap()));
        assert!(hiding.values.is_none());
    }

    #[test]
    fn a_record_whose_row_cannot_be_read_is_hidden_whatever_it_says() {
        for status in ["active", "suspended"] {
            let fields = record(status, Value::Null);
            let values = at("2026-11-20T00:00:00Z", &fields, true).values.unwrap();
            assert!(values["visible"] == Value::Boolean(false));
        }
    }
}
