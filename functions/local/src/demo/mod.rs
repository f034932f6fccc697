//! `dynamics-sync demo`: everything on this machine, in one go. A simulated Dynamics, a first load, a
//! burst of changes there, certifications that run out, changes from the app, a conflict, and each time a
//! comparison of the copy with the truth; an export, and how it all stands.
//!
//! Never in here: a claim that is not checked. The demo ends well only if all of them hold, and the last
//! run wrote nothing on either side.

mod administrator;
mod app;
mod office;
mod stage;

use anyhow::{bail, ensure};
use changes::{Filter, Resolution};
use serde_json::json;
use sync_engine::RunReport;
use sync_store::ChangeState;

use crate::Outcome;
use crate::arguments::{Common, Demo};
use crate::commands;
use crate::summary::{print_table, table};
use crate::{width, words};

use app::{HandedIn, Told};
use office::Office;
use stage::Stage;

/// With fewer there are not enough of each kind.
const CONTACTS_MIN: u64 = 50;
const CERTIFICATIONS_MIN: u64 = 40;

pub(crate) async fn run(common: &Common, options: &Demo) -> anyhow::Result<Outcome> {
    let population = &options.population;
    if population.contacts < CONTACTS_MIN || population.certifications < CERTIFICATIONS_MIN {
        bail!(
            "the demo needs at least {CONTACTS_MIN} contacts and {CERTIFICATIONS_MIN} certifications"
        );
    }
    let stage = Stage::build(population, common.telling()).await?;
    let office = Office::open(&stage, population)?;

    say(&format!(
        "1. A simulated Dynamics with {} contacts and {} certifications, and an empty copy. First load:",
        population.contacts, population.certifications
    ));
    stage.sync().await?;

    let over = a_night(&stage, &office).await?;
    let changes = both_sides(&stage, &office, &over).await?;
    decide(&stage, &changes).await?;
    nothing_more(&stage).await?;
    administrator::looks(&stage).await?;

    if options.serve {
        say(
            "The copy equals Dynamics. Both stay up until Ctrl-C, with a page that shows how the sync stands and the change that was refused, runs it, and exports.",
        );
        stage.host().stay_up(0, stage.telling).await?;
        anstream::println!("\nNothing was left on this machine.");
    } else {
        anstream::println!("\nThe copy equals Dynamics. Nothing was left on this machine.");
    }
    Ok(Outcome::Good)
}

/// A burst of changes in Dynamics, and certifications that run out; which, is answered.
async fn a_night(stage: &Stage, office: &Office<'_>) -> anyhow::Result<Vec<String>> {
    let (contacts, certifications) = office.burst()?;
    let over = office.run_out()?;
    say(&format!(
        "2. In Dynamics, meanwhile: {contacts} contacts and {certifications} certifications are created, changed or deleted, and {} more have run out yesterday, though they are still called active there. The nightly run:",
        over.len()
    ));
    stage.sync().await?;
    let hidden = stage.records("certifications", &over).await?;
    ensure!(
        hidden.len() == over.len()
            && hidden.values().all(|record| {
                stage::shows(record, "status", "expired")
                    && stage::shows(record, "portal_visible", "no")
            }),
        "what ran out is not hidden in the copy"
    );
    for id in &over {
        let row = office.certification(id)?;
        ensure!(
            row.get("hlf_status") == Some(&json!(2))
                && row.get("hlf_portalvisible") == Some(&json!(false)),
            "Dynamics was not told that certification {id} ran out"
        );
    }
    tell(&format!(
        "The {} that ran out are hidden in the copy, and Dynamics now says so too: expired, and not visible on the portal.",
        over.len()
    ));
    Ok(over)
}

/// The app and Dynamics both change things, some of them the same.
async fn both_sides(
    stage: &Stage,
    office: &Office<'_>,
    over: &[String],
) -> anyhow::Result<HandedIn> {
    let renewed = office.half(over);
    let rows = office.for_the_app(over)?;
    let first = renewed.first().into_iter().cloned().collect::<Vec<_>>();
    let before = stage.records("certifications", &first).await?;
    office.change_telephones(&rows)?;
    let changes = HandedIn::by_the_app(stage, office, renewed, rows).await?;
    say(&format!(
        "3. In the app, meanwhile: {} of them are renewed and another certification is suspended, two are commented on, and two members get a new telephone number. What the app hands in shows in the copy at once, here a renewal:",
        changes.renewed.len()
    ));
    let after = stage.records("certifications", &first).await?;
    let fields = ["status", "valid_to", "portal_visible"];
    let header: Vec<&str> = ["mentor_code"]
        .into_iter()
        .chain(fields)
        .chain([""])
        .collect();
    let mut shown = table(&header, 0..0);
    for (records, when) in [(&before, "before"), (&after, "after")] {
        for record in records.values() {
            let value = |name: &str| record.fields.get(name).map_or("", words::value).to_owned();
            let values = ["mentor_code"].into_iter().chain(fields).map(value);
            shown.add_row(values.chain([when.to_owned()]));
        }
    }
    print_table(&shown);
    ensure!(
        after
            .values()
            .all(|record| stage::shows(record, "status", "active"))
            && before != after,
        "the copy does not show what was handed in"
    );
    let commented = office.comment_on(&changes)?;
    tell(&format!(
        "In Dynamics, at the same time: comments are written on {commented} of those renewed, and on one that the app comments on too; both members get another telephone number there, one of them before the app's was entered, one after it. The nightly run:"
    ));
    stage.sync().await?;
    outcome(stage, office, &changes).await?;
    Ok(changes)
}

/// What became of the app's changes.
async fn outcome(stage: &Stage, office: &Office<'_>, changes: &HandedIn) -> anyhow::Result<()> {
    changes.check_certifications(stage, office).await?;
    changes.check_members(stage).await?;
    tell(
        "The renewals and the suspension are in Dynamics, and the comments made there stand beside them. Of the telephone numbers the newest of each stands, as the stream file says. What needs a person, as `dynamics-sync changes list` shows it:",
    );
    let mut open = Vec::new();
    for state in [ChangeState::Held, ChangeState::Refused] {
        let filter = Filter {
            state: Some(state),
            ..Filter::default()
        };
        open.extend(stage.changes.list(&filter).await?.changes);
    }
    let ids: Vec<&str> = open
        .iter()
        .map(|change| change.wanted.id.as_str())
        .collect();
    ensure!(
        ids == [changes.held.id.as_str(), changes.refused.id.as_str()],
        "other changes are held or refused than should be"
    );
    commands::changes::print_list(&open);
    Ok(())
}

/// A person decides the held change for the app.
async fn decide(stage: &Stage, changes: &HandedIn) -> anyhow::Result<()> {
    let Told { id, text, row } = &changes.held;
    say(
        "4. A person looks at the one that is held and decides for the app (`dynamics-sync changes keep-app`). The refused one stays refused until somebody retries or drops it. The next run:",
    );
    stage.changes.resolve(id, Resolution::KeepApp).await?;
    stage.sync().await?;
    stage.ensure_state(id, ChangeState::Applied).await?;
    stage
        .ensure_state(&changes.refused.id, ChangeState::Refused)
        .await?;
    ensure!(
        stage.row("hlf_certifications", row)?.get("hlf_comment") == Some(&json!(text)),
        "the app's comment is not in Dynamics"
    );
    tell("Dynamics has the app's comment now.");
    Ok(())
}

/// Two sides at rest.
async fn nothing_more(stage: &Stage) -> anyhow::Result<()> {
    say("5. Nothing has changed since. Another run:");
    let before = stage.writes();
    let report: RunReport = stage.sync().await?;
    let written: u64 = report.streams.iter().map(|s| s.stored + s.deleted).sum();
    ensure!(
        written == 0,
        "a run without changes wrote {written} records"
    );
    let written = stage.writes() - before;
    ensure!(
        written == 0,
        "a run without changes wrote to Dynamics {written} times"
    );
    tell("It wrote nothing, neither into the copy nor to Dynamics.");
    Ok(())
}

/// A new chapter.
fn say(text: &str) {
    anstream::println!("\n{}", width::wrapped(text, ""));
}

/// What was checked, or comes next in it.
fn tell(text: &str) {
    anstream::println!("\n{}", width::wrapped(text, ""));
}
