//! How far a privilege reaches: how it is asked for, and what is made of the answer.
//!
//! Never in here: a guess. A read that reaches less far than it is taken to misses rows without a word.
//!
//! Source: `RetrieveUserPrivilegeByPrivilegeName` in "Verify access in code", Dataverse developer
//! documentation.

use serde::Deserialize;
use uuid::Uuid;

use crate::error::{ErrorKind, Problem};

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

/// The path, below the Web API's root, that asks how far `privilege` of `user` reaches.
pub(crate) fn depth_path(user: Uuid, privilege: &str) -> String {
    format!(
        "systemusers({user})/Microsoft.Dynamics.CRM.RetrieveUserPrivilegeByPrivilegeName\
         (PrivilegeName=%27{privilege}%27)"
    )
}

/// One entry a role that has the privilege.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RolePrivileges {
    role_privileges: Vec<RolePrivilege>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RolePrivilege {
    depth: String,
}

impl RolePrivileges {
    /// What all roles together allow. A depth that is not known is no trouble where another role
    /// reaches all rows: nothing reaches further.
    pub(crate) fn deepest(self) -> Result<Option<Depth>, Box<Problem>> {
        let known = |role: &RolePrivilege| Depth::named(&role.depth);
        let deepest = self.role_privileges.iter().filter_map(known).max();
        if deepest != Some(Depth::Global) && self.role_privileges.iter().any(|r| known(r).is_none())
        {
            return Err(
                Problem::new(ErrorKind::Protocol, "Dataverse gave an unusable answer")
                    .because("one of the user's roles has the privilege at a depth of an unknown kind")
                    .advise(
                        "Ask a Dynamics administrator to give it to the application user's security \
                         role at organization level.",
                    ),
            );
        }
        Ok(deepest)
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
