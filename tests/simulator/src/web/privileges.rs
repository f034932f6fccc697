//! The functions that tell which privileges a user holds, how deep, and what it may do with secured
//! columns; and its roles.

use serde_json::{Value as Json, json};

use super::key::parse_id;
use super::rights::{self, Privilege};
use super::{Answer, Context};
use crate::metadata::metadata_id;
use crate::refusal::Refusal;
use crate::world::{TableName, World};

/// The navigation from a user to its roles.
const ROLES: &str = "systemuserroles_association";

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
    // Only the application user has a role here.
    let known = user == world.layout.application_user();
    let asked = match name {
        "RetrievePrincipalAttributePrivileges" => {
            return Ok(attribute_privileges(context, &world, known));
        }
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

/// What column security allows the user, of every column that it is on for.
fn attribute_privileges(context: &Context<'_>, world: &World, known: bool) -> Answer {
    const ALLOWED: u8 = 4;
    let level = |allowed: bool| if allowed && known { ALLOWED } else { 0 };
    let mut told = Vec::new();
    for table in world.tables() {
        let (set, logical_name) = (table.name.entity_set(), table.name.logical());
        for column in &table.columns {
            if !context.switches.secures(set, column.name) {
                continue;
            }
            let may_write = level(!context.switches.locks(set, column.name));
            told.push(json!({
                "AttributeId": metadata_id(logical_name, column.name),
                "CanRead": level(!context.switches.hides(set, column.name)),
                "CanReadUnMasked": 0,
                "CanCreate": may_write,
                "CanUpdate": may_write,
            }));
        }
    }
    let name = "RetrievePrincipalAttributePrivilegesResponse";
    let body = json!({
        "@odata.context": format!(
            "{}/$metadata#Microsoft.Dynamics.CRM.{name}",
            context.call.api()
        ),
        "AttributePrivileges": told,
    });
    Answer::odata(200, body.to_string().into_bytes())
}

/// `GET systemusers(key)/systemuserroles_association`: the names of the user's own roles.
pub(crate) fn roles(
    context: &Context<'_>,
    entity_set: &str,
    key: &str,
    navigation: &str,
) -> Result<Answer, Refusal> {
    let world = context.simulator.world();
    let users = rights::table(context, &world, entity_set, Privilege::Read)?;
    if users.table.name != TableName::SystemUser || navigation != ROLES {
        return Err(Refusal::unknown_segment(navigation));
    }
    if context.switches.forbidden.contains("roles") {
        let message =
            "Principal user is missing prvReadRole privilege on OTC=1036 for entity 'role'.";
        return Err(Refusal::new(403, "0x80040220", message));
    }
    let known = parse_id(&users.table, key)? == world.layout.application_user();
    let names = context.switches.roles.iter().filter(|_| known);
    let value: Vec<Json> = names
        .map(|name| json!({ "name": name, "roleid": metadata_id("role", name) }))
        .collect();
    let body = json!({
        "@odata.context": format!("{}/$metadata#roles(name)", context.call.api()),
        "value": value,
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
    let depth = context.switches.privilege(entity_set, kind)?;
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
