//! The access to Dynamics: where its values come from, and what makes them valid.

use dynamics_client::{AuthorityHost, BudgetShare, ClientConfig, InstanceUrl, InvalidAddress};

use crate::credential::{Absent, CLIENT_CERTIFICATE, CLIENT_SECRET, Values, credential, is_guid};
use crate::environment::{Environment, text};
use crate::{Problems, SettingsError, secret};

pub(crate) const TENANT_ID: &str = "DYNAMICS_TENANT_ID";
pub(crate) const CLIENT_ID: &str = "DYNAMICS_CLIENT_ID";
pub(crate) const INSTANCE_URL: &str = "DYNAMICS_INSTANCE_URL";

/// Where the access to Dynamics comes from.
#[derive(Clone, Debug)]
pub enum DynamicsSource {
    /// A secret in Secrets Manager (`DYNAMICS_SECRET_ID`), read on first use.
    Secret {
        /// Its name or ARN.
        secret_id: String,
        /// The Entra host (`AZURE_AUTHORITY_HOST`).
        authority: AuthorityHost,
        /// The share of the service protection limits (`SYNC_BUDGET_SHARE`).
        budget_share: BudgetShare,
    },
    /// Variables, already checked.
    Values(Box<ClientConfig>),
}

impl DynamicsSource {
    /// Reads the variables about Dynamics. `DYNAMICS_SECRET_ID` comes first: where it is set, the four
    /// values are not looked for among the variables.
    pub fn from_env(env: &Environment<'_>, problems: &mut Problems) -> Option<Self> {
        let authority = authority(env, problems);
        let budget_share = budget_share(env, problems);
        if let Some(secret_id) = text(env, "DYNAMICS_SECRET_ID") {
            if !secret::is_id(&secret_id) {
                let expected = secret::ID_EXPECTED;
                problems.add("DYNAMICS_SECRET_ID", format!("is malformed; {expected}"));
                return None;
            }
            return Some(Self::Secret {
                secret_id,
                authority: authority?,
                budget_share: budget_share?,
            });
        }
        let value = |name: &str| {
            let missing = "is missing (and DYNAMICS_SECRET_ID is not set)";
            text(env, name).ok_or_else(|| Absent::NotGiven(missing.to_owned()))
        };
        let config = client_config(&value, authority, budget_share, problems)?;
        Some(Self::Values(Box::new(config)))
    }

    /// Whether none of the variables that say where Dynamics is and who asks is set.
    pub fn is_unset(env: &Environment<'_>) -> bool {
        let names = [
            "DYNAMICS_SECRET_ID",
            TENANT_ID,
            CLIENT_ID,
            CLIENT_SECRET,
            CLIENT_CERTIFICATE,
            INSTANCE_URL,
        ];
        names.iter().all(|name| text(env, name).is_none())
    }

    /// The configuration of a client, the secret being read now if that is where the values are.
    ///
    /// # Errors
    /// When the secret cannot be read, or, all together, every member of it that is missing or
    /// malformed.
    pub async fn resolve(
        &self,
        secrets: &aws_sdk_secretsmanager::Client,
    ) -> Result<ClientConfig, SettingsError> {
        let (secret_id, authority, budget_share) = match self {
            Self::Values(config) => return Ok(ClientConfig::clone(config)),
            Self::Secret {
                secret_id,
                authority,
                budget_share,
            } => (secret_id, authority, *budget_share),
        };
        let members = secret::read(secrets, secret_id).await?;
        let mut problems = Problems::default();
        let value = |name: &str| members.text(name);
        let config = client_config(
            &value,
            Some(authority.clone()),
            Some(budget_share),
            &mut problems,
        );
        members.report_misspelt(&mut problems);
        Ok(problems.into_result_of(Some(secret_id), config)?)
    }
}

fn authority(env: &Environment<'_>, problems: &mut Problems) -> Option<AuthorityHost> {
    let Some(host) = text(env, "AZURE_AUTHORITY_HOST") else {
        return Some(AuthorityHost::default());
    };
    let expected = "expected the Entra host, such as login.microsoftonline.com";
    AuthorityHost::parse(&host)
        .map_err(|error| problems.add("AZURE_AUTHORITY_HOST", unusable(&error, expected)))
        .ok()
}

fn budget_share(env: &Environment<'_>, problems: &mut Problems) -> Option<BudgetShare> {
    let Some(share) = text(env, "SYNC_BUDGET_SHARE") else {
        return Some(BudgetShare::default());
    };
    let share = share.parse().ok().and_then(BudgetShare::new);
    if share.is_none() {
        problems.add(
            "SYNC_BUDGET_SHARE",
            "is malformed; expected a number above 0 and at most 1, such as 0.5",
        );
    }
    share
}

/// The four values, each by `value`: the text, or why there is none.
fn client_config(
    value: &Values<'_>,
    authority: Option<AuthorityHost>,
    budget_share: Option<BudgetShare>,
    problems: &mut Problems,
) -> Option<ClientConfig> {
    let read = |problems: &mut Problems,
                name: &str,
                expected: &str,
                check: &dyn Fn(&str) -> Result<(), String>| {
        let found = value(name).map_err(|absent| format!("{}; {expected}", absent.why()));
        let checked = found.and_then(|text| check(&text).map(|()| text));
        checked.map_err(|message| problems.add(name, message)).ok()
    };
    let malformed = |good: bool, expected: &str| {
        if good {
            Ok(())
        } else {
            Err(format!("is malformed; {expected}"))
        }
    };

    let expected =
        "expected the Entra tenant's id (a GUID) or its domain, such as contoso.onmicrosoft.com";
    let tenant = read(problems, TENANT_ID, expected, &|text| {
        malformed(is_guid(text) || is_domain(text), expected)
    });

    let expected = "expected the application (client) id in Entra, a GUID";
    let client_id = read(problems, CLIENT_ID, expected, &|text| {
        malformed(is_guid(text), expected)
    });

    let credential = credential(value, problems);

    let expected = "expected the environment's address, such as https://contoso.crm4.dynamics.com";
    let instance = read(
        problems,
        INSTANCE_URL,
        expected,
        &|text| match InstanceUrl::parse(text) {
            Ok(_) => Ok(()),
            Err(error) => Err(unusable(&error, expected)),
        },
    );

    Some(ClientConfig {
        instance: InstanceUrl::parse(&instance?).ok()?,
        tenant: tenant?,
        client_id: client_id?,
        credential: credential?,
        authority: authority?,
        budget_share: budget_share?,
    })
}

fn unusable(error: &InvalidAddress, expected: &str) -> String {
    match error {
        InvalidAddress::Malformed => format!("is not an address; {expected}"),
        other => format!("{other}; {expected}"),
    }
}

/// A domain name with at least one dot: `common` and `organizations` are no tenant.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(is_label)
}
