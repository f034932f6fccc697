//! Days and times as people say them.
//!
//! Never in here: which time zone; what is handed in is local already.

use jiff::civil::{Date, DateTime};

use crate::InBoth;

/// How a language says days and times.
pub struct Dates {
    months: [&'static str; 12],
    /// From Monday.
    weekdays: [&'static str; 7],
    today: fn(&str) -> String,
    yesterday: fn(&str) -> String,
    /// Weekday and time, within the last week.
    lately: fn(&str, &str) -> String,
    /// Day and time.
    at: fn(&str, &str) -> String,
    /// Day of the month, month, and the year where it is not this one.
    day: fn(i8, &str, Option<i16>) -> String,
    /// Between hours and minutes.
    between: char,
}

impl Dates {
    /// A moment, as near as it is: "today at 00:14".
    pub fn moment(&self, at: DateTime, now: DateTime) -> String {
        let between = self.between;
        let time = format!("{:02}{between}{:02}", at.hour(), at.minute());
        let ago = now
            .date()
            .since(at.date())
            .map_or(i32::MAX, |span| span.get_days());
        match ago {
            0 => (self.today)(&time),
            1 => (self.yesterday)(&time),
            2..=6 => (self.lately)(self.weekday(at.date()), &time),
            _ => (self.at)(&self.day(at.date(), now.date()), &time),
        }
    }

    /// A day: "20 November", with its year where that is not this one.
    pub fn day(&self, day: Date, today: Date) -> String {
        let month = usize::try_from(day.month() - 1).unwrap_or(0);
        let month = self.months.get(month).copied().unwrap_or_default();
        let year = (day.year() != today.year()).then_some(day.year());
        (self.day)(day.day(), month, year)
    }

    fn weekday(&self, day: Date) -> &'static str {
        let weekday = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or(0);
        self.weekdays.get(weekday).copied().unwrap_or_default()
    }
}

impl InBoth for Dates {
    const NB: &'static Self = &Self {
        months: [
            "januar",
            "februar",
            "mars",
            "april",
            "mai",
            "juni",
            "juli",
            "august",
            "september",
            "oktober",
            "november",
            "desember",
        ],
        weekdays: [
            "mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag",
        ],
        today: |time| format!("i dag kl. {time}"),
        yesterday: |time| format!("i går kl. {time}"),
        lately: |weekday, time| format!("{weekday} kl. {time}"),
        at: |day, time| format!("{day} kl. {time}"),
        day: |day, month, year| match year {
            None => format!("{day}. {month}"),
            Some(year) => format!("{day}. {month} {year}"),
        },
        between: '.',
    };

    const EN: &'static Self = &Self {
        months: [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
        weekdays: [
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
        ],
        today: |time| format!("today at {time}"),
        yesterday: |time| format!("yesterday at {time}"),
        lately: |weekday, time| format!("{weekday} at {time}"),
        at: |day, time| format!("{day} at {time}"),
        day: |day, month, year| match year {
            None => format!("{day} {month}"),
            Some(year) => format!("{day} {month} {year}"),
        },
        between: ':',
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_as_near_as_it_is() {
        let now: DateTime = "2026-11-21T06:00:00".parse().unwrap();
        for (at, nb, en) in [
            ("2026-11-21T00:14:59", "i dag kl. 00.14", "today at 00:14"),
            (
                "2026-11-20T23:58:00",
                "i går kl. 23.58",
                "yesterday at 23:58",
            ),
            ("2026-11-15T07:00:00", "søndag kl. 07.00", "Sunday at 07:00"),
            (
                "2026-11-14T07:00:00",
                "14. november kl. 07.00",
                "14 November at 07:00",
            ),
            (
                "2025-11-21T06:00:00",
                "21. november 2025 kl. 06.00",
                "21 November 2025 at 06:00",
            ),
            // A clock that is ahead of ours.
            (
                "2026-11-22T00:01:00",
                "22. november kl. 00.01",
                "22 November at 00:01",
            ),
        ] {
            let at = at.parse().unwrap();
            assert_eq!(Dates::NB.moment(at, now), nb);
            assert_eq!(Dates::EN.moment(at, now), en);
        }
    }
}
