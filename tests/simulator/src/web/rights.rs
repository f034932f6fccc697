//! Who may do what: the bearer token, the application user, the tables.

use super::{Answer, Context};
use crate::depth::Depth;
use crate::refusal::Refusal;
use crate::world::schema::{Column, Table};
use crate::world::{Rows, World};

/// What a privilege is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Privilege {
    Read,
    Create,
    Write,
    Delete,
}

/// Checks the bearer token, then whether the environment knows the application.
pub(crate) fn authenticate(context: &Context<'_>) -> Result<(), Box<Answer>> {
    let sent = context
        .call
        .header("authorization")
        .and_then(|value| value.strip_prefix("Bearer "));
    let (code, message) = match sent.map(|token| context.simulator.token_expiry(token)) {
        Some(Some(expiry)) if expiry > context.now => return application_user(context),
        Some(Some(_)) => ("0x80041d52", "The OAuth token has expired."),
        Some(None) => ("0x8004A101", "The authentication ticket is not valid."),
        None => ("0x80044302", "The request is not authenticated."),
    };
    let origin = &context.call.origin;
    let tenant = &context.simulator.credentials().tenant_id;
    let challenge = format!(
        "Bearer authorization_uri={origin}/{tenant}/oauth2/authorize, resource_id={origin}/"
    );
    let answer = Answer::from(Refusal::new(401, code, message));
    Err(Box::new(answer.header("www-authenticate", challenge)))
}

fn application_user(context: &Context<'_>) -> Result<(), Box<Answer>> {
    let (code, message) = if context.switches.no_application_user {
        (
            "0x80072560",
            "The user is not a member of the organization.",
        )
    } else if context.switches.application_user_disabled {
        (
            "0x80040225",
            "The user representing the application is disabled or is not assigned to any business unit.",
        )
    } else if context.switches.no_security_role {
        (
            "0x80042f09",
            "The user has not been assigned any security roles.",
        )
    } else {
        return Ok(());
    };
    Err(Box::new(Answer::from(Refusal::new(403, code, message))))
}

/// The table's rows, if the environment has it and the application user may.
pub(crate) fn table<'w>(
    context: &Context<'_>,
    world: &'w World,
    entity_set: &str,
    privilege: Privilege,
) -> Result<&'w Rows, Refusal> {
    let rows = world
        .rows(entity_set)
        .filter(|_| !context.switches.absent.contains(entity_set))
        .ok_or_else(|| Refusal::unknown_segment(entity_set))?;
    let kind = format!("{privilege:?}");
    if context.switches.privilege(entity_set, &kind).is_none() {
        return Err(forbidden(world, &rows.table, privilege));
    }
    Ok(rows)
}

fn forbidden(world: &World, table: &Table, privilege: Privilege) -> Refusal {
    let user = world.layout.application_user();
    let kind = format!("{privilege:?}");
    let name = table
        .privileges()
        .find_map(|(wanted, name)| (wanted == kind).then_some(name));
    Refusal::new(
        403,
        "0x80040220",
        format!(
            "Principal user (Id={user}, type=8, roleCount=1, privilegeCount=12, accessMode=4 \
             'Non-interactive'), is missing {} privilege on OTC={} for entity '{}' \
             (LocalizedName='{}'). context.Caller={user}.",
            name.unwrap_or_default(),
            table.object_type_code,
            table.name.logical(),
            table.label,
        ),
    )
}

/// Whether the table's changes may be read: tracking is on, and the application user sees every row.
pub(crate) fn tracking(context: &Context<'_>, world: &World, table: &Table) -> Result<(), Refusal> {
    let entity_set = table.name.entity_set();
    if !table.tracked || context.switches.untracked.contains(entity_set) {
        return Err(Refusal::new(
            400,
            "0x80072491",
            format!(
                "Entity {} isn't enabled for change tracking.",
                table.name.logical()
            ),
        ));
    }
    if context.switches.depth(entity_set) != Some(Depth::Global) {
        return Err(forbidden(world, table, Privilege::Read));
    }
    Ok(())
}

/// Whether a query may look at a column: its filter and its order tell what it holds.
pub(crate) fn may_query(
    context: &Context<'_>,
    table: &Table,
    column: &Column,
) -> Result<(), Refusal> {
    if context.switches.hides(table.name.entity_set(), column.name) {
        return Err(Refusal::new(
            403,
            "0x8004F506",
            "The Query contained a secured attribute to which the caller does not have access",
        ));
    }
    Ok(())
}

/// Whether a column may be written.
pub(crate) fn may_write(
    context: &Context<'_>,
    table: &Table,
    position: usize,
) -> Result<(), Refusal> {
    let name = table.columns.get(position).map_or("", |column| column.name);
    if context.switches.locks(table.name.entity_set(), name) {
        return Err(Refusal::new(
            403,
            "0x8004f507",
            format!(
                "Caller user does not have update permissions to a {name} secured field on entity {}. \
                 The requested operation could not be completed.",
                table.name.logical()
            ),
        ));
    }
    Ok(())
}

/// The refusal of a row that lies beyond the depth of the caller's privilege.
pub(crate) fn row_denied(world: &World, table: &Table, id: uuid::Uuid) -> Refusal {
    let user = world.layout.application_user();
    Refusal::new(
        403,
        "0x80048306",
        format!(
            "Principal with id {user} does not have ReadAccess right(s) for record with id {id} of \
             entity {}",
            table.name.logical()
        ),
    )
}
