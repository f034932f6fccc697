//! How the two sides of a stream are kept alike: which way its values go, whose value wins, and what a
//! delete on one side does to the other.

/// Which way a stream's values go (`direction`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Direction {
    /// From Dynamics into the copy. Nothing is ever written to Dynamics.
    #[default]
    Pull,
    /// From the app to Dynamics. Nothing is read into the copy, so there are no records.
    Push,
    /// Both ways.
    Both,
}

impl Direction {
    /// Whether rows of Dynamics are read into the copy.
    pub fn pulls(self) -> bool {
        matches!(self, Self::Pull | Self::Both)
    }

    /// Whether changes are written to Dynamics.
    pub fn pushes(self) -> bool {
        matches!(self, Self::Push | Self::Both)
    }
}

/// Whose value stands where both sides changed the same column differently (`conflict`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Conflict {
    /// The value in Dynamics (`dynamics-wins`).
    DynamicsWins,
    /// The app's (`app-wins`).
    AppWins,
    /// The one that was set last (`newest-wins`); a tie goes to Dynamics.
    NewestWins,
    /// Neither until a person has decided (`hold`).
    #[default]
    Hold,
}

/// When a value from the app is written over what Dynamics has (`update`). A new row always gets all its
/// values.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Update {
    /// Also where Dynamics has that value already (`always`).
    Always,
    /// Where Dynamics has another value (`if-changed`).
    #[default]
    IfChanged,
    /// Where Dynamics has none (`if-empty`).
    IfEmpty,
    /// Never: it is written only when the row is created (`skip`).
    Skip,
}

/// What a delete on one side does to the other (`deletes`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Deletes {
    /// A delete in Dynamics, to the copy.
    pub from_dynamics: FromDynamics,
    /// A delete by the app, to the row in Dynamics.
    pub to_dynamics: ToDynamics,
}

/// What a delete in Dynamics does to the copy (`deletes.from_dynamics`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum FromDynamics {
    /// The record loses its fields and is marked deleted.
    #[default]
    Tombstone,
    /// The record stays as it was last read.
    Ignore,
}

/// What a delete by the app does to the row in Dynamics (`deletes.to_dynamics`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ToDynamics {
    /// Nothing: the app must not delete.
    #[default]
    Ignore,
    /// The row is made inactive.
    Deactivate,
    /// The row is deleted.
    Delete,
}

/// Who is told when something of a stream needs a person (`alert`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Alert {
    /// The coordinators, beside those who run the sync.
    Coordinators,
}

/// Who may change a field (`owner`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Owner {
    /// Both sides.
    #[default]
    Both,
    /// Only Dynamics: a change by the app is refused.
    Dynamics,
    /// Only the app: another value in Dynamics is a mismatch, and the app's is written again.
    App,
}
