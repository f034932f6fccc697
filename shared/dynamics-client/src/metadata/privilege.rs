//! How far the privileges of a user reach: how it is asked for, and what is made of the answers.
//!
//! Never in here: a guess. A read that reaches less far than it is taken to misses rows without a word.
//!
//! Source: `RetrieveUserPrivilegeByPrivilegeName` and `RetrieveUserSetOfPrivilegesByNames` in "Verify access
//! in code", Dataverse developer documentation.

use std::collections::BTreeMap;

use serde::Deserialize;
use uuid::Uuid;

use crate::client::DynamicsClient;
use crate::counters::RequestClass;
use crate::error::{Error, ErrorKind, Problem};
use crate::query::check_name;
use crate::table::Table;

/// What a privilege on a table allows to do with its rows.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum PrivilegeKind {
    /// Create them.
    Create,
    /// Read them.
    Read,
    /// Change them.
    Write,
    /// Delete them.
    Delete,
    /// Let their lookups refer to other rows.
    Append,
    /// Let lookups of other rows refer to them.
    AppendTo,
    /// Give them to another owner.
    Assign,
    /// Share them.
    Share,
}

/// How far a privilege reaches, from the least to the most.
///
/// Below [`Depth::Global`] a query returns fewer rows without a word, and change tracking is refused.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Depth {
    /// Rows of the user and of its teams, and what is shared with them.
    Basic,
    /// Rows of the user's business unit.
    Local,
    /// Rows of that and of the business units below it.
    Deep,
    /// All rows of the organization.
    Global,
}

/// One entry a role that has a privilege.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RolePrivileges {
    role_privileges: Vec<RolePrivilege>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RolePrivilege {
    depth: String,
    privilege_name: Option<String>,
}

impl DynamicsClient {
    /// Asks how far `privilege` of `user` reaches, by whichever of its roles, its teams' included, it
    /// reaches furthest; `None` if the user does not hold it. One request. Dataverse itself notices a
    /// changed role only after half a minute.
    ///
    /// # Errors
    /// [`ErrorKind::Protocol`] if it reaches as far as no [`Depth`] tells; else see [`ErrorKind`].
    pub async fn privilege_depth(
        &self,
        user: Uuid,
        privilege: &str,
    ) -> Result<Option<Depth>, Error> {
        let operation = format!("read the depth of {privilege}");
        check_name(privilege).map_err(|problem| Error::new(&operation, problem))?;
        let path = format!(
            "systemusers({user})/Microsoft.Dynamics.CRM.RetrieveUserPrivilegeByPrivilegeName\
             (PrivilegeName=%27{privilege}%27)"
        );
        self.get(
            RequestClass::Metadata,
            operation,
            &path,
            &|held: RolePrivileges| deepest(privilege, held.role_privileges.iter()),
        )
        .await
    }

    /// Asks how far each of the privileges that `table` has reaches for `user`, as
    /// [`privilege_depth`](Self::privilege_depth) does; one that the user does not hold is not in it. One
    /// request, or none for a table without privileges of its own.
    ///
    /// # Errors
    /// As [`privilege_depth`](Self::privilege_depth).
    pub async fn privilege_depths(
        &self,
        user: Uuid,
        table: &Table,
    ) -> Result<BTreeMap<PrivilegeKind, Depth>, Error> {
        let operation = format!("read the privileges on {}", table.entity_set);
        let names: Vec<&str> = table.privileges.values().map(String::as_str).collect();
        let held = self.depths_of(user, operation, &names).await?;
        let of_table = table.privileges.iter();
        Ok(of_table
            .filter_map(|(kind, name)| Some((*kind, *held.get(name)?)))
            .collect())
    }

    /// Asks how far each of these privileges, by their names in Dataverse, reaches for `user`, as
    /// [`privilege_depth`](Self::privilege_depth) does; one that the user does not hold, or that the
    /// environment does not know, is not in it. One request, or none for no names.
    ///
    /// # Errors
    /// As [`privilege_depth`](Self::privilege_depth).
    pub async fn privileges_held(
        &self,
        user: Uuid,
        names: &[&str],
    ) -> Result<BTreeMap<String, Depth>, Error> {
        let operation = format!("read the privileges of user {user}");
        self.depths_of(user, operation, names).await
    }

    async fn depths_of(
        &self,
        user: Uuid,
        operation: String,
        names: &[&str],
    ) -> Result<BTreeMap<String, Depth>, Error> {
        if names.is_empty() {
            return Ok(BTreeMap::new());
        }
        for name in names {
            check_name(name).map_err(|problem| Error::new(&operation, problem))?;
        }
        let path = format!(
            "systemusers({user})/Microsoft.Dynamics.CRM.RetrieveUserSetOfPrivilegesByNames\
             (PrivilegeNames=@p1)?@p1=[%22{}%22]",
            names.join("%22,%22")
        );
        self.get(
            RequestClass::Metadata,
            operation,
            &path,
            &|held: RolePrivileges| {
                if held
                    .role_privileges
                    .iter()
                    .any(|role| role.privilege_name.is_none())
                {
                    return Err(unusable(
                        "one of the user's privileges has no name told".into(),
                    ));
                }
                let mut depths = BTreeMap::new();
                for name in names {
                    let roles = held.role_privileges.iter();
                    let roles = roles.filter(|role| role.privilege_name.as_deref() == Some(name));
                    depths.extend(deepest(name, roles)?.map(|depth| ((*name).to_owned(), depth)));
                }
                Ok(depths)
            },
        )
        .await
    }
}

/// What all roles together allow. A depth that is not known is no trouble where another role reaches all
/// rows: nothing reaches further.
fn deepest<'r>(
    privilege: &str,
    roles: impl Iterator<Item = &'r RolePrivilege>,
) -> Result<Option<Depth>, Box<Problem>> {
    let known: Vec<_> = roles.map(|role| Depth::named(&role.depth)).collect();
    let deepest = known.iter().flatten().max().copied();
    if deepest != Some(Depth::Global) && known.contains(&None) {
        return Err(unusable(format!(
            "one of the user's roles has {privilege} at a depth of an unknown kind"
        )));
    }
    Ok(deepest)
}

fn unusable(why: String) -> Box<Problem> {
    Problem::new(ErrorKind::Protocol, "Dataverse gave an unusable answer")
        .because(why)
        .advise(
            "Ask a Dynamics administrator to give it to the application user's security role at \
             organization level.",
        )
}

impl PrivilegeKind {
    /// By Dataverse's word for it.
    pub(super) fn named(text: &str) -> Option<Self> {
        Some(match text {
            "Create" => Self::Create,
            "Read" => Self::Read,
            "Write" => Self::Write,
            "Delete" => Self::Delete,
            "Append" => Self::Append,
            "AppendTo" => Self::AppendTo,
            "Assign" => Self::Assign,
            "Share" => Self::Share,
            _ => return None,
        })
    }
}

impl Depth {
    fn named(text: &str) -> Option<Self> {
        match text {
            "Basic" => Some(Self::Basic),
            "Local" => Some(Self::Local),
            "Deep" => Some(Self::Deep),
            "Global" => Some(Self::Global),
            _ => None,
        }
    }
}
