//! The functions that tell which privileges a user holds, and how deep.

use serde_json::{Value as Json, json};

use super::key::parse_id;
use super::{Answer, Context};
use crate::depth::Depth;
use crate::metadata::metadata_id;
use crate::refusal::Refusal;
use crate::world::{TableName, World};

/// `GET systemusers(key)/Microsoft.Dynamics.CRM.name(arguments)`. A name that no privilege has is one
/// that the user does not hold.
pub(crate) fn answer(
    context: &Context<'_>,
    entity_set: &str,
    key: &str,
    (name, arguments): (&str, &str),
) -> Result<Answer, Refusal> {
    let world = context.simulator.world();
    let users = world
        .rows(entity_set)
        .filter(|rows| rows.table.name == TableName::SystemUser)
        .ok_or_else(|| Refusal::unknown_segment(name))?;
    let user = parse_id(&users.table, key)?;
    users
        .get(user)
        .ok_or_else(|| Refusal::unknown_row(users.table.name.logical(), user))?;
    let asked = match name {
        "RetrieveUserPrivilegeByPrivilegeName" => {
            vec![one(argument(context, arguments, "PrivilegeName")?)?]
        }
        "RetrieveUserSetOfPrivilegesByNames" => {
            let names = argument(context, arguments, "PrivilegeNames")?;
            serde_json::from_str(names)
                .map_err(|_| Refusal::bad_query("PrivilegeNames takes a JSON array of names."))?
        }
        _ => return Err(Refusal::unknown_segment(name)),
    };
    // Only the application user has a role here.
    let known = user == world.layout.application_user();
    let held: Vec<Json> = asked
        .iter()
        .filter(|_| known)
        .filter_map(|name| held(context, &world, name))
        .collect();
    let body = json!({
        "@odata.context": format!(
            "{}/$metadata#Microsoft.Dynamics.CRM.{name}Response",
            context.call.api()
        ),
        "RolePrivileges": held,
    });
    Ok(Answer::odata(200, body.to_string().into_bytes()))
}

/// An argument's text, given in place or by a parameter alias.
pub(crate) fn argument<'c>(
    context: &'c Context<'_>,
    arguments: &'c str,
    wanted: &str,
) -> Result<&'c str, Refusal> {
    arguments
        .split_once('=')
        .filter(|(name, _)| name.trim() == wanted)
        .and_then(|(_, value)| match value.trim() {
            alias if alias.starts_with('@') => context.call.options.get(alias),
            value => Some(value),
        })
        .ok_or_else(|| Refusal::bad_query(format!("The parameter '{wanted}' is missing.")))
}

fn one(text: &str) -> Result<String, Refusal> {
    text.strip_prefix('\'')
        .and_then(|text| text.strip_suffix('\''))
        .map(|name| name.replace("''", "'"))
        .ok_or_else(|| Refusal::bad_query("PrivilegeName takes a text in single quotes."))
}

/// A privilege that the application user holds, with its depth.
fn held(context: &Context<'_>, world: &World, wanted: &str) -> Option<Json> {
    let (table, kind) = world.tables().find_map(|table| {
        let (kind, _) = table.privileges().find(|(_, name)| name == wanted)?;
        Some((table, kind))
    })?;
    let entity_set = table.name.entity_set();
    let read = context.switches.depth(entity_set)?;
    let depth = if kind == "Read" { read } else { Depth::Global };
    let unit = world.layout.id(TableName::BusinessUnit, 0);
    (!context.switches.absent.contains(entity_set)).then(|| {
        json!({
            "Depth": depth,
            "PrivilegeId": metadata_id(table.name.logical(), wanted),
            "BusinessUnitId": unit.unwrap_or_default().to_string(),
            "PrivilegeName": wanted,
        })
    })
}
