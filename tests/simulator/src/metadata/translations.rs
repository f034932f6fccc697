//! Labels in the environment's second language.

/// The second language: Norwegian bokmål.
pub(super) const LANGUAGE: u32 = 1044;

/// The Norwegian label, where the environment has one.
pub(super) fn norwegian(label: &str) -> Option<&'static str> {
    Some(match label {
        "Account" => "Firma",
        "Account Name" => "Firmanavn",
        "Active" => "Aktiv",
        "Certification" => "Sertifisering",
        "Certification Status" => "Status for sertifisering",
        "Contact" => "Kontakt",
        "Email" => "E-post",
        "Expired" => "Utløpt",
        "Female" => "Kvinne",
        "First Name" => "Fornavn",
        "Gender" => "Kjønn",
        "Inactive" => "Inaktiv",
        "Last Name" => "Etternavn",
        "Male" => "Mann",
        "Mentor" => "Likeperson",
        "No" => "Nei",
        "Suspended" => "Suspendert",
        "Yes" => "Ja",
        _ => return None,
    })
}
