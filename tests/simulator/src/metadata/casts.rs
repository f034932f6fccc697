//! Which properties columns have: those that all share, and those of a type, which need a cast.

/// Properties that all types of column share; others need a cast.
pub(super) const COMMON: [&str; 26] = [
    "@odata.type",
    "MetadataId",
    "LogicalName",
    "SchemaName",
    "EntityLogicalName",
    "DisplayName",
    "AttributeType",
    "AttributeTypeName",
    "AttributeOf",
    "RequiredLevel",
    "IsValidForCreate",
    "IsValidForRead",
    "IsValidForUpdate",
    "IsPrimaryId",
    "IsPrimaryName",
    "IsSecured",
    "CanBeSecuredForCreate",
    "CanBeSecuredForRead",
    "CanBeSecuredForUpdate",
    "IsLogical",
    "IsRetrievable",
    "IsValidODataAttribute",
    "IsCustomAttribute",
    "SourceType",
    "ColumnNumber",
    "Description",
];

const BOUNDS: &[&str] = &["MinValue", "MaxValue", "Precision"];
const CHOICES: &[&str] = &["DefaultFormValue", "OptionSet", "GlobalOptionSet"];

/// The types that a column can be cast to, with the properties that each adds to those of all columns.
const CASTS: [(&str, &[&str]); 20] = [
    ("AttributeMetadata", &[]),
    ("BigIntAttributeMetadata", &[]),
    (
        "BooleanAttributeMetadata",
        &["DefaultValue", "OptionSet", "GlobalOptionSet"],
    ),
    (
        "DateTimeAttributeMetadata",
        &["Format", "DateTimeBehavior", "CanChangeDateTimeBehavior"],
    ),
    ("DecimalAttributeMetadata", BOUNDS),
    ("DoubleAttributeMetadata", BOUNDS),
    ("EntityNameAttributeMetadata", CHOICES),
    ("FileAttributeMetadata", &[]),
    ("ImageAttributeMetadata", &[]),
    (
        "IntegerAttributeMetadata",
        &["MinValue", "MaxValue", "Format"],
    ),
    ("LookupAttributeMetadata", &["Targets"]),
    ("ManagedPropertyAttributeMetadata", &[]),
    ("MemoAttributeMetadata", &["MaxLength", "Format"]),
    (
        "MoneyAttributeMetadata",
        &["MinValue", "MaxValue", "Precision", "PrecisionSource"],
    ),
    ("MultiSelectPicklistAttributeMetadata", CHOICES),
    ("PicklistAttributeMetadata", CHOICES),
    ("StateAttributeMetadata", CHOICES),
    ("StatusAttributeMetadata", CHOICES),
    (
        "StringAttributeMetadata",
        &["MaxLength", "Format", "FormatName", "DatabaseLength"],
    ),
    ("UniqueIdentifierAttributeMetadata", &[]),
];

/// Whether a property can be selected without a cast.
pub(super) fn is_common(name: &str) -> bool {
    COMMON.contains(&name)
}

/// What columns of the metadata type `cast` have beside what all have; `None` if there is no such type.
pub(super) fn of_cast(cast: &str) -> Option<&'static [&'static str]> {
    let (_, properties) = CASTS.iter().find(|(known, _)| *known == cast)?;
    Some(properties)
}
