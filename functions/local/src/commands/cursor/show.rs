//! `dynamics-sync cursor show`: everything that is stored about one stream.

use clock::{Clock, SystemClock};
use jiff::Timestamp;
use serde_json::{Value, json};
use sync_store::{
    AsOf, Cursor, CursorKind, Error, ErrorKind, Guard, KeyWalk, Quarantined, Store, StreamState,
};

use super::known;
use crate::arguments::Common;
use crate::connections::OpenStore;
use crate::summary::{age, print_table};
use crate::{width, words};

/// How many rows in quarantine are shown.
const ROWS: usize = 20;

/// What is known of a stream.
struct Shown<'a> {
    stream: &'a str,
    state: Option<StreamState>,
    as_of: Option<AsOf>,
    quarantined: u64,
    rows: Vec<Quarantined>,
    now: Timestamp,
}

pub(crate) async fn run(common: &Common, stream: &str) -> anyhow::Result<()> {
    let file = known::stream_file(common)?;
    let open = OpenStore::open(common).await?;
    let state = known::state(&open.store, file.as_ref(), stream).await?;
    let shown = Shown::read(&open.store, stream, state).await?;
    if common.json {
        anstream::println!("{}", serde_json::to_string_pretty(&shown.json()?)?);
    } else {
        shown.print();
    }
    Ok(())
}

impl<'a> Shown<'a> {
    async fn read(
        store: &Store,
        stream: &'a str,
        state: Option<StreamState>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            stream,
            state,
            as_of: store.as_of(stream).await?,
            quarantined: store.count_quarantined(stream).await?,
            rows: store.quarantined(stream, ROWS).await?,
            now: SystemClock.now(),
        })
    }

    fn cursor(&self) -> Result<Option<&Cursor>, &Error> {
        match &self.state {
            Some(state) => state.cursor.as_ref().map(Option::as_ref),
            None => Ok(None),
        }
    }

    fn lag(&self) -> Option<u64> {
        let as_of = self.as_of.as_ref()?;
        Some(clock::elapsed(as_of.as_of, self.now).as_secs())
    }

    fn json(&self) -> serde_json::Result<Value> {
        let (cursor, error) = match self.cursor() {
            Ok(cursor) => (cursor.map(cursor_json).transpose()?, None),
            Err(error) => (None, Some(error.to_string())),
        };
        let state = self.state.as_ref();
        let lease = state.and_then(|state| state.lease.as_ref());
        let guarded = |guard| {
            let stopped = words::stopped(state?, guard)?;
            Some(words::guarded_json(guard, stopped))
        };
        let rows = self.rows.iter().map(|row| {
            json!({"id": row.id, "version": row.version, "reason": row.reason,
                "since": row.since, "tries": row.tries})
        });
        Ok(json!({
            "stream": self.stream,
            "as_of": self.as_of.as_ref().map(|as_of| as_of.as_of),
            "lag_seconds": self.lag(),
            "cursor": cursor,
            "cursor_error": error,
            "lease": lease.map(|(owner, until)| json!({"owner": owner, "until": until})),
            "fence": state.map_or(0, |state| state.fence),
            "guarded": guarded(Guard::Vanishing),
            "expiry_guarded": guarded(Guard::Expiry),
            "quarantined": self.quarantined,
            "quarantined_rows": rows.collect::<Vec<_>>(),
        }))
    }

    fn print(&self) {
        let mut shown = width::fitting();
        let mut line = |name: &str, text: String| {
            shown.add_row([name.to_owned(), width::unbroken(&text)]);
        };
        line("stream", self.stream.to_owned());
        let copy = self.as_of.as_ref().zip(self.lag()).map_or_else(
            || "not loaded".to_owned(),
            |(as_of, lag)| format!("{}, as of {:.0}", age(lag), as_of.as_of),
        );
        line("copy is", copy);
        match self.cursor() {
            Ok(Some(cursor)) => cursor_lines(cursor, &mut line),
            Ok(None) => line("cursor", "none; the next run reads everything".to_owned()),
            Err(error) => line("cursor", unreadable(self.stream, error)),
        }
        if let Some(state) = &self.state {
            line("lease", lease(state, self.now));
            let stopped = |guard| {
                let stopped = words::stopped(state, guard)?;
                Some(words::guarded(self.stream, guard, stopped))
            };
            let stopped: Vec<String> = Guard::ALL.into_iter().filter_map(stopped).collect();
            if stopped.is_empty() {
                line("guard", "nothing is stopped".to_owned());
            }
            for text in stopped {
                line("guard", text);
            }
        }
        let quarantine = match (self.quarantined, self.rows.len()) {
            (0, _) => "no rows".to_owned(),
            (1, _) => "1 row cannot be read; each run tries again".to_owned(),
            (all, shown) => {
                format!("{all} rows cannot be read; each run tries again. Shown: {shown}")
            }
        };
        line("quarantine", quarantine);
        width::keep_whole(&mut shown, 0);
        print_table(&shown);
        for row in &self.rows {
            let Quarantined {
                id,
                since,
                tries,
                reason,
                ..
            } = row;
            let text = format!("since {since:.0}, tried again {tries} times: {reason}");
            anstream::println!("\n {id}\n{}", width::wrapped(&text, "   "));
        }
    }
}

fn cursor_lines(cursor: &Cursor, line: &mut impl FnMut(&str, String)) {
    line("position", words::position(&cursor.position));
    let told = match cursor.kind {
        CursorKind::ChangeTracking => "by change tracking",
        CursorKind::ModifiedOn => "by modifiedon; deletes by a walk over all keys",
    };
    line("changes", told.to_owned());
    let left = match cursor.swept {
        true => "",
        false => "; records of older ones are still there",
    };
    line("generation", format!("{}{left}", cursor.generation));
    line("page", format!("{} rows", cursor.page_size));
    line("organization", cursor.organization.clone());
    let walk = cursor
        .walk
        .as_ref()
        .map_or_else(|| "none yet".to_owned(), key_walk);
    line("key walk", walk);
}

fn key_walk(walk: &KeyWalk) -> String {
    let KeyWalk {
        run_id,
        begun,
        ended,
    } = walk;
    let end = match ended {
        true => "ended",
        false => "not ended yet",
    };
    format!("begun {begun:.0} by run `{run_id}`, {end}")
}

fn lease(state: &StreamState, now: Timestamp) -> String {
    let holder = match &state.lease {
        None => "free".to_owned(),
        Some((owner, until)) if *until > now => format!("run `{owner}`, until {until:.0}"),
        Some((owner, until)) => format!("free; run `{owner}` left it, it ended {until:.0}"),
    };
    format!("{holder}; fencing number {}", state.fence)
}

/// A damaged cursor can be cured without anything being restored; one of a newer release must not be.
fn unreadable(stream: &str, error: &Error) -> String {
    match error.kind() {
        ErrorKind::Damaged => {
            format!("{error}. Or read everything again: `dynamics-sync cursor reset {stream}`")
        }
        _ => error.to_string(),
    }
}

fn cursor_json(cursor: &Cursor) -> serde_json::Result<Value> {
    Ok(json!({
        "generation": cursor.generation,
        "kind": cursor.kind,
        "position": words::position_json(&cursor.position)?,
        "page_size": cursor.page_size,
        "organization": cursor.organization,
        "swept": cursor.swept,
        "walk": cursor.walk,
    }))
}
