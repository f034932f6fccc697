//! What the app hands in, and what is to have become of it.

use anyhow::ensure;
use clock::{Clock, SystemClock};
use jiff::ToSpan;
use serde_json::{Value, json};
use sync_store::ChangeState;

use super::office::{COMMENT, IN_DYNAMICS, Office, text};
use super::stage::Stage;

const FROM_APP: &str = "Has agreed to go on.";
const IN_APP: &str = "+47 22 00 00 02";
/// Of those renewed, one in so many is commented on in Dynamics.
const COMMENTED: usize = 4;

/// Rows that the app changes beside those that it renews.
pub(super) struct Rows {
    pub(super) suspended: String,
    pub(super) refused: String,
    pub(super) held: String,
    pub(super) newer_in_app: String,
    pub(super) newer_in_dynamics: String,
}

/// A change that was handed in.
pub(super) struct Told {
    /// The change's id.
    pub(super) id: String,
    /// The row's.
    pub(super) row: String,
    /// What it says.
    pub(super) text: String,
}

/// What the app handed in.
pub(super) struct HandedIn {
    pub(super) renewed: Vec<Told>,
    suspended: Told,
    pub(super) refused: Told,
    pub(super) held: Told,
    newer_in_app: Told,
    newer_in_dynamics: Told,
}

impl HandedIn {
    pub(super) async fn by_the_app(
        stage: &Stage,
        office: &Office<'_>,
        renewed: Vec<String>,
        rows: Rows,
    ) -> anyhow::Result<Self> {
        let app = App { stage, office };
        let until = office.next_year()?;
        let renewal = json!({"status": "active", "valid_to": until, "portal_visible": true});
        let suspension = json!({"status": "suspended", "portal_visible": false});
        let too_long = FROM_APP.repeat(100);
        let mut renewals = Vec::new();
        for row in renewed {
            renewals.push(app.certification(row, &renewal, &until).await?);
        }
        let comment = |text: &str| json!({"comment": text});
        Ok(Self {
            renewed: renewals,
            suspended: app.certification(rows.suspended, &suspension, "").await?,
            refused: app
                .certification(rows.refused, &comment(&too_long), &too_long)
                .await?,
            held: app
                .certification(rows.held, &comment(FROM_APP), FROM_APP)
                .await?,
            newer_in_app: app.telephone(rows.newer_in_app, 0).await?,
            // Entered where there was no network.
            newer_in_dynamics: app.telephone(rows.newer_in_dynamics, 1).await?,
        })
    }

    /// The rows of those renewed which are commented on in Dynamics.
    pub(super) fn commented(&self) -> Vec<String> {
        let rows = self.renewed.iter().map(|renewal| &renewal.row);
        rows.step_by(COMMENTED).cloned().collect()
    }

    /// Fails unless the certifications are as they should be after the next run.
    pub(super) async fn check_certifications(
        &self,
        stage: &Stage,
        office: &Office<'_>,
    ) -> anyhow::Result<()> {
        let commented = self.commented();
        for Told { id, row, text } in &self.renewed {
            stage.ensure_state(id, ChangeState::Applied).await?;
            let found = office.certification(row)?;
            let renewed = found.get("hlf_status") == Some(&json!(1))
                && found.get("hlf_validto") == Some(&json!(text))
                && found.get("hlf_portalvisible") == Some(&json!(true));
            ensure!(renewed, "certification {row} is not renewed in Dynamics");
            let has_comment = found.get("hlf_comment") == Some(&json!(COMMENT));
            ensure!(
                has_comment || !commented.contains(row),
                "the comment on certification {row} was overwritten"
            );
        }
        let Told { id, row, .. } = &self.suspended;
        stage.ensure_state(id, ChangeState::Applied).await?;
        ensure!(
            office.certification(row)?.get("hlf_status") == Some(&json!(3)),
            "certification {row} is not suspended in Dynamics"
        );
        stage
            .ensure_state(&self.refused.id, ChangeState::Refused)
            .await?;
        stage.ensure_state(&self.held.id, ChangeState::Held).await?;
        ensure!(
            office.certification(&self.held.row)?.get("hlf_comment") == Some(&json!(COMMENT)),
            "a change that is held was written"
        );
        Ok(())
    }

    /// The same for the members.
    pub(super) async fn check_members(&self, stage: &Stage) -> anyhow::Result<()> {
        for (told, state, phone) in [
            (&self.newer_in_app, ChangeState::Applied, IN_APP),
            (
                &self.newer_in_dynamics,
                ChangeState::Superseded,
                IN_DYNAMICS,
            ),
        ] {
            stage.ensure_state(&told.id, state).await?;
            ensure!(
                stage.row("contacts", &told.row)?.get("telephone1") == Some(&json!(phone)),
                "the older telephone number of contact {} stands",
                told.row
            );
        }
        Ok(())
    }
}

/// Hands changes in.
struct App<'a> {
    stage: &'a Stage,
    office: &'a Office<'a>,
}

impl App<'_> {
    async fn certification(&self, row: String, fields: &Value, says: &str) -> anyhow::Result<Told> {
        let found = self.office.certification(&row)?;
        let code = text(&found, "hlf_mentorcode")?;
        let change = json!({
            "stream": "certifications",
            "operation": "update",
            "key": {"mentor_code": code},
            "fields": fields,
        });
        self.hand_in(row, &change, says).await
    }

    /// A telephone number that was entered some hours ago.
    async fn telephone(&self, row: String, hours: i64) -> anyhow::Result<Told> {
        let found = self.stage.row("contacts", &row)?;
        let email = text(&found, "emailaddress1")?;
        let change = json!({
            "stream": "members",
            "operation": "update",
            "key": {"email": email},
            "fields": {"phone": IN_APP},
            "changed_at": SystemClock.now().checked_sub(hours.hours())?,
        });
        self.hand_in(row, &change, IN_APP).await
    }

    async fn hand_in(&self, row: String, change: &Value, says: &str) -> anyhow::Result<Told> {
        let body = serde_json::to_vec(change)?;
        // One change a row, so that the row's id tells them apart.
        let accepted = self.stage.changes.accept("app", &row, &body).await?;
        Ok(Told {
            id: accepted.wanted.id,
            row,
            text: says.to_owned(),
        })
    }
}
