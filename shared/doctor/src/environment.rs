//! What the environment's own settings allow.

use dynamics_client::{DynamicsClient, ErrorKind};

use crate::remedy;
use crate::report::{Finding, Found, Who};

/// A nightly sync that fails two nights in a row must still find its position good.
const DAYS_ENOUGH: u32 = 3;

/// How long changes are remembered. One request.
pub(crate) async fn change_tracking_life(client: &DynamicsClient) -> Found {
    let days = match client.organization().await {
        Ok(organization) => organization.change_tracking_days,
        Err(error) if error.kind() == ErrorKind::Forbidden => {
            return Finding::warn(
                "It is not known for how many days the environment remembers changes: the application user \
                 may not read the organization.",
                Who::DynamicsAdministrator,
                remedy::security_role("give Read on Organization"),
            )
            .into();
        }
        Err(error) => return remedy::finding(&error).into(),
    };
    match days {
        None => Found::default().note("the environment's default"),
        Some(days) if days >= DAYS_ENOUGH => {
            Found::default().note(format!("changes are remembered for {days} days"))
        }
        Some(days) => Finding::warn(
            format!(
                "The environment remembers changes for {} only: after as many failed nights every table is \
                 read again in full.",
                if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
            ),
            Who::DynamicsAdministrator,
            "Set the column expirechangetrackingindays of the organization to 7 or more.",
        )
        .into(),
    }
}
