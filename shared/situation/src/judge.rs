//! What of all this somebody should know, and how bad it is: decided once, for page, health and alerts.
//!
//! Never in here: reading, or a text.

use std::time::Duration;

use jiff::Timestamp;
use streams::StreamFile;
use sync_store::Guarded;

use crate::{Check, Concern, Credential, Level, Outcome, Situation, StreamSituation, Topic, What};

const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;

/// How often in a row a stream may fail before somebody must know.
const FAILURES: u32 = 3;
/// How long ago it must have succeeded, if it fails once: what is a day old is too late.
const SUCCEEDED_WITHIN: Duration = Duration::from_secs(20 * HOUR);
/// How old a copy may be: from the beginning of a night to the hour at which the next night's run is missed.
/// Until then nothing is wrong, and from then on it is the run that is missing.
const LAG_MAX: Duration = Duration::from_secs(32 * HOUR);
/// How long records may all stay as they are before that is strange.
const STILL: Duration = Duration::from_secs(14 * DAY);
/// The scheduled check runs more often than this, or somebody must know that it does not run.
pub const CHECKED_WITHIN: Duration = Duration::from_secs(3 * HOUR);
/// How many days before its end a credential is worth a word: time to find out who may make a new one.
pub const CREDENTIAL_DAYS: i32 = 30;
/// And from when on the page may no longer say that all works.
const CREDENTIAL_DAYS_URGENT: i32 = 1;

impl Situation {
    /// Fills in the concerns, and the levels of the streams.
    pub fn judge(&mut self, file: &StreamFile) {
        let mut concerns = Vec::new();
        let missing = self.run_missing_since(&file.time_zone);
        match missing {
            Some(_) => concerns.push(Concern::of_all(Level::Broken, What::RunNotDone, missing)),
            None => concerns.extend(self.nothing_moves()),
        }
        match &self.check {
            Some(check) => self.judge_check(check, file, &mut concerns),
            None => concerns.extend(self.never_checked()),
        }
        if self.alerts_unsent > 0 {
            let what = What::AlertsUnsent(self.alerts_unsent);
            concerns.push(Concern::of_all(Level::Attention, what, None));
        }
        for stream in &mut self.streams {
            let found = stream.judge(self.now, missing.is_some());
            let worst = found.iter().map(|concern| concern.level).max();
            let all_well = match stream.last {
                Some(_) => Level::Good,
                None => Level::Empty,
            };
            stream.level = worst.unwrap_or(all_well).max(all_well);
            concerns.extend(found);
        }
        concerns.sort_by_key(|concern| std::cmp::Reverse(concern.level));
        self.concerns = concerns;
    }

    /// Runs that end well prove nothing if nothing ever comes of them.
    fn nothing_moves(&self) -> Option<Concern> {
        let (since, still) = self.still()?;
        let end_well = self.streams.iter().all(|one| one.failures_in_a_row == 0);
        let what = What::NothingMoves {
            days: u32::try_from(still.as_secs() / DAY).unwrap_or(u32::MAX),
        };
        let concern = Concern::of_all(Level::Attention, what, Some(since));
        (end_well && still >= STILL).then_some(concern)
    }

    /// Whether no record of any stream has moved for so long that it is strange.
    pub fn is_still(&self) -> bool {
        self.still().is_some_and(|(_, still)| still >= STILL)
    }

    /// Since when no record has moved, and how long that is; `None` if none was ever read.
    fn still(&self) -> Option<(Timestamp, Duration)> {
        let moved = self.runs.iter().find(|run| {
            let mut streams = run.report.streams.iter();
            streams.any(|stream| stream.stored + stream.deleted > 0)
        });
        // Of what was before the oldest one nothing is known.
        let since = moved.or(self.runs.last())?.ended_at;
        let pulls = self.streams.iter().any(|stream| stream.as_of.is_some());
        pulls.then(|| (since, clock::elapsed(since, self.now)))
    }

    /// Without a schedule for the check nobody would notice that the runs have none either.
    fn never_checked(&self) -> Option<Concern> {
        let first_run = self.runs.last()?.ended_at;
        let concern = Concern::of_all(Level::Attention, What::NotChecked, None);
        (clock::elapsed(first_run, self.now) > Duration::from_secs(DAY)).then_some(concern)
    }

    fn judge_check(&self, check: &Check, file: &StreamFile, concerns: &mut Vec<Concern>) {
        if clock::elapsed(check.at, self.now) > CHECKED_WITHIN {
            let since = Some(check.at);
            concerns.push(Concern::of_all(Level::Attention, What::NotChecked, since));
        }
        // Only the last check is kept, so that nobody knows since when it is as that found it.
        let mut add = |level, what| concerns.push(Concern::of_all(level, what, None));
        let failed = |outcome: &Outcome| matches!(outcome, Outcome::Failed(_));
        if failed(&check.dynamics.token) || failed(&check.dynamics.who_am_i) {
            add(Level::Broken, What::DynamicsUnreachable);
        }
        let nobody = |topic: &Topic| topic.confirmed == Some(0);
        let subscribers = check.subscribers.as_ref();
        if subscribers.is_some_and(|both| nobody(&both.operations) || nobody(&both.coordinators)) {
            add(Level::Attention, What::NobodySubscribed);
        }
        if let Some((level, what)) = check
            .credential
            .as_ref()
            .and_then(|credential| self.judge_credential(credential, file))
        {
            add(level, what);
        }
    }

    fn judge_credential(
        &self,
        credential: &Credential,
        file: &StreamFile,
    ) -> Option<(Level, What)> {
        let Some(last_day) = credential.expires_on else {
            return Some((Level::Attention, What::CredentialEndUnknown));
        };
        let today = self.now.to_zoned(file.time_zone.clone()).date();
        let days = last_day.since(today).map_or(0, |left| left.get_days());
        let level = match days <= CREDENTIAL_DAYS_URGENT {
            true => Level::Broken,
            false => Level::Attention,
        };
        let what = match u32::try_from(days) {
            Ok(days) => What::CredentialExpiring { days },
            Err(_) => What::CredentialExpired,
        };
        (days <= CREDENTIAL_DAYS).then_some((level, what))
    }
}

impl StreamSituation {
    /// `missing`: tonight's run was not done, which explains an old copy.
    fn judge(&self, now: Timestamp, missing: bool) -> Vec<Concern> {
        use Level::{Attention, Broken, Good};
        let mut found = Vec::new();
        let mut add = |level, what, since| {
            found.push(Concern {
                level,
                stream: Some(self.name.clone()),
                what,
                since,
            });
        };
        if self.unreadable {
            add(Broken, What::Unreadable, None);
        }
        let failing = self.is_failing(now);
        if failing {
            let times = self.failures_in_a_row;
            add(Broken, What::Failing { times }, self.failing_since);
        }
        for (stopped, what) in [
            (&self.guarded, vanishing as fn(&Guarded) -> What),
            (&self.expiry_guarded, expired),
        ] {
            // Who released it has seen it, and the next run goes on.
            if let Some((stopped, false)) = stopped {
                add(Broken, what(stopped), Some(stopped.since));
            }
        }
        let explained = missing || failing || self.guarded.is_some();
        if self.is_old() && !explained {
            add(Broken, What::Stale, self.as_of);
        }
        for (count, level, what) in [
            (self.held, Attention, What::Held as fn(u64) -> What),
            (self.refused, Attention, What::Refused),
            (self.mismatches, Attention, What::Mismatches),
            (
                self.schema_changes.unwrap_or(0),
                Attention,
                What::SchemaChanged,
            ),
            (self.quarantined, Attention, What::Quarantined),
            // That certifications end is nothing wrong with the sync.
            (self.expiring.total, Good, What::Expiring),
        ] {
            if count > 0 {
                add(level, what(count), None);
            }
        }
        found
    }

    /// Whether the copy is older than it may be.
    pub fn is_old(&self) -> bool {
        self.lag.is_some_and(|lag| lag > LAG_MAX)
    }

    fn is_failing(&self, now: Timestamp) -> bool {
        let recently = |at| clock::elapsed(at, now) < SUCCEEDED_WITHIN;
        match self.failures_in_a_row {
            0 => false,
            FAILURES.. => true,
            _ => !self.last_success.or(self.as_of).is_some_and(recently),
        }
    }
}

impl Concern {
    fn of_all(level: Level, what: What, since: Option<Timestamp>) -> Self {
        Self {
            level,
            stream: None,
            what,
            since,
        }
    }
}

fn vanishing(stopped: &Guarded) -> What {
    What::GuardTripped {
        vanishing: stopped.vanishing,
        of: stopped.of,
    }
}

fn expired(stopped: &Guarded) -> What {
    What::ExpiryGuardTripped {
        vanishing: stopped.vanishing,
        of: stopped.of,
    }
}

#[cfg(test)]
mod tests;
