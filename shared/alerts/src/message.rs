//! A message, put together from the texts of `wording`.
//!
//! Never in here: a word of its own, or a value of a row.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use streams::StreamFile;
use wording::alerts::{Alert, Ended, Facts};
use wording::{Alerts, Dates, InBoth};

use crate::condition::Condition;
use crate::expiring::News;
use crate::subject::subject;

/// Records that an e-mail lists.
const LISTED_MAX: usize = 20;

/// What is sent.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Message {
    pub(crate) subject: String,
    pub(crate) email: String,
    pub(crate) sms: String,
}

/// Writes messages in the organisation's language and time zone.
pub(crate) struct Writer<'a> {
    pub(crate) texts: &'static Alerts,
    dates: &'static Dates,
    zone: &'a TimeZone,
    /// The page's address, without a slash at its end.
    public_url: Option<&'a str>,
    pub(crate) local: DateTime,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(file: &'a StreamFile, public_url: Option<&'a str>, now: Timestamp) -> Self {
        Self {
            texts: Alerts::texts(file.language),
            dates: Dates::texts(file.language),
            zone: &file.time_zone,
            public_url,
            local: now.to_zoned(file.time_zone.clone()).datetime(),
        }
    }

    /// That something is so; `since`: it was told before.
    pub(crate) fn alert(
        &self,
        alert: &Alert,
        condition: &Condition,
        since: Option<Timestamp>,
    ) -> Message {
        let facts = &Facts {
            stream: &condition.stream,
            count: condition.count,
            of: condition.of,
        };
        let (mut headline, mut parts) = ((alert.subject)(facts), vec![(alert.happened)(facts)]);
        if let Some(since) = since {
            let since = since.to_zoned(self.zone.clone()).datetime();
            headline = (self.texts.frame.reminder)(&headline);
            let since = self.dates.moment(since, self.local);
            parts.push((self.texts.frame.since)(&since));
        }
        parts.extend(self.advice(alert, facts));
        self.message(&headline, parts, (alert.sms)(facts))
    }

    /// That records expire soon, with links to them, or their ids where there is no link yet.
    pub(crate) fn news(
        &self,
        stream: &str,
        news: &News,
        link: impl Fn(&str) -> Option<String>,
    ) -> Message {
        let alert = &self.texts.expiring;
        let facts = &Facts {
            stream,
            count: news.total,
            of: 0,
        };
        let listed = news.listed.iter().take(LISTED_MAX);
        let mut lines: Vec<_> = listed
            .map(|(id, day)| {
                let day = self.dates.day(*day, self.local.date());
                let place = link(id).unwrap_or_else(|| id.clone());
                (self.texts.frame.listed)(&day, &place)
            })
            .collect();
        let shown = u64::try_from(lines.len()).unwrap_or(u64::MAX);
        if news.total > shown {
            lines.push((self.texts.frame.more)(news.total - shown));
        }
        let mut parts = vec![(alert.happened)(facts), lines.join("\n")];
        parts.extend(self.advice(alert, facts));
        self.message(&(alert.subject)(facts), parts, (alert.sms)(facts))
    }

    /// That it is over.
    pub(crate) fn ended(&self, ended: &Ended, stream: &str) -> Message {
        let facts = &Facts {
            stream,
            ..Facts::default()
        };
        let nothing_to_do = self.texts.frame.nothing_to_do.to_owned();
        let parts = vec![(ended.happened)(facts), nothing_to_do];
        self.message(&(ended.subject)(facts), parts, (ended.sms)(facts))
    }

    /// To see whether messages arrive.
    pub(crate) fn test(&self) -> Message {
        let facts = &Facts::default();
        let test = &self.texts.test;
        let mut parts = vec![(test.happened)(facts)];
        parts.extend(self.advice(test, facts));
        self.message(&(test.subject)(facts), parts, (test.sms)(facts))
    }

    fn advice(&self, alert: &Alert, facts: &Facts<'_>) -> [String; 2] {
        let frame = &self.texts.frame;
        [
            format!("{}\n{}", frame.means, (alert.means)(facts)),
            format!("{}\n{}", frame.act, (alert.act)(facts)),
        ]
    }

    fn message(&self, headline: &str, mut parts: Vec<String>, sms: String) -> Message {
        if let Some(address) = self.public_url {
            parts.push((self.texts.frame.page)(&format!("{address}/")));
        }
        parts.push(format!("-- \n{}", self.texts.frame.from));
        Message {
            subject: subject(headline),
            email: parts.join("\n\n"),
            sms,
        }
    }
}

#[cfg(test)]
mod tests;
