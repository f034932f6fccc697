//! A column's definition as Dataverse sends it.
//!
//! Never in here: a guess about what a value of the column would be.

use serde::Deserialize;

use super::{Labels, Named};
use crate::table::{Column, ColumnKind, DateTimeBehavior, RequiredLevel};

/// A flag may be null, and whatever is not told is open.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attribute {
    attribute_type: Option<String>,
    attribute_type_name: Option<Named>,
    is_valid_for_read: Option<bool>,
    is_valid_for_create: Option<bool>,
    is_valid_for_update: Option<bool>,
    required_level: Option<Named>,
    is_secured: Option<bool>,
    can_be_secured_for_create: Option<bool>,
    can_be_secured_for_update: Option<bool>,
    pub(super) display_name: Option<Labels>,
    /// The column whose meaning this one shows.
    pub(super) attribute_of: Option<String>,
    pub(super) is_custom_attribute: Option<bool>,
    /// False for shadows of other columns, which the Web API does not serve.
    #[serde(rename = "IsValidODataAttribute")]
    is_valid_odata_attribute: Option<bool>,
}

impl Attribute {
    /// What it says of the column. How dates behave is still to be filled in.
    pub(super) fn column(&self) -> Column {
        let secured = self.is_secured.unwrap_or_default();
        // Where it is not told whether the Web API serves it, asking for it tells.
        let served = self.is_valid_odata_attribute.unwrap_or(true);
        let level = self.required_level.as_ref();
        Column {
            kind: kind_of(self),
            readable: served && self.is_valid_for_read.unwrap_or(true),
            creatable: served && self.is_valid_for_create.unwrap_or(true),
            updatable: served && self.is_valid_for_update.unwrap_or(true),
            required: level.and_then(|level| RequiredLevel::named(level.value.as_deref()?)),
            secured,
            secured_on_create: secured && self.can_be_secured_for_create.unwrap_or(true),
            secured_on_update: secured && self.can_be_secured_for_update.unwrap_or(true),
        }
    }
}

fn kind_of(attribute: &Attribute) -> ColumnKind {
    let name = attribute
        .attribute_type_name
        .as_ref()
        .and_then(|named| named.value.as_deref());
    // Columns with several choices show the type Virtual; only the type's name tells.
    if name == Some("MultiSelectPicklistType") {
        return ColumnKind::Choices;
    }
    let kind = attribute.attribute_type.as_deref().unwrap_or_default();
    match kind {
        "String" => ColumnKind::Text,
        "Memo" => ColumnKind::Memo,
        "Integer" => ColumnKind::Integer,
        "BigInt" => ColumnKind::BigInt,
        "Decimal" => ColumnKind::Decimal,
        "Double" => ColumnKind::Double,
        "Money" => ColumnKind::Money,
        "Boolean" => ColumnKind::Boolean,
        "DateTime" => ColumnKind::DateTime(DateTimeBehavior::UserLocal),
        "Lookup" | "Customer" | "Owner" => ColumnKind::Lookup,
        "Picklist" => ColumnKind::Choice,
        "State" => ColumnKind::State,
        "Status" => ColumnKind::Status,
        "Uniqueidentifier" => ColumnKind::Guid,
        other => ColumnKind::Other(name.unwrap_or(other).to_owned()),
    }
}
