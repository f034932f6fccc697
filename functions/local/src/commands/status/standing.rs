//! How each stream stands: how fresh its copy is, how far it has been read, and what needs a person.

use std::collections::BTreeMap;

use clock::{Clock, SystemClock};
use serde_json::{Value, json};
use streams::Stream;
use sync_engine::{RunReport, StreamStatus};
use sync_store::{
    AsOf, ChangeState, Cursor, Error, Expiring, Guard, RunRecord, Store, StreamState,
};

use crate::summary::{age, print_table, table};
use crate::{width, words};

/// Changes in these states are not over.
const OPEN: [ChangeState; 3] = [
    ChangeState::Waiting,
    ChangeState::Held,
    ChangeState::Refused,
];

/// What is known of one stream.
pub(super) struct Shown<'a> {
    name: &'a str,
    state: Option<StreamState>,
    as_of: Option<AsOf>,
    lag: Option<u64>,
    quarantined: u64,
    /// What its expiry will hide soon.
    expiring: Option<Expiring>,
    /// What the newest run that looked said was changed in its table, and how much that is.
    schema_changes: u64,
    told_changes: Option<String>,
    /// How the newest run that had it ended with it, and why.
    last: Option<(StreamStatus, Option<String>)>,
    /// It writes to Dynamics.
    pushes: bool,
    /// Changes in each of the [`OPEN`] states.
    changes: [u64; OPEN.len()],
}

impl<'a> Shown<'a> {
    /// `runs`: the latest, newest first.
    pub(super) async fn read(
        store: &Store,
        stream: &'a Stream,
        runs: &[RunRecord<RunReport>],
    ) -> anyhow::Result<Self> {
        let name = &stream.name;
        let as_of = store.as_of(name).await?;
        let lag = as_of
            .as_ref()
            .map(|as_of| clock::elapsed(as_of.as_of, SystemClock.now()).as_secs());
        let mut changes = [0; OPEN.len()];
        for (count, state) in changes.iter_mut().zip(OPEN) {
            *count = store.count_changes(name, state).await?;
        }
        let looked = situation::newest_look(runs, name);
        let last = situation::newest_report(runs, name);
        Ok(Self {
            name,
            schema_changes: looked.and_then(|one| one.schema_changes).unwrap_or(0),
            told_changes: looked.and_then(|one| one.told_changes().map(ToOwned::to_owned)),
            last: last.map(|one| (one.status, one.reason.clone())),
            pushes: stream.direction.pushes(),
            changes,
            state: store.stream_state(name).await?,
            as_of,
            lag,
            quarantined: store.count_quarantined(name).await?,
            expiring: store.expiring(name).await?,
        })
    }

    fn cursor(&self) -> Result<Option<&Cursor>, &Error> {
        match &self.state {
            Some(state) => state.cursor.as_ref().map(Option::as_ref),
            None => Ok(None),
        }
    }

    pub(super) fn json(&self) -> serde_json::Result<Value> {
        let (cursor, error) = match self.cursor() {
            Ok(cursor) => (cursor, None),
            Err(error) => (None, Some(error.to_string())),
        };
        let position = cursor
            .map(|cursor| words::position_json(&cursor.position))
            .transpose()?;
        let state = self.state.as_ref();
        let guarded = |guard| {
            let stopped = words::stopped(state?, guard)?;
            Some(words::guarded_json(guard, stopped))
        };
        let changes = OPEN.into_iter().map(ChangeState::name).zip(self.changes);
        let (status, reason) = self.last.clone().unzip();
        Ok(json!({
            "name": self.name,
            "status": status.map(StreamStatus::name),
            "reason": reason.flatten(),
            "position": position.as_ref().and_then(|position| position.get("state")),
            "generation": cursor.map(|cursor| cursor.generation),
            "cursor_error": error,
            "as_of": self.as_of.as_ref().map(|as_of| as_of.as_of),
            "lag_seconds": self.lag,
            "guarded": guarded(Guard::Vanishing),
            "expiry_guarded": guarded(Guard::Expiry),
            "quarantined": self.quarantined,
            "schema_changes": self.schema_changes,
            "expiring": self.expiring.as_ref().map_or(0, |expiring| expiring.total),
            "changes": changes.collect::<BTreeMap<_, _>>(),
        }))
    }

    fn row(&self) -> [String; 3] {
        let cursor = match self.cursor() {
            Ok(Some(cursor)) => words::position(&cursor.position),
            Ok(None) if self.as_of.is_some() => "none; the next run reads everything".to_owned(),
            Ok(None) => "never read".to_owned(),
            Err(_) => "cannot be read".to_owned(),
        };
        let copy = self.as_of.as_ref().zip(self.lag).map_or_else(
            || "not loaded".to_owned(),
            |(as_of, lag)| format!("{}, as of {:.0}", age(lag), as_of.as_of),
        );
        [self.name.to_owned(), copy, cursor]
    }

    /// What a person should know of the stream beside its row.
    fn remarks(&self) -> Vec<String> {
        let name = self.name;
        let mut remarks = Vec::new();
        if let Err(error) = self.cursor() {
            remarks.push(format!("{error}. See `dynamics-sync cursor show {name}`"));
        }
        if let Some(state) = &self.state {
            for guard in Guard::ALL {
                if let Some(stopped) = words::stopped(state, guard) {
                    let text = words::guarded(name, guard, stopped);
                    remarks.push(format!("guarded: {text}"));
                }
            }
        }
        if let Some((status, Some(reason))) = &self.last
            && wants_a_reason(*status)
        {
            remarks.push(format!("{}: {reason}", status.name()));
        }
        if let Some(told) = &self.told_changes
            // They may be why it was not read.
            && !remarks.iter().any(|remark| remark.contains(told))
        {
            remarks.push(told.clone());
        }
        match self.quarantined {
            0 => {}
            1 => remarks.push(format!(
                "1 row cannot be read; `dynamics-sync cursor show {name}` says why"
            )),
            rows => remarks.push(format!(
                "{rows} rows cannot be read; `dynamics-sync cursor show {name}` says why"
            )),
        }
        if let Some(expiring) = &self.expiring
            && let Some((id, day)) = expiring.listed.first()
        {
            let total = expiring.total;
            remarks.push(format!(
                "will expire soon: {total}. The first is row {id}, valid to {day}"
            ));
        }
        remarks
    }
}

/// Whether a stream that ended so was not read for a reason that nothing else here tells, as a guard's is.
fn wants_a_reason(status: StreamStatus) -> bool {
    use StreamStatus::{Failed, Skipped, Unreadable};
    matches!(status, Failed | Skipped | Unreadable)
}

/// A line each, and below them what a person should know.
pub(super) fn print(streams: &[Shown<'_>], gone: &[String]) {
    let mut shown = width::fitting();
    shown.set_header(["stream", "copy is", "cursor"]);
    for stream in streams {
        shown.add_row(stream.row());
    }
    width::keep_whole(&mut shown, 0);
    print_table(&shown);
    for stream in streams {
        for remark in stream.remarks() {
            width::print_text(&format!("{}: {remark}", stream.name));
        }
    }
    for name in gone {
        width::print_text(&format!(
            "{name}: not in the stream file any more, so its records are kept and grow old. Remove them with `dynamics-sync cursor forget {name}`, or put the stream back"
        ));
    }
    anstream::println!();
}

/// How many changes are not over, of the streams that write to Dynamics, or did until lately.
pub(super) fn print_changes(streams: &[Shown<'_>]) {
    let has_open = |stream: &Shown<'_>| stream.changes.iter().sum::<u64>() > 0;
    let told = streams.iter();
    let told: Vec<_> = told.filter(|one| one.pushes || has_open(one)).collect();
    if told.is_empty() {
        return;
    }
    let names = OPEN.map(ChangeState::name);
    let header: Vec<&str> = ["changes of"].into_iter().chain(names).collect();
    let mut shown = table(&header, 1..header.len());
    for stream in &told {
        let counts = stream.changes.iter().map(u64::to_string);
        shown.add_row([stream.name.to_owned()].into_iter().chain(counts));
    }
    print_table(&shown);
    if told.iter().any(|stream| has_open(stream)) {
        width::print_text("`dynamics-sync changes list` says which and why.");
    }
    anstream::println!();
}
