//! The two streams of these worlds, with the policy that a world has for each, and how their fields are
//! called on either side.

use serde_json::{Value as Json, json};

/// One of the two streams.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Of {
    Members,
    Certifications,
}

/// A stream and the GUID of a row.
pub(super) type RowId = (Of, String);

/// The stream file's `conflict`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Policy {
    Hold,
    DynamicsWins,
    AppWins,
    NewestWins,
}

impl Policy {
    pub(super) const ALL: [Self; 4] = [
        Self::Hold,
        Self::DynamicsWins,
        Self::AppWins,
        Self::NewestWins,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::DynamicsWins => "dynamics-wins",
            Self::AppWins => "app-wins",
            Self::NewestWins => "newest-wins",
        }
    }
}

impl Of {
    pub(super) const ALL: [Self; 2] = [Self::Members, Self::Certifications];

    pub(super) fn stream(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Certifications => "certifications",
        }
    }

    pub(super) fn of_stream(name: &str) -> Self {
        let found = Self::ALL.into_iter().find(|one| one.stream() == name);
        found.unwrap()
    }

    pub(super) fn table(self) -> &'static str {
        match self {
            Self::Members => "contacts",
            Self::Certifications => "hlf_certifications",
        }
    }

    pub(super) fn primary_key(self) -> &'static str {
        match self {
            Self::Members => "contactid",
            Self::Certifications => "hlf_certificationid",
        }
    }

    /// The field that is its key.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Members => "email",
            Self::Certifications => "mentor_code",
        }
    }

    /// Its fields, and the properties that they are in Dynamics.
    pub(super) fn fields(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Members => &[
                ("email", "emailaddress1"),
                ("first_name", "firstname"),
                ("last_name", "lastname"),
                ("shown", "donotemail"),
            ],
            Self::Certifications => &[
                ("mentor_code", "hlf_mentorcode"),
                ("mentor", "_hlf_contactid_value"),
                ("status", "hlf_status"),
                ("valid_to", "hlf_validto"),
                ("visible", "hlf_portalvisible"),
                ("comment", "hlf_comment"),
            ],
        }
    }

    /// What the certifications' expiry sets in its rows, as Dynamics has it.
    pub(super) fn expired(self, field: &str) -> Option<Json> {
        match (self, field) {
            (Self::Certifications, "status") => Some(json!(EXPIRED)),
            (Self::Certifications, "visible") | (Self::Members, "shown") => Some(json!(false)),
            _ => None,
        }
    }
}

pub(super) const ACTIVE: i64 = 1;
pub(super) const EXPIRED: i64 = 2;
pub(super) const SUSPENDED: i64 = 3;
const STATUSES: [(&str, i64); 3] = [
    ("active", ACTIVE),
    ("expired", EXPIRED),
    ("suspended", SUSPENDED),
];

/// A value of the app's as Dynamics has it; an empty text is none.
pub(super) fn in_dynamics(field: &str, value: &Json) -> Json {
    match value.as_str() {
        Some("") => Json::Null,
        Some(label) if field == "status" => {
            let known = STATUSES.iter().find(|(name, _)| *name == label);
            known.map_or(Json::Null, |(_, number)| json!(number))
        }
        _ => value.clone(),
    }
}

/// The streams, with the policies of the members and the certifications.
pub(super) fn streams([members, certifications]: [Policy; 2]) -> [String; 2] {
    let members = format!(
        r#"
[[stream]]
name      = "members"
table     = "contacts"
direction = "both"
key       = "emailaddress1"
conflict  = "{}"
where     = {{ statecode = 0 }}
deletes   = {{ to_dynamics = "deactivate" }}
[stream.fields]
email      = "emailaddress1"
first_name = "firstname"
last_name  = {{ column = "lastname", clearable = true }}
shown      = "donotemail"
"#,
        members.name()
    );
    let certifications = format!(
        r#"
[[stream]]
name      = "certifications"
table     = "hlf_certifications"
direction = "both"
key       = ["hlf_mentorcode"]
conflict  = "{}"
deletes   = {{ to_dynamics = "delete" }}
[stream.fields]
mentor_code = "hlf_mentorcode"
mentor      = {{ column = "hlf_contactid", lookup = "contacts", clearable = true }}
status      = {{ column = "hlf_status", choice = {{ active = 1, expired = 2, suspended = 3 }} }}
valid_to    = {{ column = "hlf_validto", type = "date", clearable = true }}
visible     = "hlf_portalvisible"
comment     = {{ column = "hlf_comment", clearable = true }}
[stream.expiry]
date = "valid_to"
from = {{ status = "active" }}
set  = {{ status = "expired", visible = false, "mentor.shown" = false }}
"#,
        certifications.name()
    );
    [members, certifications]
}
