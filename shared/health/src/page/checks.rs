//! What the scheduled check found: connections, credential, budget, who is told.

use jiff::civil::Date;
use situation::{CREDENTIAL_DAYS, Check, Credential, Outcome, Topic};
use wording::Page as Texts;

use super::Moments;

/// One thing that was looked at.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) class: &'static str,
    pub(crate) texts: Vec<String>,
    /// Why it does not work; in English, as whoever was asked says it.
    pub(crate) reason: Option<String>,
}

/// When somebody looked.
pub(crate) fn looked(check: Option<&Check>, t: &'static Texts, moments: &Moments) -> String {
    match check {
        Some(check) => (t.checks.looked)(&moments.text(check.at)),
        None => t.checks.never.to_owned(),
    }
}

pub(crate) fn rows(check: Option<&Check>, t: &'static Texts, moments: &Moments) -> Vec<Row> {
    let Some(check) = check else {
        return Vec::new();
    };
    let c = &t.checks;
    let latency = check.dynamics.latency_ms;
    let works = c.works.to_owned();
    let answers = latency.map_or_else(|| works.clone(), c.answers);
    let mut rows = vec![
        asked(c.token, &check.dynamics.token, works, t),
        asked(c.dynamics, &check.dynamics.who_am_i, answers, t),
        credential(check.credential.as_ref(), t, moments),
    ];
    let share = check.budget_share.map(|share| (c.share)(percent(share)));
    let remaining = check.requests_remaining.map(c.remaining);
    let budget: Vec<String> = share.into_iter().chain(remaining).collect();
    if !budget.is_empty() {
        rows.push(said(c.budget, "good", budget));
    }
    let topics = check.subscribers.as_ref();
    rows.push(subscribers(
        c.operations,
        topics.map(|topics| &topics.operations),
        t,
    ));
    rows.push(subscribers(
        c.coordinators,
        topics.map(|topics| &topics.coordinators),
        t,
    ));
    rows
}

fn said(name: &'static str, class: &'static str, texts: Vec<String>) -> Row {
    Row {
        name,
        class,
        texts,
        reason: None,
    }
}

fn asked(name: &'static str, outcome: &Outcome, good: String, t: &'static Texts) -> Row {
    let (class, text, reason) = match outcome {
        Outcome::Good => ("good", good, None),
        Outcome::NotAsked => ("empty", t.checks.not_asked.to_owned(), None),
        Outcome::Failed(reason) => ("broken", t.checks.fails.to_owned(), Some(reason.clone())),
    };
    Row {
        reason,
        ..said(name, class, vec![text])
    }
}

/// The days are counted now: the check may be of yesterday.
fn credential(credential: Option<&Credential>, t: &'static Texts, moments: &Moments) -> Row {
    let c = &t.checks;
    let Some(credential) = credential else {
        return said(c.credential, "empty", vec![c.not_known.to_owned()]);
    };
    let name = if credential.certificate {
        c.certificate
    } else {
        c.secret
    };
    let Some(end) = credential.expires_on else {
        return said(name, "attention", vec![c.not_known.to_owned()]);
    };
    let days = days_between(moments.today(), end);
    let day = moments.day(end);
    match days {
        ..0 => said(name, "broken", vec![(c.ended)(&day)]),
        _ if days <= i64::from(CREDENTIAL_DAYS) => {
            said(name, "attention", vec![(c.until)(&day, days)])
        }
        _ => said(name, "good", vec![(c.until)(&day, days)]),
    }
}

fn days_between(from: Date, to: Date) -> i64 {
    to.since(from).map_or(0, |span| span.get_days().into())
}

fn subscribers(name: &'static str, topic: Option<&Topic>, t: &'static Texts) -> Row {
    let c = &t.checks;
    let Some(topic) = topic.filter(|topic| topic.unanswered || topic.confirmed.is_some()) else {
        return said(name, "empty", vec![c.to_the_log.to_owned()]);
    };
    let Some(confirmed) = topic.confirmed else {
        return said(name, "attention", vec![c.not_known.to_owned()]);
    };
    let pending = topic.pending.unwrap_or(0);
    let class = if confirmed == 0 { "attention" } else { "good" };
    said(name, class, vec![(c.subscribers)(confirmed, pending)])
}

#[test]
fn a_credential_is_marked_from_the_day_on_which_it_is_a_concern() {
    use wording::InBoth;
    let now = "2026-11-20T11:00:00Z".parse().unwrap();
    let moments = Moments::new(streams::Language::En, jiff::tz::TimeZone::UTC, now);
    for (day, class) in [("2026-12-21", "good"), ("2026-12-20", "attention")] {
        let ends = Credential {
            certificate: false,
            expires_on: day.parse().ok(),
        };
        assert_eq!(credential(Some(&ends), Texts::EN, &moments).class, class);
    }
}

#[test]
fn a_topic_that_sns_says_nothing_of_is_not_said_to_be_the_log() {
    use wording::InBoth;
    let unanswered = Topic {
        unanswered: true,
        ..Topic::default()
    };
    let texts = |topic| subscribers("", topic, Texts::EN).texts;
    assert_eq!(texts(Some(&unanswered)), ["Not known"]);
    for none in [None, Some(&Topic::default())] {
        assert_eq!(texts(none), ["Only written to the log"]);
    }
}

/// A share in percent, of which there are at most a hundred.
fn percent(share: f64) -> u8 {
    (0..=100)
        .rev()
        .find(|percent| f64::from(*percent) <= share * 100.0 + 0.5)
        .unwrap_or(0)
}
