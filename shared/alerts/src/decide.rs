//! What there is to do about one condition: a pure function of what lasts, what was told, and the time.
//!
//! Never in here: sending, or a clock.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use sync_store::AlertState;

use crate::condition::{Condition, OVER};
use crate::expiring;
use crate::kind::{Course, Kind};
use crate::publish::Audience;

const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;

/// After how many days people are told again: the first time, the second, …
const REMINDERS: [u64; 4] = [1, 3, 7, 14];
/// Looks come once an hour or once a night, a little earlier or later.
const SLACK: u64 = HOUR;
/// After what time what often passes by itself is met a second time.
const FLEETING: Duration = Duration::from_secs(HOUR / 2);

/// When coordinators are told: nothing that they are told of is worth waking them up, and what fails at night
/// may be well again in the morning.
const MORNING: Time = Time::constant(7, 0, 0, 0);
const EVENING: Time = Time::constant(21, 0, 0, 0);

/// What there is to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    /// Nothing.
    Nothing,
    /// Remember that it is there.
    Notice,
    /// Tell that it is there, or that it has got to the next stage.
    Tell,
    /// Tell that it is still there.
    Remind,
    /// Tell that it is over.
    TellEnd,
    /// Forget it without a word.
    Forget,
}

/// When it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    pub(crate) at: Timestamp,
    /// In the organisation's time zone.
    pub(crate) local: DateTime,
}

/// What there is to do about a condition of this kind that was `told`, and lasts or not.
pub(crate) fn decide(
    kind: Kind,
    audience: Audience,
    told: Option<&AlertState>,
    condition: Option<&Condition>,
    now: Now,
) -> Step {
    let step = match (told, condition) {
        (None, None) => Step::Nothing,
        (None, Some(_)) if kind.is_fleeting() => return Step::Notice,
        (None, Some(_)) => Step::Tell,
        (Some(told), Some(condition)) => lasting(told, condition, now),
        // Whoever was killed while telling it may have told it.
        (Some(told), None) if told.told > 0 || told.is_claimed => match kind.course() {
            Course::News => return Step::Forget,
            Course::Reminders | Course::Stages => Step::TellEnd,
        },
        (Some(_), None) => return Step::Forget,
    };
    let time = now.local.time();
    let awake = MORNING <= time && time < EVENING;
    match audience {
        Audience::Coordinators if !awake => Step::Nothing,
        _ => step,
    }
}

fn lasting(told: &AlertState, condition: &Condition, now: Now) -> Step {
    let kind = condition.kind;
    let Some(told_at) = told.told_at else {
        let is_new = clock::elapsed(told.began, now.at) < FLEETING;
        return match kind.is_fleeting() && is_new {
            true => Step::Nothing,
            false => Step::Tell,
        };
    };
    match kind.course() {
        // Whether there is any is seen when it is written.
        Course::News if told.stage < expiring::number(now.local.date()) => Step::Tell,
        Course::News => Step::Nothing,
        // Also back: what was put in its place may not last long either.
        Course::Stages if condition.stage != told.stage => Step::Tell,
        Course::Stages if condition.stage != OVER => Step::Nothing,
        Course::Stages | Course::Reminders => {
            match clock::elapsed(told_at, now.at) >= pause(told.told) {
                true => Step::Remind,
                false => Step::Nothing,
            }
        }
    }
}

/// How long nothing is said after so many messages.
fn pause(told: u32) -> Duration {
    let messages = usize::try_from(told).unwrap_or(usize::MAX);
    let days = REMINDERS.get(messages.saturating_sub(1));
    let days = days.or(REMINDERS.last()).copied().unwrap_or(1);
    Duration::from_secs(days * DAY - SLACK)
}
