//! Whether the application user may write what the stream writes.

use std::collections::BTreeMap;

use dynamics_client::{Depth, PrivilegeKind};

use super::Subject;
use super::reading::reach;
use crate::known::Known;
use crate::need::{of_stream, written_lookups};
use crate::remedy;
use crate::report::{Finding, Found, Severity, Who};

pub(super) fn check(subject: Subject<'_>) -> Found {
    let Subject {
        stream,
        known,
        targets,
        ..
    } = subject;
    let depths = match &known.depths {
        Ok(depths) => depths,
        Err(error) => return remedy::finding(error).into(),
    };
    let mut found = Found::default();
    for (kind, severity) in of_stream(stream) {
        if kind == PrivilegeKind::Read {
            continue;
        }
        let optional = severity == Severity::Warn && !depths.contains_key(&kind);
        match known.table().privilege(kind) {
            Some(name) if optional => {
                found = found.note(format!(
                    "rows that are there: without {name} new ones are refused, which is right if none are \
                     to be made"
                ));
            }
            Some(name) => found = found.all(lacking(name, depths, kind)),
            None => {}
        }
    }
    for target in written_lookups(stream) {
        let finding = match targets.get(target) {
            Some(Ok(known)) => append_to(known),
            Some(Err(error)) => Some(remedy::finding(error)),
            None => None,
        };
        found = found.all(finding);
    }
    found
}

fn append_to(target: &Known) -> Option<Finding> {
    let depths = match &target.depths {
        Ok(depths) => depths,
        Err(error) => return Some(remedy::finding(error)),
    };
    let name = target.table().privilege(PrivilegeKind::AppendTo)?;
    lacking(name, depths, PrivilegeKind::AppendTo)
}

/// What is wrong with a privilege that is needed.
fn lacking(
    name: &str,
    depths: &BTreeMap<PrivilegeKind, Depth>,
    kind: PrivilegeKind,
) -> Option<Finding> {
    let who = Who::DynamicsAdministrator;
    let how = remedy::security_role(&format!("give {name} at organization level"));
    match depths.get(&kind) {
        Some(Depth::Global) => None,
        // New rows are its own.
        Some(_) if kind == PrivilegeKind::Create => None,
        Some(depth) => {
            let reach = reach(*depth);
            let what = format!(
                "The application user's {name} reaches only {reach}: what is to be done to others is refused."
            );
            Some(Finding::warn(what, who, how))
        }
        None => {
            let what = format!(
                "The application user lacks {name}, so {} is refused.",
                without(kind)
            );
            Some(Finding::fail(what, who, how))
        }
    }
}

/// What is not possible without a privilege.
fn without(kind: PrivilegeKind) -> &'static str {
    match kind {
        PrivilegeKind::Create => "what creates a row",
        PrivilegeKind::Delete => "every delete",
        PrivilegeKind::Append => "every change of a lookup",
        PrivilegeKind::AppendTo => "every lookup to a row of that table",
        PrivilegeKind::Assign => "giving new rows to the owner team",
        _ => "every change",
    }
}
