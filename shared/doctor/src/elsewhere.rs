//! Tables that the stream file does not name: whether they are out of the application user's sight.

use std::collections::BTreeMap;

use dynamics_client::{DynamicsClient, ErrorKind, PrivilegeKind, Query, WhoAmI};

use crate::need::Need;
use crate::remedy;
use crate::report::{Finding, Found, Who};

/// Standard tables that hold what people wrote about people, and the privileges to read them.
/// The names are those of the table reference in the Dataverse developer documentation.
const SENSITIVE: [(&str, &str); 7] = [
    ("accounts", "prvReadAccount"),
    ("annotations", "prvReadNote"),
    ("contacts", "prvReadContact"),
    ("emails", "prvReadActivity"),
    ("incidents", "prvReadIncident"),
    ("leads", "prvReadLead"),
    ("opportunities", "prvReadOpportunity"),
];

/// Which standard tables may be read although no stream does. One request.
pub(crate) async fn others(
    client: &DynamicsClient,
    me: WhoAmI,
    needs: &BTreeMap<String, Need>,
) -> Found {
    let read = |set: &str| {
        needs
            .get(set)
            .is_some_and(|need| need.contains_key(&PrivilegeKind::Read))
    };
    let names: Vec<&str> = SENSITIVE
        .iter()
        .filter(|(set, _)| !read(set))
        .map(|(_, privilege)| *privilege)
        .collect();
    let held = match client.privileges_held(me.user_id, &names).await {
        Ok(held) => held,
        Err(error) => return remedy::finding(&error).into(),
    };
    if held.is_empty() {
        return Found::default();
    }
    let held: Vec<String> = held.into_keys().collect();
    let held = held.join(", ");
    Finding::warn(
        format!("The application user may read tables that no stream reads: {held}."),
        Who::DynamicsAdministrator,
        remedy::security_role(&format!("take {held} away")),
    )
    .into()
}

/// Whether a table that must not be read cannot be. Two requests.
pub(crate) async fn forbidden(client: &DynamicsClient, table: &str) -> Found {
    let definition = match client.table(table, &[]).await {
        Ok(definition) => definition,
        Err(error) => {
            return match error.kind() {
                // It may be misspelt, and then nobody has looked.
                ErrorKind::NotFound => Finding::warn(
                    format!("The environment has no table `{table}`, so nothing was tried."),
                    Who::Deployer,
                    "Name it by its entity set, such as accounts; `dynamics-sync discover` lists those there are.",
                )
                .into(),
                ErrorKind::Forbidden => Found::default().note("refused, as it must be"),
                _ => remedy::finding(&error).into(),
            };
        }
    };
    // Of one row no more than its id.
    let query = Query::new(table)
        .select([definition.primary_id.as_str()])
        .top(1);
    match client.page(&query.into()).await {
        Err(error) if error.kind() == ErrorKind::Forbidden => {
            Found::default().note("refused, as it must be")
        }
        Err(error) => remedy::finding(&error).into(),
        Ok(_) => {
            let name = definition
                .privilege(PrivilegeKind::Read)
                .unwrap_or("prvRead");
            Finding::fail(
                format!("The application user must not read `{table}`, and it can."),
                Who::DynamicsAdministrator,
                remedy::security_role(&format!("take {name} away")),
            )
            .into()
        }
    }
}
