//! The keys of a stream and of its fields that speak of the way back to Dynamics, each by itself.
//!
//! Never in here: whether they make sense together; `contradictions` looks at that when the whole stream
//! is read.

use crate::error::Problems;
use crate::model::FieldKind;
use crate::names::{self, quoted};
use crate::policy::{Alert, Conflict, Deletes, Direction, FromDynamics, Owner, ToDynamics, Update};
use crate::section::{Entry, Section};

const UPDATES: [(&str, Update); 4] = [
    ("always", Update::Always),
    ("if-changed", Update::IfChanged),
    ("if-empty", Update::IfEmpty),
    ("skip", Update::Skip),
];

/// What a stream says of both ways; absent is what is not in the file or could not be read.
pub(crate) struct StreamKeys {
    /// `None`: it cannot be told, so that nothing may be held against it.
    pub(crate) direction: Option<Direction>,
    pub(crate) conflict: Option<Entry<Conflict>>,
    pub(crate) update: Option<Entry<Update>>,
    pub(crate) from_dynamics: Option<Entry<FromDynamics>>,
    pub(crate) to_dynamics: Option<Entry<ToDynamics>>,
    pub(crate) owner_team: Option<Entry<String>>,
    pub(crate) suppress_flows: Option<Entry<bool>>,
    pub(crate) alert: Option<Alert>,
}

impl StreamKeys {
    /// Reads them all.
    pub(crate) fn read(stream: &Section<'_, '_>, problems: &mut Problems<'_>) -> Self {
        let directions = [
            ("pull", Direction::Pull),
            ("push", Direction::Push),
            ("both", Direction::Both),
        ];
        let conflicts = [
            ("dynamics-wins", Conflict::DynamicsWins),
            ("app-wins", Conflict::AppWins),
            ("newest-wins", Conflict::NewestWins),
            ("hold", Conflict::Hold),
        ];
        let direction = match stream.lacks("direction", problems) {
            true => Some(Direction::default()),
            false => stream.word("direction", &directions, problems),
        };
        let conflict = stream.word("conflict", &conflicts, problems);
        let update = stream.word("update", &UPDATES, problems);
        let (from_dynamics, to_dynamics) = deletes(stream, problems);
        let suppress_flows = stream.truth("suppress_flows", problems);
        Self {
            direction,
            conflict: stream.given("conflict", conflict),
            update: stream.given("update", update),
            from_dynamics,
            to_dynamics,
            owner_team: owner_team(stream, problems),
            suppress_flows: stream.given("suppress_flows", suppress_flows),
            alert: stream.word("alert", &[("coordinators", Alert::Coordinators)], problems),
        }
    }

    pub(crate) fn conflict(&self) -> Conflict {
        value_or_default(self.conflict.as_ref())
    }

    pub(crate) fn update(&self) -> Update {
        value_or_default(self.update.as_ref())
    }

    pub(crate) fn deletes(&self) -> Deletes {
        Deletes {
            from_dynamics: value_or_default(self.from_dynamics.as_ref()),
            to_dynamics: value_or_default(self.to_dynamics.as_ref()),
        }
    }

    pub(crate) fn suppress_flows(&self) -> bool {
        value_or_default(self.suppress_flows.as_ref())
    }
}

fn deletes(
    stream: &Section<'_, '_>,
    problems: &mut Problems<'_>,
) -> (Option<Entry<FromDynamics>>, Option<Entry<ToDynamics>>) {
    let expected = "a table such as { from_dynamics = \"tombstone\" }";
    let Some(Entry { value, at, place }) = stream
        .get("deletes")
        .and_then(|found| found.table(expected, problems))
    else {
        return (None, None);
    };
    let known = ["from_dynamics", "to_dynamics"];
    let deletes = Section::open(value, at, place, &known, problems);
    let words = [
        ("tombstone", FromDynamics::Tombstone),
        ("ignore", FromDynamics::Ignore),
    ];
    let from = deletes.word("from_dynamics", &words, problems);
    let words = [
        ("ignore", ToDynamics::Ignore),
        ("deactivate", ToDynamics::Deactivate),
        ("delete", ToDynamics::Delete),
    ];
    let to = deletes.word("to_dynamics", &words, problems);
    (
        deletes.given("from_dynamics", from),
        deletes.given("to_dynamics", to),
    )
}

fn owner_team(stream: &Section<'_, '_>, problems: &mut Problems<'_>) -> Option<Entry<String>> {
    let expected = "the GUID of a team, such as \"5b2a9c1e-7d40-4c7b-9a51-0d3c8e6f1a22\"";
    let Entry { value, at, place } = stream.text("owner_team", expected, problems)?;
    let team = names::guid(value);
    if team.is_none() {
        let message = format!("expected {expected}, found {}", quoted(value));
        problems.add(at, &place, message);
    }
    stream.given("owner_team", team)
}

/// What a field says of the way back, and what of the field itself decides whether that makes sense.
#[derive(Default)]
pub(crate) struct FieldKeys {
    pub(crate) name: String,
    /// `None`: it has a mistake.
    pub(crate) column: Option<String>,
    /// `None`: it has a mistake.
    pub(crate) kind: Option<FieldKind>,
    pub(crate) owner: Option<Entry<Owner>>,
    pub(crate) clearable: Option<Entry<bool>>,
    pub(crate) update: Option<Entry<Update>>,
    pub(crate) stamp: Option<Entry<bool>>,
}

impl FieldKeys {
    /// Reads them all; what the field is called and reads is for the caller to say.
    pub(crate) fn read(field: &Section<'_, '_>, problems: &mut Problems<'_>) -> Self {
        // There is no word for both: that is what a field without an owner means.
        let owners = [("dynamics", Owner::Dynamics), ("app", Owner::App)];
        let owner = field.word("owner", &owners, problems);
        let clearable = field.truth("clearable", problems);
        let update = field.word("update", &UPDATES, problems);
        let stamp = field.truth("stamp", problems);
        Self {
            owner: field.given("owner", owner),
            clearable: field.given("clearable", clearable),
            update: field.given("update", update),
            stamp: field.given("stamp", stamp),
            ..Self::default()
        }
    }

    pub(crate) fn owner(&self) -> Owner {
        value_or_default(self.owner.as_ref())
    }

    pub(crate) fn clearable(&self) -> bool {
        value_or_default(self.clearable.as_ref())
    }

    pub(crate) fn update(&self) -> Option<Update> {
        self.update.as_ref().map(|given| given.value)
    }

    pub(crate) fn stamp(&self) -> bool {
        value_or_default(self.stamp.as_ref())
    }
}

fn value_or_default<T: Copy + Default>(given: Option<&Entry<T>>) -> T {
    given.map(|given| given.value).unwrap_or_default()
}
