//! Who can mend what Dynamics or Entra refuses, and how: the steps in the words of their admin centres.
//!
//! What happened is the client's to say; a refusal that has no steps here keeps the client's own advice.

use dynamics_client::{Error, ErrorCode, ErrorKind};

use crate::report::{Finding, Severity, Who};

/// Where an application's user is looked after.
const APPLICATION_USERS: &str = "In the Power Platform admin center, select Environments, the environment, \
     Settings, Users + permissions, Application users";

/// What must be done to the security role, for `what`.
pub(crate) fn security_role(what: &str) -> String {
    format!(
        "In the Power Platform admin center, select Environments, the environment, Settings, Users + \
         permissions, Security roles, the application user's role, and {what}."
    )
}

/// Where secured columns are given to users.
pub(crate) fn column_security(what: &str) -> String {
    format!(
        "In the Power Platform admin center, select Environments, the environment, Settings, Users + \
         permissions, Column security profiles, a profile with the application user in it, and {what}."
    )
}

/// Where a table's own settings are.
pub(crate) fn table_settings(table: &str, what: &str) -> String {
    format!("In Power Apps (make.powerapps.com), select Tables, {table}, {what}.")
}

/// What a failed request means to whoever sets the sync up.
pub(crate) fn finding(error: &Error) -> Finding {
    let (who, how) = remedy(error);
    Finding {
        severity: Severity::Fail,
        what: error.account().to_string(),
        who,
        how,
    }
}

fn remedy(error: &Error) -> (Who, String) {
    let known = match error.code() {
        Some(ErrorCode::Entra(code)) => entra(code),
        Some(ErrorCode::Dataverse(code)) => dataverse(code),
        None => None,
    };
    known.unwrap_or_else(|| {
        let who = match error.kind() {
            ErrorKind::Credentials if matches!(error.code(), Some(ErrorCode::Entra(_))) => {
                Who::EntraAdministrator
            }
            ErrorKind::Forbidden | ErrorKind::Credentials => Who::DynamicsAdministrator,
            _ => Who::Deployer,
        };
        let advice = error.advice().unwrap_or("Try again later.");
        (who, advice.to_owned())
    })
}

fn entra(code: u32) -> Option<(Who, String)> {
    use Who::{Deployer, EntraAdministrator};
    let (who, how) = match code {
        7_000_215 | 7_000_222 => (
            EntraAdministrator,
            "In the Microsoft Entra admin center, select App registrations, the application, Certificates & \
             secrets, New client secret; store its Value, not its Secret ID, as DYNAMICS_CLIENT_SECRET.",
        ),
        700_016 => (
            Deployer,
            "Compare DYNAMICS_CLIENT_ID with \"Application (client) ID\" and DYNAMICS_TENANT_ID with \
             \"Directory (tenant) ID\" on the application's Overview page in the Microsoft Entra admin \
             center, App registrations.",
        ),
        90_002 | 900_023 => (
            Deployer,
            "Compare DYNAMICS_TENANT_ID with \"Directory (tenant) ID\" on the application's Overview page in \
             the Microsoft Entra admin center, App registrations; in a national cloud, check \
             AZURE_AUTHORITY_HOST too.",
        ),
        700_027 | 700_030 | 1_000_502 | 7_000_214 => (
            EntraAdministrator,
            "In the Microsoft Entra admin center, select App registrations, the application, Certificates & \
             secrets, Certificates, Upload certificate; the certificate with its key is \
             DYNAMICS_CLIENT_CERTIFICATE.",
        ),
        700_024 => (
            Deployer,
            "Set this machine's clock by a time server: it differs from Entra's by minutes.",
        ),
        7_000_112 => (
            EntraAdministrator,
            "In the Microsoft Entra admin center, select Enterprise applications, the application, \
             Properties, and set \"Enabled for users to sign-in?\" to Yes.",
        ),
        7_000_229 => (
            EntraAdministrator,
            "In the Microsoft Entra admin center, select App registrations, the application, API \
             permissions, Grant admin consent, which makes the application known in the tenant.",
        ),
        53_003 => (
            EntraAdministrator,
            "In the Microsoft Entra admin center, select Conditional Access, Policies, and exempt the \
             application, or the addresses it comes from.",
        ),
        70_011 | 500_011 => (
            Deployer,
            "Compare DYNAMICS_INSTANCE_URL with \"Environment URL\" in the Power Platform admin center, \
             Environments, the environment; it must belong to the tenant that DYNAMICS_TENANT_ID names.",
        ),
        90_038 | 900_382 | 900_383 => (
            Deployer,
            "Set AZURE_AUTHORITY_HOST to the Entra host of the tenant's cloud: login.microsoftonline.us for \
             US Government, login.partner.microsoftonline.cn for China.",
        ),
        _ => return None,
    };
    Some((who, how.to_owned()))
}

fn dataverse(code: u32) -> Option<(Who, String)> {
    let admin = Who::DynamicsAdministrator;
    Some(match code {
        0x8007_2560 => (
            admin,
            format!(
                "{APPLICATION_USERS}, + New app user, + Add an app, the application; then give it a \
                 security role."
            ),
        ),
        0x8004_2f09 => (
            admin,
            format!("{APPLICATION_USERS}, the user, Edit security roles."),
        ),
        0x8004_0225 => (
            admin,
            format!("{APPLICATION_USERS}, the user, Activate, and check its Business unit."),
        ),
        0x8007_2561 => (
            Who::EntraAdministrator,
            "In the Microsoft Entra admin center, select Conditional Access, Policies, and exempt the \
             application, or the addresses it comes from."
                .to_owned(),
        ),
        _ => return None,
    })
}
