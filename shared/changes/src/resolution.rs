//! What people decide about a change.

use sync_engine::ExpiryRule;
use sync_store::{Change, ChangeState, Resolved};

use crate::Changes;
use crate::intake::as_stored;
use crate::listing::no_such_change;
use web::{Problem, ProblemKind};

/// What is to become of a change that waits for a person.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Resolution {
    /// Try a refused or held one again.
    Retry,
    /// Give up one that waits, is held or was refused.
    Drop,
    /// The app's values prevail over those of Dynamics.
    KeepApp,
    /// Dynamics' values prevail over the app's.
    KeepDynamics,
}

impl Resolution {
    const ALL: [Self; 4] = [Self::Retry, Self::Drop, Self::KeepApp, Self::KeepDynamics];

    /// The one of that name in an address.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// As it stands in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Drop => "drop",
            Self::KeepApp => "keep-app",
            Self::KeepDynamics => "keep-dynamics",
        }
    }

    fn possible(self) -> &'static str {
        match self {
            Self::Retry => "a refused or held change can be tried again",
            Self::Drop => "a change that waits, is held or was refused can be dropped",
            Self::KeepApp | Self::KeepDynamics => "a held change can be decided like that",
        }
    }

    /// Whether the change waits again afterwards.
    fn reopens(self) -> bool {
        matches!(self, Self::Retry | Self::KeepApp)
    }
}

impl Changes {
    /// Does with a change what a person has decided, and gives back how it stands then.
    ///
    /// # Errors
    /// If there is no such change, it stands so that this cannot be done, or the tables cannot be used.
    pub async fn resolve(&self, id: &str, resolution: Resolution) -> Result<Change, Problem> {
        let change = self.change(id).await?;
        let name = &change.wanted.stream;
        let stream = self.streams.stream(name);
        if resolution.reopens() && stream.is_none_or(|stream| !stream.direction.pushes()) {
            let detail = format!(
                "stream `{name}` does not write to Dynamics any more, so the change would wait for ever; it can be dropped, or the stream file corrected"
            );
            return Err(Problem::new(ProblemKind::NotPossible, detail));
        }
        let now = as_stored(self.clock.now());
        let rule = ExpiryRule::of(stream, &self.streams.time_zone, now);
        let rule = &|fields: &_, unverified| rule.hiding(fields, unverified);
        let id = &change.wanted.id;
        let resolved = match resolution {
            Resolution::Retry => self.store.retry(id, rule, now).await,
            Resolution::Drop => self.store.drop_change(id, rule, now).await,
            Resolution::KeepApp => self.store.keep_app(id, rule, now).await,
            Resolution::KeepDynamics => self.store.keep_dynamics(id, rule, now).await,
        };
        match resolved {
            Ok(Resolved::Done(change)) => {
                tracing::info!(%id, resolution = resolution.name(), "a person has decided about a change");
                Ok(*change)
            }
            Ok(Resolved::NotFound) => Err(no_such_change()),
            Ok(Resolved::NotPossible(state)) => Err(not_possible(resolution, state)),
            Err(error) => Err(Problem::of_store(
                &error,
                "look at the change, and decide again if need be",
            )),
        }
    }
}

fn not_possible(resolution: Resolution, state: ChangeState) -> Problem {
    let detail = format!("the change is {}; {}", state.name(), resolution.possible());
    Problem::new(ProblemKind::NotPossible, detail)
}
