//! What an address names.

use super::call::API_PATH;

/// What the names of bound functions begin with.
const FUNCTIONS: &str = "Microsoft.Dynamics.CRM.";

/// A resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// Entra's token endpoint for a tenant.
    Token {
        tenant: String,
    },
    /// Where Entra says what endpoints it has for a tenant.
    OpenId {
        tenant: String,
    },
    /// The service document.
    Root,
    WhoAmI,
    /// Table definitions, with what follows the name.
    Definitions(String),
    Rows(String),
    Count(String),
    /// One row: the table and what stands between the parentheses.
    Row {
        entity_set: String,
        key: String,
    },
    /// A function bound to a row; what stands between each pair of parentheses.
    Function {
        entity_set: String,
        key: String,
        name: String,
        arguments: String,
    },
    /// An action bound to a table.
    Action {
        entity_set: String,
        name: String,
    },
    /// One column of a row, or `x/$ref` for the lookup `x`.
    Property {
        entity_set: String,
        key: String,
        property: String,
    },
    Batch,
    BulkDelete,
    RelationshipDefinitions,
    /// `RetrieveMetadataChanges`, with what stands between the parentheses.
    MetadataChanges(String),
    /// `RetrieveTotalRecordCount`, with what stands between the parentheses.
    RowCounts(String),
    /// `RetrieveProvisionedLanguages`.
    Languages,
    /// Nothing known; the segment that was not understood.
    Unknown(String),
}

impl Address {
    /// Reads a path as sent.
    pub(crate) fn parse(path: &str) -> Self {
        if let Some(tenant) = tenant(path, "/oauth2/v2.0/token") {
            return Self::Token { tenant };
        }
        if let Some(tenant) = tenant(path, "/v2.0/.well-known/openid-configuration") {
            return Self::OpenId { tenant };
        }
        let Some(resource) = path.strip_prefix(API_PATH) else {
            return Self::Unknown(decode(path));
        };
        let resource = decode(resource.trim_matches('/'));
        if resource.is_empty() {
            return Self::Root;
        }
        if let Some(rest) = resource.strip_prefix("EntityDefinitions") {
            return Self::Definitions(rest.to_owned());
        }
        let (first, rest) = resource.split_once('/').unwrap_or((&resource, ""));
        match (first, rest) {
            ("WhoAmI" | "WhoAmI()", "") => Self::WhoAmI,
            ("RetrieveProvisionedLanguages" | "RetrieveProvisionedLanguages()", "") => {
                Self::Languages
            }
            ("$batch", "") => Self::Batch,
            ("BulkDelete", "") => Self::BulkDelete,
            ("RelationshipDefinitions", "") => Self::RelationshipDefinitions,
            (_, "") => match first.split_once('(') {
                None => Self::Rows(first.to_owned()),
                Some(("RetrieveMetadataChanges", arguments)) => {
                    Self::MetadataChanges(arguments.trim_end_matches(')').to_owned())
                }
                Some(("RetrieveTotalRecordCount", arguments)) => {
                    Self::RowCounts(arguments.trim_end_matches(')').to_owned())
                }
                Some((entity_set, key)) => match key.strip_suffix(')') {
                    Some(key) => Self::Row {
                        entity_set: entity_set.to_owned(),
                        key: key.to_owned(),
                    },
                    None => Self::Unknown(first.to_owned()),
                },
            },
            (_, action)
                if action.starts_with(FUNCTIONS)
                    && !action.contains('(')
                    && !first.contains('(') =>
            {
                Self::Action {
                    entity_set: first.to_owned(),
                    name: action.trim_start_matches(FUNCTIONS).to_owned(),
                }
            }
            (_, function) if function.starts_with(FUNCTIONS) => {
                bound(first, function).unwrap_or_else(|| Self::Unknown(rest.to_owned()))
            }
            (_, "$count") if !first.contains('(') => Self::Count(first.to_owned()),
            _ if first.ends_with(')') => match first.split_once('(') {
                Some((entity_set, key)) => Self::Property {
                    entity_set: entity_set.to_owned(),
                    key: key.trim_end_matches(')').to_owned(),
                    property: rest.to_owned(),
                },
                None => Self::Unknown(rest.to_owned()),
            },
            _ => Self::Unknown(rest.to_owned()),
        }
    }

    /// The table addressed, known or not.
    pub(crate) fn entity_set(&self) -> Option<&str> {
        match self {
            Self::Rows(entity_set)
            | Self::Count(entity_set)
            | Self::Row { entity_set, .. }
            | Self::Action { entity_set, .. }
            | Self::Property { entity_set, .. }
            | Self::Function { entity_set, .. } => Some(entity_set),
            _ => None,
        }
    }
}

/// The tenant in `/{tenant}` followed by one of Entra's endpoints.
fn tenant(path: &str, endpoint: &str) -> Option<String> {
    let tenant = path.strip_suffix(endpoint)?.strip_prefix('/')?;
    (!tenant.contains('/')).then(|| decode(tenant))
}

/// `set(key)` and `Microsoft.Dynamics.CRM.Name(arguments)`.
fn bound(row: &str, function: &str) -> Option<Address> {
    let (entity_set, key) = row.strip_suffix(')')?.split_once('(')?;
    let function = function.strip_prefix(FUNCTIONS)?;
    let (name, arguments) = function.strip_suffix(')')?.split_once('(')?;
    Some(Address::Function {
        entity_set: entity_set.to_owned(),
        key: key.to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    })
}

/// Percent-decodes a path; a plus sign stays one.
fn decode(path: &str) -> String {
    let query = format!("path={}", path.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(query.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_apart() {
        let parse = |rest: &str| Address::parse(&format!("{API_PATH}{rest}"));
        assert_eq!(parse("/"), Address::Root);
        assert_eq!(parse("/WhoAmI"), Address::WhoAmI);
        assert_eq!(parse("/contacts"), Address::Rows("contacts".into()));
        assert_eq!(parse("/contacts/$count"), Address::Count("contacts".into()));
        assert_eq!(
            parse("/contacts(firstname=%27a%2Fb%27)"),
            Address::Unknown("b')".into())
        );
        assert_eq!(
            parse("/contacts(1)"),
            Address::Row {
                entity_set: "contacts".into(),
                key: "1".into()
            }
        );
        assert_eq!(
            parse("/EntityDefinitions(LogicalName=%27contact%27)/Attributes"),
            Address::Definitions("(LogicalName='contact')/Attributes".into())
        );
        assert_eq!(
            Address::parse("/t/oauth2/v2.0/token"),
            Address::Token { tenant: "t".into() }
        );
        assert_eq!(
            parse("/systemusers(1)/Microsoft.Dynamics.CRM.Do(What=%27a%27)"),
            Address::Function {
                entity_set: "systemusers".into(),
                key: "1".into(),
                name: "Do".into(),
                arguments: "What='a'".into()
            }
        );
        assert_eq!(
            parse("/systemusers/Microsoft.Dynamics.CRM.Do()"),
            Address::Unknown("Microsoft.Dynamics.CRM.Do()".into())
        );
        assert_eq!(parse("/a/b"), Address::Unknown("b".into()));
        assert_eq!(parse("/$batch"), Address::Batch);
        assert_eq!(
            parse("/contacts/Microsoft.Dynamics.CRM.CreateMultiple"),
            Address::Action {
                entity_set: "contacts".into(),
                name: "CreateMultiple".into()
            }
        );
        assert_eq!(
            parse("/contacts(1)/parentcustomerid_account/$ref"),
            Address::Property {
                entity_set: "contacts".into(),
                key: "1".into(),
                property: "parentcustomerid_account/$ref".into()
            }
        );
    }
}
