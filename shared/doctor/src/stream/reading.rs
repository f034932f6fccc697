//! How changes are told, and whether all rows can be seen.

use dynamics_client::{Depth, PrivilegeKind};

use super::Subject;
use crate::remedy;
use crate::report::{Finding, Found, Who};

pub(super) fn change_tracking(subject: Subject<'_>) -> Found {
    let table = subject.table();
    if table.change_tracking {
        return Found::default();
    }
    Finding::warn(
        "Change tracking is off for this table: deletes are only told by a walk over all keys, every night \
         one request for 5,000 rows.",
        Who::DynamicsAdministrator,
        remedy::table_settings(
            &table.logical_name,
            "Properties, Advanced options, Track changes; it cannot be switched off again",
        ),
    )
    .into()
}

pub(super) fn privilege(subject: Subject<'_>) -> Found {
    let table = subject.table();
    let depths = match &subject.known.depths {
        Ok(depths) => depths,
        Err(error) => return remedy::finding(error).into(),
    };
    let Some(name) = table.privilege(PrivilegeKind::Read) else {
        return Found::default().note("the table has no privileges of its own");
    };
    let role = remedy::security_role(&format!("give {name} at organization level"));
    let who = Who::DynamicsAdministrator;
    match depths.get(&PrivilegeKind::Read) {
        Some(Depth::Global) => Found::default().note(format!("{name}, all rows")),
        Some(depth) => Finding::warn(
            format!(
                "The application user sees only {}: other rows are not in the copy, and changes cannot be \
                 told by change tracking, so that every night walks over all keys.",
                reach(*depth)
            ),
            who,
            format!("If that is meant, nothing is to be done. Else: {role}"),
        )
        .into(),
        None => Finding::fail(
            format!("The application user may not read the table: it lacks {name}."),
            who,
            role,
        )
        .into(),
    }
}

/// What a depth reaches, in words.
pub(super) fn reach(depth: Depth) -> &'static str {
    match depth {
        Depth::Basic => "rows of its own and of its teams",
        Depth::Local => "rows of its own business unit",
        Depth::Deep => "rows of its business unit and of those below",
        Depth::Global => "all rows",
    }
}
