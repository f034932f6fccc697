//! One stream: whether its table, columns and privileges are as it needs them.
//!
//! Each check looks at one matter and goes on without the others; only the table itself must be known.

use std::collections::BTreeMap;

use dynamics_client::{DynamicsClient, Error, Table, TableKind, WhoAmI};
use streams::{FieldKind, Key, Stream, StreamFile};

use crate::known::Known;
use crate::remedy;
use crate::report::{Check, Finding, Found, Who};

mod choices;
mod columns;
mod key;
mod lookups;
mod new_rows;
mod owner_team;
mod reading;
mod secured;
mod writing;

/// A stream with everything that its checks look at.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) client: &'a DynamicsClient,
    pub(crate) me: WhoAmI,
    pub(crate) file: &'a StreamFile,
    pub(crate) stream: &'a Stream,
    pub(crate) known: &'a Known,
    /// Tables that its lookups refer to, where they are written.
    pub(crate) targets: &'a BTreeMap<String, Result<Known, Error>>,
}

impl<'a> Subject<'a> {
    fn table(self) -> &'a Table {
        self.known.table()
    }
}

pub(crate) const TABLE: &str = "table";
const COLUMNS: &str = "columns";
const CHOICES: &str = "choices";
const LOOKUPS: &str = "lookups";
const KEY: &str = "key";
const CHANGE_TRACKING: &str = "change tracking";
const READ_PRIVILEGE: &str = "read privilege";
const COLUMN_SECURITY: &str = "column security";
const WRITE_PRIVILEGES: &str = "write privileges";
const NEW_ROWS: &str = "new rows";
const OWNER_TEAM: &str = "owner team";

/// What is checked of `stream` once its table is known, in order.
pub(crate) fn applicable(stream: &Stream) -> Vec<&'static str> {
    let has = |wanted: fn(&FieldKind) -> bool| stream.fields.iter().any(|f| wanted(&f.kind));
    let (pulls, pushes) = (stream.direction.pulls(), stream.direction.pushes());
    let checks = [
        (COLUMNS, true),
        (CHOICES, has(|kind| matches!(kind, FieldKind::Choice(_)))),
        (
            LOOKUPS,
            has(|kind| matches!(kind, FieldKind::Lookup { .. })),
        ),
        (KEY, pushes && stream.key != Key::Id),
        (CHANGE_TRACKING, pulls),
        (READ_PRIVILEGE, true),
        (COLUMN_SECURITY, true),
        (WRITE_PRIVILEGES, pushes),
        (NEW_ROWS, pushes),
        (OWNER_TEAM, stream.owner_team.is_some()),
    ];
    let applying = checks.into_iter().filter(|(_, applies)| *applies);
    applying.map(|(check, _)| check).collect()
}

/// Carries out what is applicable. At most eleven requests, whatever the table's size.
pub(crate) async fn checks(subject: Subject<'_>) -> Vec<Check> {
    let mut checks = Vec::new();
    for check in applicable(subject.stream) {
        let found = match check {
            COLUMNS => columns::check(subject),
            CHOICES => choices::check(subject).await,
            LOOKUPS => lookups::check(subject).await,
            KEY => key::check(subject).await,
            CHANGE_TRACKING => reading::change_tracking(subject),
            READ_PRIVILEGE => reading::privilege(subject),
            COLUMN_SECURITY => secured::check(subject).await,
            WRITE_PRIVILEGES => writing::check(subject),
            NEW_ROWS => new_rows::check(subject).await,
            _ => owner_team::check(subject).await,
        };
        checks.push(Check::done(check, Some(&subject.stream.name), found));
    }
    checks
}

/// Whether there is the table, and of a kind that can be synced. Where there is none, one request says which names come near.
pub(crate) async fn table(
    client: &DynamicsClient,
    file: &StreamFile,
    stream: &Stream,
    known: Result<&Known, &Error>,
) -> Check {
    let found = match known {
        Ok(known) if known.table().kind != TableKind::Standard => {
            let misfits = sync_engine::misfits(stream, known.table(), file);
            let what = misfits.into_iter().next().unwrap_or_default();
            let how = "Take the stream out of the stream file.";
            Finding::fail(format!("{what}."), Who::Deployer, how).into()
        }
        Ok(known) => Found::default().note(known.table().entity_set.clone()),
        Err(error) if error.kind() == dynamics_client::ErrorKind::NotFound => {
            missing(client, &stream.table).await.into()
        }
        Err(error) => remedy::finding(error).into(),
    };
    Check::done(TABLE, Some(&stream.name), found)
}

async fn missing(client: &DynamicsClient, name: &str) -> Finding {
    let what = format!("The environment has no table with the entity set name `{name}`.");
    let near = discover::nearest(client, name).await.ok().flatten();
    match near {
        Some(near) => Finding::fail(
            what,
            Who::Deployer,
            format!("Did you mean `{near}`? Correct `table` in the stream file."),
        ),
        None => Finding::fail(
            what,
            Who::DynamicsAdministrator,
            "Install the app that brings the table, or correct `table` in the stream file: \
             `dynamics-sync discover` lists the tables there are.",
        ),
    }
}
