//! What a person can do about Entra's error codes.
//!
//! Only codes that asking with an application's own credential can bring. Codes may change their
//! meaning with time, so each error keeps its code:
//! <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>

/// A fault that no setting changes.
const OUR_FAULT: &str = "This is a fault of this client; report it.";

/// Why Entra refused, and what to do, for the codes that a set-up can produce.
pub(super) fn meaning(code: u32) -> Option<(&'static str, &'static str)> {
    secret(code)
        .or_else(|| certificate(code))
        .or_else(|| application(code))
        .or_else(|| request(code))
}

fn secret(code: u32) -> Option<(&'static str, &'static str)> {
    Some(match code {
        7_000_215 => (
            "the client secret is wrong",
            "Use the secret's value, not its id; if the value is lost, create a new secret for the \
             app registration.",
        ),
        7_000_222 => (
            "the client secret has expired",
            "Create a new one in the app registration and store its value.",
        ),
        _ => return None,
    })
}

fn certificate(code: u32) -> Option<(&'static str, &'static str)> {
    Some(match code {
        700_024 => (
            "the certificate's signature is not from this time",
            "Check this machine's clock: it differs from Entra's by minutes.",
        ),
        700_027 => (
            "the certificate is not registered with the application, or no longer",
            "Upload it to the app registration; if it is there, check that it has not expired.",
        ),
        700_030 => (
            "the certificate is not valid for the application",
            "Use one that is registered with the application, in the same cloud.",
        ),
        1_000_502 => (
            "the certificate has expired or is not valid yet",
            "Make a new one, upload it to the app registration, and store it with its key.",
        ),
        7_000_214 => (
            "the certificate has been revoked",
            "Make a new one, upload it to the app registration, and store it with its key.",
        ),
        _ => return None,
    })
}

fn application(code: u32) -> Option<(&'static str, &'static str)> {
    Some(match code {
        700_016 => (
            "the tenant has no application with this client id",
            "Check the client id and that the tenant is the one the application is registered in.",
        ),
        7_000_229 => (
            "the application has no service principal in the tenant",
            "Ask an Entra administrator to consent to it, which creates one.",
        ),
        7_000_112 => (
            "the application is disabled in the tenant",
            "Ask an Entra administrator to enable it.",
        ),
        53_003 => (
            "a Conditional Access policy of the tenant blocks the application",
            "Ask an Entra administrator to exempt it, or the addresses it comes from.",
        ),
        90_002 | 900_023 => (
            "there is no such tenant",
            "Check the tenant: its id or one of its verified domain names; in a national cloud, \
             check the Entra host too.",
        ),
        90_038 | 900_382 | 900_383 => (
            "the tenant belongs to another cloud than the Entra host",
            "Set the Entra host (AZURE_AUTHORITY_HOST) of the tenant's cloud: \
             login.microsoftonline.us for US Government, login.partner.microsoftonline.cn for China.",
        ),
        _ => return None,
    })
}

fn request(code: u32) -> Option<(&'static str, &'static str)> {
    Some(match code {
        70_011 => (
            "Entra knows no Dataverse environment at this address",
            "Check the environment's address.",
        ),
        500_011 => (
            "the tenant knows no Dataverse environment at this address",
            "Check the environment's address, the tenant, and that the Entra host is that of their \
             cloud.",
        ),
        700_023 => (
            "the certificate's signature is for another token endpoint",
            "Check the Entra host and the tenant.",
        ),
        7_000_216 | 7_000_218 => (
            "the request carried neither a secret nor a certificate",
            OUR_FAULT,
        ),
        50_027 | 700_021 => ("it could not read the certificate's signature", OUR_FAULT),
        70_003 | 90_014 | 900_144 | 1_002_012 => {
            ("the request is not as Entra expects it", OUR_FAULT)
        }
        _ => return None,
    })
}
