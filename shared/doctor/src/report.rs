//! What the doctor says: one check after the other, each with what is wrong, who can mend it, and how.

use std::fmt;

use serde::Serialize;

/// Everything that was checked, in order.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Report {
    /// The checks.
    pub checks: Vec<Check>,
}

/// One thing that must be so.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Check {
    /// What is checked: a word that stays the same.
    pub check: &'static str,
    /// The stream or table that it is checked of; `None` for what is checked once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// What a reader may want to know although nothing is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What is wrong; empty if nothing is, or if it was not checked.
    pub findings: Vec<Finding>,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(tag = "outcome", content = "because_of", rename_all = "snake_case")]
pub enum Outcome {
    /// It is as it must be.
    Ok,
    /// The sync works, but somebody should know.
    Warn,
    /// The sync does not work, or not whole.
    Fail,
    /// Not checked, because this other check failed.
    Skipped(&'static str),
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The sync works, but somebody should know.
    Warn,
    /// The sync does not work, or not whole.
    Fail,
}

/// Who can mend something.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub enum Who {
    /// Whoever has the role System Administrator in the environment.
    #[serde(rename = "Dynamics administrator")]
    DynamicsAdministrator,
    /// Whoever may change app registrations in the tenant.
    #[serde(rename = "Entra administrator")]
    EntraAdministrator,
    /// Whoever sets this software up.
    #[serde(rename = "whoever deploys")]
    Deployer,
}

/// Something that is wrong.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one sentence or several.
    pub what: String,
    /// Who can mend it.
    pub who: Who,
    /// How, in whole sentences.
    pub how: String,
}

impl Report {
    /// The worst that was found; [`Outcome::Ok`] if nothing was.
    pub fn verdict(&self) -> Outcome {
        let found = self.checks.iter().flat_map(|check| &check.findings);
        Outcome::of(found.map(|finding| finding.severity).max())
    }
}

impl Check {
    pub(crate) fn skipped(check: &'static str, of: Option<&str>, because: &'static str) -> Self {
        Self {
            check,
            of: of.map(ToOwned::to_owned),
            outcome: Outcome::Skipped(because),
            note: None,
            findings: Vec::new(),
        }
    }

    pub(crate) fn done(check: &'static str, of: Option<&str>, found: Found) -> Self {
        let worst = found.findings.iter().map(|finding| finding.severity).max();
        Self {
            check,
            of: of.map(ToOwned::to_owned),
            outcome: Outcome::of(worst),
            note: found.note,
            findings: found.findings,
        }
    }
}

impl Outcome {
    fn of(worst: Option<Severity>) -> Self {
        match worst {
            None => Self::Ok,
            Some(Severity::Warn) => Self::Warn,
            Some(Severity::Fail) => Self::Fail,
        }
    }
}

/// What one check has found so far.
#[derive(Debug, Default)]
pub(crate) struct Found {
    note: Option<String>,
    findings: Vec<Finding>,
}

impl Found {
    /// Nothing is wrong, and this is worth saying.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// This too.
    pub(crate) fn and(mut self, finding: Finding) -> Self {
        self.findings.push(finding);
        self
    }

    /// These too.
    pub(crate) fn all(mut self, findings: impl IntoIterator<Item = Finding>) -> Self {
        self.findings.extend(findings);
        self
    }
}

impl From<Finding> for Found {
    fn from(finding: Finding) -> Self {
        Self::default().and(finding)
    }
}

impl Finding {
    pub(crate) fn fail(what: impl Into<String>, who: Who, how: impl Into<String>) -> Self {
        Self {
            severity: Severity::Fail,
            what: what.into(),
            who,
            how: how.into(),
        }
    }

    pub(crate) fn warn(what: impl Into<String>, who: Who, how: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warn,
            ..Self::fail(what, who, how)
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DynamicsAdministrator => "Dynamics administrator",
            Self::EntraAdministrator => "Entra administrator",
            Self::Deployer => "whoever deploys",
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, who, how, .. } = self;
        write!(f, "{what} → {who}: {how}")
    }
}
