//! `dynamics-sync changes retry`, `drop`, `keep-app`, `keep-dynamics`: what a person decides about a change.

use changes::{Resolution, View};
use sync_store::{Change, ChangeState};

use super::open;
use crate::arguments::{Common, Decision};
use crate::consent::Consent;

pub(crate) async fn run(
    common: &Common,
    options: &Decision,
    resolution: Resolution,
) -> anyhow::Result<()> {
    let consent = Consent::possible(options.yes)?;
    let (changes, _open) = open(common).await?;
    if consent == Consent::Ask {
        let change = changes.change(&options.id).await?;
        consent.obtain(&question(&change, resolution))?;
    }
    let change = changes.resolve(&options.id, resolution).await?;
    if common.json {
        let view = View::of(&change, true);
        anstream::println!("{}", serde_json::to_string_pretty(&view)?);
        return Ok(());
    }
    anstream::println!("{}", outcome(&change, resolution));
    Ok(())
}

fn question(change: &Change, resolution: Resolution) -> String {
    let what = match resolution {
        Resolution::Retry => "Try it again in the next run?",
        Resolution::Drop => "Give it up?",
        Resolution::KeepApp => "Let the next run write the app's values over those of Dynamics?",
        Resolution::KeepDynamics => "Give up the app's values for those of Dynamics?",
    };
    let why = match &change.reason {
        Some(reason) => format!(" ({reason})"),
        None => String::new(),
    };
    let (id, stream) = (&change.wanted.id, &change.wanted.stream);
    format!(
        "Change {id} of stream `{stream}` is {}{why}. {what}",
        change.state.name()
    )
}

fn outcome(change: &Change, resolution: Resolution) -> String {
    let id = &change.wanted.id;
    match (change.state, resolution) {
        (ChangeState::Waiting, Resolution::KeepApp) => format!(
            "Change {id} waits again: the next run writes the app's values, whatever Dynamics has."
        ),
        (ChangeState::Waiting, _) => {
            format!("Change {id} waits again: the next run tries to carry it out.")
        }
        (ChangeState::Superseded, _) => {
            format!("Change {id} is over: what Dynamics has stands.")
        }
        (state, _) => format!(
            "Change {id} is {}: nothing more is done about it.",
            state.name()
        ),
    }
}
