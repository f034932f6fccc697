//! What is to become of an expiry that waits to be written to Dynamics, and of its undoing: decided again
//! on the row as it is now.
//!
//! An expiry never touches a row that is not among those that expire (one that is suspended stays
//! suspended), and a renewal gives back only what the expiry took. Never in here: `conflict` or `update`;
//! neither is a wish of the app's.

use streams::{Expiry, StreamFile};
use sync_store::{Fields, Value};

use crate::expiries::Wished;
use crate::expiry::{ExpiryRule, Standing, value_of};
use crate::push::current::Current;
use crate::push::judge::{Loses, Verdict, same};
use crate::push::rows::Subject;

const NO_PASS: &str = "what refers to the row could not be looked at in this run";

/// Judges an expiry of the stream `by`. `rule` is the expiry of the row's own stream, which is `own` then.
pub(crate) fn judge_expiry(
    subject: &Subject,
    (by, own): (&str, &str),
    rule: ExpiryRule<'_>,
) -> Verdict {
    let Some(current) = &subject.current else {
        return Verdict::Dissolved;
    };
    let differing: Fields = subject
        .wanted
        .iter()
        .filter(|(name, value)| !same(now(current, name), value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if differing.is_empty() {
        return Verdict::Settled(Loses::default());
    }
    let holds = match by == own {
        true => rule.standing(&subject.after_what_waits(current), false) == Standing::Expired,
        // Over a lookup: as the copy says, which was just gone through.
        false => subject.hidden_by.contains(by),
    };
    match holds {
        true => Verdict::Update {
            fields: differing,
            loses: Loses::default(),
        },
        false => Verdict::Dissolved,
    }
}

/// Judges the undoing of an expiry of the stream `by`.
pub(crate) fn judge_renewal(
    subject: &Subject,
    (by, own): (&str, &str),
    rule: ExpiryRule<'_>,
    (file, wished): (&StreamFile, &Wished),
) -> Verdict {
    let (Some(current), Some(ended)) = (&subject.current, subject.ended.get(by)) else {
        return Verdict::Dissolved;
    };
    let Some(set) = set_by(file, by, own) else {
        return Verdict::Dissolved;
    };
    let wanted = subject.after_what_waits(current);
    let back = given_back(&ended.before, &set, &wanted);
    let holds = match by == own {
        true => is_valid_with(&wanted, &back, rule),
        // Over a lookup: as this run's look at the copy wants it.
        false if !wished.passed.contains(by) => return Verdict::NotNow(NO_PASS),
        false => wished.renewals.contains(&subject.change.wanted.id),
    };
    let back: Fields = back
        .into_iter()
        .filter(|(name, value)| !same(now(current, name), value))
        .collect();
    match (holds, back.is_empty()) {
        (false, _) => Verdict::Dissolved,
        (true, true) => Verdict::Settled(Loses::default()),
        (true, false) => Verdict::Update {
            fields: back,
            loses: Loses::default(),
        },
    }
}

/// What a renewal gives back: what the expiry overwrote, wherever its value still stands.
pub(crate) fn given_back(before: &Fields, set: &Fields, wanted: &Fields) -> Fields {
    before
        .iter()
        .filter(|(name, _)| {
            let stands = wanted.get(*name).unwrap_or(&Value::Null);
            set.get(*name).is_some_and(|set| same(set, stands))
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Whether a row with these values is valid once it has been given `back` what an expiry took.
pub(crate) fn is_valid_with(wanted: &Fields, back: &Fields, rule: ExpiryRule<'_>) -> bool {
    let mut renewed = wanted.clone();
    renewed.extend(back.clone());
    rule.standing(&renewed, false) == Standing::Valid
}

/// What the expiry of the stream `by` sets in records of the stream `of`; `None` if it has none any more.
pub(crate) fn set_by(file: &StreamFile, by: &str, of: &str) -> Option<Fields> {
    let stream = file.stream(by)?;
    let expiry: &Expiry = stream.expiry.as_ref()?;
    let value = |name: &str, value| (name.to_owned(), value_of(value));
    Some(if by == of {
        let set = expiry.set.iter();
        set.map(|set| value(&set.field, &set.value)).collect()
    } else {
        let targets = expiry.targets.iter().filter(|set| set.stream == of);
        targets.map(|set| value(&set.field, &set.value)).collect()
    })
}

fn now<'a>(current: &'a Current, name: &str) -> &'a Value {
    current.fields.get(name).unwrap_or(&Value::Null)
}
