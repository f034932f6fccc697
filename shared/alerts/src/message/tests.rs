//! Every message in both languages, whole.

use std::fmt::Write as _;

use jiff::civil::Date;
use streams::StreamFile;

use super::*;
use crate::condition::OVER;
use crate::gsm::septets;
use crate::kind::Kind;

/// One segment, less what SNS puts in front: ten characters of the topic's display name and `> `.
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-mobile-phone-number-as-subscriber.html>
const SMS_MAX: usize = 160 - 12;

const NOW: &str = "2026-11-20T11:00:00Z";

fn file(language: &str) -> StreamFile {
    let text = format!(
        "time_zone = \"Europe/Oslo\"\nlanguage = \"{language}\"\n[[stream]]\nname = \"a\"\ntable = \"contacts\"\nfields = {{ email = \"emailaddress1\" }}"
    );
    StreamFile::parse(&text, "streams.toml").unwrap()
}

fn condition(kind: Kind, stream: &str, count: u64, stage: i64) -> Condition {
    Condition {
        kind,
        stream: stream.into(),
        count,
        of: count.saturating_mul(8),
        stage,
    }
}

fn news(count: u64) -> News {
    let listed = (0..count.min(2)).map(|number| {
        let id = format!("3f0e1c9a-0000-4000-8000-{number:012}");
        (id, "2026-12-01".parse::<Date>().unwrap())
    });
    News {
        listed: listed.collect(),
        total: count,
    }
}

/// Every message that there is, with its name.
fn all(writer: &Writer<'_>, stream: &str, count: u64) -> Vec<(String, Message)> {
    let mut all = Vec::new();
    for kind in Kind::ALL {
        let name = kind.name();
        let condition = |stage| condition(kind, stream, count, stage);
        if kind == Kind::Expiring {
            let link = |id: &str| {
                Some(format!(
                    "https://contoso.crm4.dynamics.com/main.aspx?id={id}"
                ))
            };
            all.push((name.into(), writer.news(stream, &news(count), link)));
            continue;
        }
        let begins = |stage| {
            let alert = kind.alert(writer.texts, stage == OVER);
            writer.alert(alert, &condition(stage), None)
        };
        all.push((name.into(), begins(0)));
        if kind == Kind::Credential {
            all.push((format!("{name}, over"), begins(OVER)));
        }
        let ended = kind.ended(writer.texts).unwrap();
        all.push((format!("{name}, ended"), writer.ended(ended, stream)));
    }
    all.push(("test".into(), writer.test()));
    all
}

fn with_writer<T>(language: &str, write: impl Fn(&Writer<'_>) -> T) -> T {
    let file = file(language);
    let url = "https://sync.example.org/prod";
    write(&Writer::new(&file, Some(url), NOW.parse().unwrap()))
}

fn shown(language: &str) -> String {
    let messages = with_writer(language, |writer| {
        let mut messages = all(writer, "certifications", 3);
        let condition = condition(Kind::ConflictsHeld, "certifications", 3, 0);
        let alert = &writer.texts.conflicts_held;
        let since = Some("2026-10-31T07:05:00Z".parse().unwrap());
        let reminder = writer.alert(alert, &condition, since);
        messages.push(("conflicts-held, a reminder".to_owned(), reminder));
        messages
    });
    let mut shown = String::new();
    for (name, message) in messages {
        let Message {
            subject,
            email,
            sms,
        } = message;
        writeln!(shown, "=== {name}\n{subject}\n\n{email}\n\n{sms}\n").unwrap();
    }
    shown
}

#[test]
fn every_message_in_norwegian() {
    insta::assert_snapshot!(shown("nb"));
}

#[test]
fn every_message_in_english() {
    insta::assert_snapshot!(shown("en"));
}

#[test]
fn every_sms_fits_one_segment_and_every_subject_is_short_plain_ascii_with_the_longest_name() {
    let longest = "a".repeat(64);
    for language in ["nb", "en"] {
        for count in [0, 1, 9_999_999] {
            let all = with_writer(language, |writer| all(writer, &longest, count));
            for (name, message) in all {
                let Message { subject, sms, .. } = message;
                let septets = septets(&sms).unwrap_or_else(|| panic!("{name}: {sms}"));
                assert!(septets <= SMS_MAX, "{name}: {septets} {sms}");
                assert!(
                    subject.is_ascii() && subject.len() < 100,
                    "{name}: {subject}"
                );
            }
        }
    }
}
