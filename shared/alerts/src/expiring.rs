//! Which of the records that expire soon people have not been told of: each is told once for each of the
//! stream's `warn_days`.
//!
//! Never in here: when a record expires.

use jiff::ToSpan;
use jiff::civil::Date;
use situation::Expiring;

/// Records that are told of now.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct News {
    /// Ids and last valid days, the soonest first.
    pub(crate) listed: Vec<(String, Date)>,
    /// How many there are, with those that nobody has listed.
    pub(crate) total: u64,
}

/// What there is to tell today, if people were told on `told` before: the records whose last valid day came
/// within one of `warn_days` since then; all of them, if people were never told.
pub(crate) fn news(
    expiring: &Expiring,
    warn_days: &[u16],
    told: Option<Date>,
    today: Date,
) -> Option<News> {
    let is_news = |day: Date| {
        let Some(told) = told else { return true };
        let mut warned_on = warn_days
            .iter()
            .filter_map(|days| day.checked_sub(i32::from(*days).days()).ok());
        warned_on.any(|warned_on| told < warned_on && warned_on <= today)
    };
    let soonest = expiring.soonest.iter();
    let listed: Vec<_> = soonest
        .filter(|(_, day)| *day >= today && is_news(*day))
        .cloned()
        .collect();
    let is_all = listed.len() == expiring.soonest.len();
    let (told_of, known) = (count(listed.len()), count(expiring.soonest.len()));
    let unlisted = match is_all {
        true => expiring.total.saturating_sub(known),
        false => 0,
    };
    (!listed.is_empty()).then_some(News {
        listed,
        total: told_of + unlisted,
    })
}

/// A day as a number that can be stored beside other stages.
pub(crate) fn number(day: Date) -> i64 {
    let days = day.since(Date::ZERO).map_or(0, |span| span.get_days());
    i64::from(days)
}

/// The day of a number.
pub(crate) fn day(number: i64) -> Option<Date> {
    let days = i32::try_from(number).ok()?;
    Date::ZERO.checked_add(days.days()).ok()
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn told(told: Option<&str>, today: &str) -> Vec<String> {
        let on = |id: &str, day: &str| (id.to_owned(), date(day));
        let expiring = Expiring {
            total: 3,
            soonest: vec![
                on("past", "2026-11-20"),
                on("a", "2026-11-27"),
                on("b", "2026-12-20"),
            ],
        };
        let told = told.map(date);
        let news = news(&expiring, &[30, 7], told, date(today));
        let listed = news.map(|news| news.listed).unwrap_or_default();
        listed.into_iter().map(|(id, _)| id).collect()
    }

    #[test]
    fn each_record_is_told_once_for_each_day_of_warning_also_if_days_were_missed() {
        assert_eq!(told(None, "2026-11-20"), ["past", "a", "b"]);
        assert_eq!(told(Some("2026-11-20"), "2026-11-20"), [""; 0]);
        assert_eq!(told(Some("2026-11-19"), "2026-11-20"), ["a", "b"]);
        assert_eq!(told(Some("2026-11-20"), "2026-11-21"), [""; 0]);
        assert_eq!(told(Some("2026-11-15"), "2026-11-23"), ["a", "b"]);
        assert_eq!(told(Some("2026-11-20"), "2026-12-13"), ["b"]);
        assert_eq!(told(Some("2026-11-20"), "2026-12-30"), [""; 0]);
    }

    #[test]
    fn those_that_no_list_has_room_for_are_counted_while_all_are_told_of() {
        let expiring = Expiring {
            total: 500,
            soonest: vec![("a".into(), date("2026-11-27"))],
        };
        let news = news(&expiring, &[30], None, date("2026-11-20"));
        assert_eq!(news.map(|news| news.total), Some(500));
    }

    #[test]
    fn a_day_comes_back_from_its_number() {
        for text in ["1970-01-01", "2026-11-20", "9999-12-31"] {
            assert_eq!(day(number(date(text))), Some(date(text)));
        }
        assert_eq!(day(i64::MAX), None);
    }
}
