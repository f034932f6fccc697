//! All checks in their order, and which are left out because another failed.

use std::collections::BTreeSet;

use clock::Clock;
use dynamics_client::{DynamicsClient, InstanceUrl, WhoAmI};
use settings::CredentialExpiry;
use streams::StreamFile;

use crate::aws::{self, Aws};
use crate::connection::{self, ADDRESS, TOKEN, WHO_AM_I};
use crate::known::{read_tables, syncable};
use crate::need;
use crate::report::{Check, Finding, Found, Report, Who};
use crate::stream::{self, Subject};
use crate::{elsewhere, environment, least_privilege};

const SETTINGS: &str = "settings";
const AWS_SETTINGS: &str = "settings for AWS";
const STREAM_FILE: &str = "stream file";
const CLOCK: &str = "clock";
const CREDENTIAL: &str = "credential";
const ROLES: &str = "roles";
const CHANGES_KEPT: &str = "changes kept";
const LEAST_PRIVILEGE: &str = "least privilege";
const OTHER_TABLES: &str = "other tables";
const FORBIDDEN: &str = "forbidden table";

/// What to do about settings that are missing.
const SETTINGS_HELP: &str =
    "Set the values that are named; where they go is in the README, \"The function\".";

/// What is examined.
#[derive(Debug)]
pub struct Patient<'a> {
    /// The way to Dynamics, or what is wrong with the settings.
    pub access: Result<Access, String>,
    /// What is synced, or what is wrong with the file.
    pub streams: Result<&'a StreamFile, String>,
    /// Entity sets that the application user must not be able to read.
    pub forbidden: &'a [String],
    /// The deployment on AWS, or what is wrong with its settings; `None` if it is not asked for.
    pub aws: Option<Result<Aws, String>>,
}

/// The way to Dynamics.
#[derive(Clone, Debug)]
pub struct Access {
    /// A client of the environment.
    pub client: DynamicsClient,
    /// The environment's address.
    pub instance: InstanceUrl,
    /// The tenant in which the application is registered, as the settings have it.
    pub tenant: String,
    /// How long the credential lasts.
    pub credential: CredentialExpiry,
}

/// Checks everything, in order; `tell` hears of each check when it ends. What waits, waits for the client
/// of [`Access`], until its deadline.
pub async fn examine(
    patient: &Patient<'_>,
    clock: &dyn Clock,
    tell: &(dyn Fn(&Check) + Sync),
) -> Report {
    let mut visit = Visit {
        report: Report::default(),
        tell,
    };
    visit.done(SETTINGS, None, given(&patient.access, SETTINGS_HELP));
    visit.done(
        STREAM_FILE,
        None,
        given(
            &patient.streams,
            "Correct the stream file; the README describes it.",
        ),
    );
    let me = match &patient.access {
        Ok(access) => connect(&mut visit, access, clock).await,
        Err(_) => {
            for check in [ADDRESS, CLOCK, CREDENTIAL, TOKEN, WHO_AM_I] {
                visit.skipped(check, None, SETTINGS);
            }
            Err(SETTINGS)
        }
    };
    match (&patient.access, me) {
        (Ok(access), Ok(me)) => inside(&mut visit, patient, access, me, clock).await,
        (_, outside) => {
            let because = outside.err().unwrap_or(SETTINGS);
            for check in [ROLES, CHANGES_KEPT, stream::TABLE, LEAST_PRIVILEGE] {
                visit.skipped(check, None, because);
            }
        }
    }
    match &patient.aws {
        Some(Ok(aws)) => {
            for check in aws::checks(aws).await {
                visit.push(check);
            }
        }
        Some(Err(what)) => {
            let told: Result<(), _> = Err(what);
            visit.done(AWS_SETTINGS, None, given(&told, SETTINGS_HELP));
        }
        None => {}
    }
    visit.report
}

/// What is checked once the environment knows the application.
async fn inside(
    visit: &mut Visit<'_>,
    patient: &Patient<'_>,
    access: &Access,
    me: WhoAmI,
    clock: &dyn Clock,
) {
    let client = &access.client;
    visit.done(ROLES, None, connection::roles(access, me).await);
    let kept = environment::change_tracking_life(client).await;
    visit.done(CHANGES_KEPT, None, kept);
    match patient.streams {
        Ok(file) => streams_of(visit, client, me, file, clock).await,
        Err(_) => {
            visit.skipped(stream::TABLE, None, STREAM_FILE);
            visit.skipped(LEAST_PRIVILEGE, None, STREAM_FILE);
        }
    }
    for table in patient.forbidden {
        let found = elsewhere::forbidden(client, table).await;
        visit.done(FORBIDDEN, Some(table), found);
    }
}

/// A report that grows.
struct Visit<'t> {
    report: Report,
    tell: &'t (dyn Fn(&Check) + Sync),
}

impl Visit<'_> {
    fn push(&mut self, check: Check) {
        (self.tell)(&check);
        self.report.checks.push(check);
    }

    fn done(&mut self, check: &'static str, of: Option<&str>, found: Found) {
        self.push(Check::done(check, of, found));
    }

    fn skipped(&mut self, check: &'static str, of: Option<&str>, because: &'static str) {
        self.push(Check::skipped(check, of, because));
    }
}

/// Something that whoever deploys gives, or what is wrong with it.
fn given<T, E: ToString>(told: &Result<T, E>, how: &str) -> Found {
    match told {
        Ok(_) => Found::default(),
        Err(what) => Finding::fail(what.to_string(), Who::Deployer, how).into(),
    }
}

/// Who the application is, or which check says why it is nobody.
async fn connect(
    visit: &mut Visit<'_>,
    access: &Access,
    clock: &dyn Clock,
) -> Result<WhoAmI, &'static str> {
    let (address, greeting) = connection::address(access).await;
    visit.push(address);
    match &greeting {
        Some(greeting) => visit.done(CLOCK, None, connection::clock(greeting, clock.now())),
        None => visit.skipped(CLOCK, None, ADDRESS),
    }
    visit.done(
        CREDENTIAL,
        None,
        connection::credential(access, clock.now()),
    );
    if greeting.is_none_or(|greeting| !greeting.asks_for_token) {
        visit.skipped(TOKEN, None, ADDRESS);
        visit.skipped(WHO_AM_I, None, ADDRESS);
        return Err(ADDRESS);
    }
    match connection::token(access).await {
        Ok(me) => {
            visit.done(TOKEN, None, Found::default());
            let note = format!("user {}, organization {}", me.user_id, me.organization_id);
            visit.done(WHO_AM_I, None, Found::default().note(note));
            Ok(me)
        }
        Err((TOKEN, found)) => {
            visit.done(TOKEN, None, found);
            visit.skipped(WHO_AM_I, None, TOKEN);
            Err(TOKEN)
        }
        Err((failed, found)) => {
            visit.done(TOKEN, None, Found::default());
            visit.done(failed, None, found);
            Err(failed)
        }
    }
}

async fn streams_of(
    visit: &mut Visit<'_>,
    client: &DynamicsClient,
    me: WhoAmI,
    file: &StreamFile,
    clock: &dyn Clock,
) {
    let needs = need::of_file(file);
    let tables = read_tables(client, me, file, &needs).await;
    for stream in &file.streams {
        let name = Some(stream.name.as_str());
        let Some(known) = tables.get(&stream.table) else {
            continue;
        };
        let table = stream::table(client, file, stream, known.as_ref()).await;
        visit.push(table);
        let Some(known) = syncable(known) else {
            for check in stream::applicable(stream) {
                visit.skipped(check, name, stream::TABLE);
            }
            continue;
        };
        let subject = Subject {
            client,
            me,
            file,
            stream,
            known,
            targets: &tables,
        };
        for check in stream::checks(subject).await {
            visit.push(check);
        }
    }
    let own: BTreeSet<&str> = file
        .streams
        .iter()
        .map(|stream| stream.table.as_str())
        .collect();
    for (table, need) in &needs {
        let Some(known) = tables.get(table) else {
            continue;
        };
        match syncable(known) {
            Some(known) if own.contains(table.as_str()) => {
                let found = least_privilege::check(client, me, clock, known, need).await;
                visit.done(LEAST_PRIVILEGE, Some(table), found);
            }
            None => visit.skipped(LEAST_PRIVILEGE, Some(table), stream::TABLE),
            Some(_) => {}
        }
    }
    visit.done(
        OTHER_TABLES,
        None,
        elsewhere::others(client, me, &needs).await,
    );
}
