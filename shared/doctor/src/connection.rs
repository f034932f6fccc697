//! The way to the environment: its address, the clock, the credential, the token, and who the application
//! is there.

use std::sync::Arc;

use dynamics_client::{Counters, ErrorKind, Greeting, WhoAmI};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::examine::Access;
use crate::remedy;
use crate::report::{Check, Finding, Found, Who};

/// How far this machine's clock may be from Dataverse's before somebody should know.
const SKEW_WARNED: SignedDuration = SignedDuration::from_mins(1);
/// How far before Entra refuses what a certificate signs.
const SKEW_REFUSED: SignedDuration = SignedDuration::from_mins(5);

/// Roles that may do everything.
const ALL_POWERFUL: [&str; 2] = ["System Administrator", "System Customizer"];

pub(crate) const ADDRESS: &str = "address";
pub(crate) const TOKEN: &str = "token";
pub(crate) const WHO_AM_I: &str = "who am I";

/// Whether there is a Dataverse environment at the address. One request, without a token.
pub(crate) async fn address(access: &Access) -> (Check, Option<Greeting>) {
    let done = |found| Check::done(ADDRESS, None, found);
    let greeting = match access.client.greet().await {
        Ok(greeting) => greeting,
        Err(error) => return (done(unreachable(&error).into()), None),
    };
    let instance = &access.instance;
    let mut found = Found::default().note(instance.to_string());
    if !greeting.asks_for_token {
        found = Finding::fail(
            format!("{instance} answers, but not as Dataverse does: it asks for no token."),
            Who::Deployer,
            "Compare DYNAMICS_INSTANCE_URL with \"Environment URL\" in the Power Platform admin center, \
             Environments, the environment.",
        )
        .into();
    } else if let Some(told) = foreign_tenant(access, &greeting) {
        found = found.and(told);
    }
    (done(found), Some(greeting))
}

fn unreachable(error: &dynamics_client::Error) -> Finding {
    let finding = remedy::finding(error);
    match error.kind() {
        ErrorKind::Unavailable => Finding {
            how: "Compare DYNAMICS_INSTANCE_URL with \"Environment URL\" in the Power Platform admin center, \
                  Environments, the environment; if it is right, check that this network may reach it."
                .to_owned(),
            ..finding
        },
        _ => finding,
    }
}

/// The environment says itself which tenant it belongs to. A domain name cannot be compared.
fn foreign_tenant(access: &Access, greeting: &Greeting) -> Option<Finding> {
    let theirs: Uuid = greeting.tenant.as_deref()?.parse().ok()?;
    let ours: Uuid = access.tenant.parse().ok()?;
    (ours != theirs).then(|| {
        Finding::fail(
            format!(
                "The environment belongs to tenant {theirs}, and DYNAMICS_TENANT_ID is {ours}."
            ),
            Who::Deployer,
            "Set DYNAMICS_TENANT_ID to the environment's tenant, in which the application must be \
             registered; or DYNAMICS_INSTANCE_URL to an environment of yours.",
        )
    })
}

/// Whether this machine's clock is right, by Dataverse's.
pub(crate) fn clock(greeting: &Greeting, now: Timestamp) -> Found {
    let Some(theirs) = greeting.date else {
        return Found::default().note("not compared: the environment does not say what time it is");
    };
    let skew = now.duration_since(theirs);
    let off = skew.abs();
    if off < SKEW_WARNED {
        return Found::default().note("agrees with Dataverse's");
    }
    let direction = if skew.is_positive() {
        "ahead of"
    } else {
        "behind"
    };
    let what = format!(
        "This machine's clock is {} {direction} Dataverse's.",
        amount(off)
    );
    let how = "Set it by a time server (NTP).";
    if off < SKEW_REFUSED {
        return Finding::warn(what, Who::Deployer, how).into();
    }
    let what = format!(
        "{what} Entra refuses what a certificate signs at such a time, and rows expire on the wrong day."
    );
    Finding::fail(what, Who::Deployer, how).into()
}

fn amount(off: SignedDuration) -> String {
    match off.as_mins() {
        ..120 => format!("{} minutes", off.as_mins().max(1)),
        minutes => format!("{} hours", minutes / 60),
    }
}

/// How long the credential lasts.
pub(crate) fn credential(access: &Access, now: Timestamp) -> Found {
    let expiry = &access.credential;
    let days = expiry.days_left(now);
    let Some(warning) = expiry.warning(now) else {
        let note = days.map_or_else(String::new, |days| format!("{days} days left"));
        return Found::default().note(note);
    };
    let (what, how) = warning.split_once("; ").unwrap_or((&warning, ""));
    let (what, how) = (sentence(what), sentence(how));
    match days {
        Some(..0) => Finding::fail(what, Who::EntraAdministrator, how),
        Some(_) => Finding::warn(what, Who::EntraAdministrator, how),
        None => Finding::warn(what, Who::Deployer, how),
    }
    .into()
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    format!("{first}{}.", letters.as_str())
}

/// Who the application is, with the token that Entra gives it; else which of the two checks failed, and
/// how. Two requests.
pub(crate) async fn token(access: &Access) -> Result<WhoAmI, (&'static str, Found)> {
    let counters = Arc::new(Counters::default());
    let told = access.client.counting(counters.clone()).who_am_i().await;
    told.map_err(|error| {
        let asked = counters.snapshot().who_am_i > 0;
        let finding = remedy::finding(&error);
        match (asked, error.kind()) {
            (true, _) => (WHO_AM_I, finding.into()),
            (false, ErrorKind::Unavailable) => (TOKEN, without_entra(finding).into()),
            (false, _) => (TOKEN, finding.into()),
        }
    })
}

/// Where Entra is, is a setting too.
fn without_entra(finding: Finding) -> Finding {
    Finding {
        how: "Compare AZURE_AUTHORITY_HOST with the Entra host of the tenant's cloud (it is \
              login.microsoftonline.com unless set), and check that this network may reach it."
            .to_owned(),
        ..finding
    }
}

/// The application user's roles, where they may be read. Two requests.
pub(crate) async fn roles(access: &Access, me: WhoAmI) -> Found {
    let name = match access.client.user(me.user_id).await {
        Ok(user) => user
            .name
            .unwrap_or_else(|| "the user has no name".to_owned()),
        Err(error) => return unread(&error),
    };
    let roles = match access.client.roles(me.user_id).await {
        Ok(roles) => roles,
        Err(error) => return unread(&error),
    };
    if roles.is_empty() {
        return Found::default().note(format!("{name} has none of its own, only its teams'"));
    }
    let found = Found::default().note(format!("{name} has {}", roles.join(", ")));
    found.all(
        roles
            .iter()
            .filter(|role| ALL_POWERFUL.contains(&role.as_str()))
            .map(|role| {
                Finding::warn(
                    format!(
                        "The application user has the role {role}, which may do everything: whoever gets \
                         hold of the credential could too."
                    ),
                    Who::DynamicsAdministrator,
                    "Give it a role of its own with what the checks below ask for, and take this one away.",
                )
            }),
    )
}

/// That roles may not be read is nothing wrong: nothing of the sync needs it.
fn unread(error: &dynamics_client::Error) -> Found {
    match error.kind() {
        ErrorKind::Forbidden => {
            Found::default().note("not known: the application user may not read users and roles")
        }
        _ => remedy::finding(error).into(),
    }
}
