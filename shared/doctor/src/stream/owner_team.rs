//! Whether the team that new rows are given to is there and can own rows.

use dynamics_client::{Entry, ErrorKind, Filter, Query};
use uuid::Uuid;

use super::Subject;
use crate::remedy;
use crate::report::{Finding, Found, Who};

/// A team that only shares rows (`teamtype` 1).
/// <https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/team>
const ACCESS_TEAM: i64 = 1;

/// One request.
pub(super) async fn check(subject: Subject<'_>) -> Found {
    let id = subject.stream.owner_team.as_deref();
    let Some(id) = id.and_then(|id| id.parse::<Uuid>().ok()) else {
        return Found::default();
    };
    let query = Query::new("teams")
        .select(["name", "teamtype"])
        .filter(Filter::eq_guid("teamid", id));
    let who = Who::DynamicsAdministrator;
    let page = match subject.client.page(&query.into()).await {
        Ok(page) => page,
        Err(error) if error.kind() == ErrorKind::Forbidden => {
            return Finding::warn(
                format!("It is not known whether team {id} is there: the application user may not read teams."),
                who,
                remedy::security_role("give prvReadTeam at organization level"),
            )
            .into();
        }
        Err(error) => return remedy::finding(&error).into(),
    };
    let row = page.entries.iter().find_map(|entry| match entry {
        Entry::Row(row) => Some(row),
        Entry::Deleted(_) => None,
    });
    let Some(row) = row else {
        return Finding::fail(
            format!("There is no team {id}, so no row can be given to it."),
            Who::Deployer,
            "Correct `owner_team` in the stream file: the team's GUID stands in its address in Dynamics.",
        )
        .into();
    };
    if row.cell("teamtype").integer().ok().flatten() == Some(ACCESS_TEAM) {
        return Finding::fail(
            format!("Team {id} is an access team, which cannot own rows."),
            who,
            "Make a team of the type Owner, and name it as `owner_team` in the stream file.",
        )
        .into();
    }
    let name = row.cell("name").text().ok().flatten();
    Found::default().note(name.unwrap_or_default())
}
