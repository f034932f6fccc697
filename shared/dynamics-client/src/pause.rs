//! A wait that a server asked for, on a clock that may jump.

use std::time::Duration;

use jiff::Timestamp;

/// Nobody sends for `length` after `since`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pause {
    since: Timestamp,
    length: Duration,
}

impl Pause {
    /// What is left of `pause` at `now`. A clock that jumped back makes it begin anew, so that it lasts
    /// at most its own length longer than was asked, and never the length of the jump.
    pub(crate) fn left(pause: &mut Option<Self>, now: Timestamp) -> Duration {
        let Some(held) = pause else {
            return Duration::ZERO;
        };
        held.since = held.since.min(now);
        let left = held.length.saturating_sub(clock::elapsed(held.since, now));
        if left.is_zero() {
            *pause = None;
        }
        left
    }

    /// Makes `pause` last for `length` from `now`, unless it already lasts longer.
    pub(crate) fn extend(pause: &mut Option<Self>, now: Timestamp, length: Duration) {
        if length > Self::left(pause, now) {
            *pause = Some(Self { since: now, length });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn a_clock_that_jumps_back_an_hour_makes_a_pause_begin_anew_and_no_longer() {
        let mut pause = None;
        Pause::extend(&mut pause, at(3_600), Duration::from_secs(10));
        assert_eq!(Pause::left(&mut pause, at(0)), Duration::from_secs(10));
        assert_eq!(Pause::left(&mut pause, at(6)), Duration::from_secs(4));
        assert_eq!(Pause::left(&mut pause, at(10)), Duration::ZERO);
    }

    #[test]
    fn a_shorter_pause_does_not_shorten_a_longer_one() {
        let mut pause = None;
        Pause::extend(&mut pause, at(0), Duration::from_secs(10));
        Pause::extend(&mut pause, at(4), Duration::from_secs(3));
        assert_eq!(Pause::left(&mut pause, at(4)), Duration::from_secs(6));
    }
}
