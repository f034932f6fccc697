//! Whether the application user holds more than the stream file needs, and whether what it must not do is
//! really refused.
//!
//! Nothing here can change anything: privileges are asked for, and the one write is a change of a row that
//! does not exist, on the condition that it does.

use std::collections::BTreeMap;

use clock::Clock;
use dynamics_client::{
    Depth, DynamicsClient, ErrorKind, IfMatch, PrivilegeKind, Record, RowKey, Table, WhoAmI,
};
use uuid::Uuid;

use crate::known::Known;
use crate::need::Need;
use crate::remedy;
use crate::report::{Finding, Found, Who};

/// What is held on a table beyond the need; then, where nothing is to be written, one request that must be
/// refused.
pub(crate) async fn check(
    client: &DynamicsClient,
    me: WhoAmI,
    clock: &dyn Clock,
    known: &Known,
    need: &Need,
) -> Found {
    let depths = match &known.depths {
        Ok(depths) => depths,
        Err(error) => return remedy::finding(error).into(),
    };
    let table = known.table();
    let beyond = beyond(table, depths, need);
    let mut found = Found::default();
    if !beyond.is_empty() {
        let beyond = beyond.join(", ");
        found = found.and(Finding::warn(
            format!("The application user holds more than the stream file needs: {beyond}."),
            Who::DynamicsAdministrator,
            remedy::security_role(&format!("take {beyond} away")),
        ));
    }
    let writes = need.contains_key(&PrivilegeKind::Write);
    if writes || depths.contains_key(&PrivilegeKind::Write) {
        return found;
    }
    match is_refused(client, me, clock, table).await {
        Ok(true) => found.note("a change is refused, as it must be"),
        Ok(false) => found.and(Finding::warn(
            "The application user holds no privilege to change rows of this table, and yet a change was not \
             refused.",
            Who::DynamicsAdministrator,
            remedy::security_role(
                "look whether another role or a team gives it more than the stream file needs",
            ),
        )),
        Err(finding) => found.and(*finding),
    }
}

/// The names of the privileges that are held and not needed.
fn beyond<'t>(
    table: &'t Table,
    depths: &BTreeMap<PrivilegeKind, Depth>,
    need: &Need,
) -> Vec<&'t str> {
    let held = depths.keys().filter(|kind| !need.contains_key(kind));
    held.filter_map(|kind| table.privilege(*kind)).collect()
}

/// Whether a change of a row that does not exist is refused for want of a privilege. It is sent on the
/// condition that the row exists, so that it cannot come to be.
async fn is_refused(
    client: &DynamicsClient,
    me: WhoAmI,
    clock: &dyn Clock,
    table: &Table,
) -> Result<bool, Box<Finding>> {
    let name = format!("no row of {} at {}", table.logical_name, clock.now());
    let nobody = RowKey::Id(Uuid::new_v5(&me.organization_id, name.as_bytes()));
    let tried = client
        .update(table, &nobody, &Record::new(), &IfMatch::Any)
        .await;
    match tried {
        Ok(_) => Ok(false),
        Err(error) => match error.kind() {
            ErrorKind::Forbidden => Ok(true),
            ErrorKind::NotFound | ErrorKind::VersionMismatch | ErrorKind::BadRequest => Ok(false),
            _ => Err(Box::new(remedy::finding(&error))),
        },
    }
}
