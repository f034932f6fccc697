//! The team that rows which are created belong to: whether Dynamics has it, asked once and not found out row
//! by row.
//!
//! Never in here: what is created.

use dynamics_client::Query;

use crate::Failure;
use crate::push::{Judging, Push};
use crate::second_look::row_of;

const TEAMS: &str = "teams";
const TEAM_ID: &str = "teamid";

impl Judging<'_> {
    /// Why no row can be created: the stream's `owner_team` is no team. `None` also if that may not be
    /// asked: then each create tells. One request, where there is an `owner_team`.
    pub(crate) async fn without_owner_team(&self) -> Result<Option<Failure>, Failure> {
        let stream = &self.plan.stream;
        let named = stream.owner_team.as_deref();
        let Some(team) = named.and_then(|team| team.parse().ok()) else {
            return Ok(None);
        };
        let query = Query::new(TEAMS).select([TEAM_ID]);
        let client = self.invocation.preparing_client();
        match row_of(&client, query, TEAM_ID, team).await {
            Ok(Some(_)) => Ok(None),
            Ok(None) => Ok(Some(Failure::NoOwnerTeam {
                stream: stream.name.clone(),
                team: team.to_string(),
            })),
            Err(failure) if failure.is_lasting() => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

impl Push<'_> {
    /// Whether rows can be created; asked before the first one is.
    pub(crate) async fn may_create(&mut self) -> Result<bool, Failure> {
        if !self.asked_for_team {
            self.without_team = self.judging.without_owner_team().await?;
            self.asked_for_team = true;
        }
        Ok(self.without_team.is_none())
    }
}
