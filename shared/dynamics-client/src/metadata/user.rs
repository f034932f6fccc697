//! Who a user is, and which security roles it has of its own.
//!
//! Source: the reference of the systemuser table, Dataverse developer documentation.

use serde::Deserialize;
use uuid::Uuid;

use crate::client::DynamicsClient;
use crate::counters::RequestClass;
use crate::error::Error;

/// A user of the environment.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub struct User {
    /// What people call it; `None` if it has no name.
    #[serde(rename = "fullname")]
    pub name: Option<String>,
}

#[derive(Deserialize)]
struct Roles {
    value: Vec<Role>,
}

#[derive(Deserialize)]
struct Role {
    name: Option<String>,
}

impl DynamicsClient {
    /// Reads who `user` is. One request. The application user needs the privilege to read users.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn user(&self, user: Uuid) -> Result<User, Error> {
        let path = format!("systemusers({user})?$select=fullname");
        let operation = format!("read user {user}");
        self.get(RequestClass::Metadata, operation, &path, &Ok)
            .await
    }

    /// Reads the names of the security roles that `user` has of its own, not by a team. One request. The
    /// application user needs the privileges to read users and roles.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn roles(&self, user: Uuid) -> Result<Vec<String>, Error> {
        let path = format!("systemusers({user})/systemuserroles_association?$select=name");
        let operation = format!("read the roles of user {user}");
        self.get(RequestClass::Metadata, operation, &path, &|roles: Roles| {
            let mut names: Vec<String> = roles
                .value
                .into_iter()
                .filter_map(|role| role.name)
                .collect();
            names.sort();
            Ok(names)
        })
        .await
    }
}
