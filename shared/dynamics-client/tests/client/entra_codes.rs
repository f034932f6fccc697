//! What Entra refuses, and what is said about it.

use dynamics_client::Credential;

use crate::support::{Bench, Reply, SECRET};

pub(crate) fn entra_error(status: u16, code: u32) -> Reply {
    let body = format!(
        r#"{{"error":"invalid_client","error_description":"AADSTS{code}: no {SECRET}.\r\nTrace ID: t","error_codes":[{code}],"trace_id":"7d6e"}}"#
    );
    Reply::json(status, body)
}

#[tokio::test]
async fn every_code_that_a_set_up_can_produce_is_said_with_what_to_do() {
    let new_secret = "Create a new one in the app registration and store its value.";
    let new_certificate =
        "Make a new one, upload it to the app registration, and store it with its key.";
    let fault = "This is a fault of this client; report it.";
    let no_tenant = "Check the tenant: its id or one of its verified domain names; in a national \
                     cloud, check the Entra host too.";
    let cloud = "Set the Entra host (AZURE_AUTHORITY_HOST) of the tenant's cloud: \
                 login.microsoftonline.us for US Government, login.partner.microsoftonline.cn for \
                 China.";
    for (code, why, advice) in [
        (
            7_000_215,
            "the client secret is wrong",
            "Use the secret's value, not its id; if the value is lost, create a new secret for the \
             app registration.",
        ),
        (7_000_222, "the client secret has expired", new_secret),
        (
            7_000_216,
            "the request carried neither a secret nor a certificate",
            fault,
        ),
        (
            7_000_218,
            "the request carried neither a secret nor a certificate",
            fault,
        ),
        (
            700_016,
            "the tenant has no application with this client id",
            "Check the client id and that the tenant is the one the application is registered in.",
        ),
        (
            7_000_229,
            "the application has no service principal in the tenant",
            "Ask an Entra administrator to consent to it, which creates one.",
        ),
        (
            7_000_112,
            "the application is disabled in the tenant",
            "Ask an Entra administrator to enable it.",
        ),
        (
            53_003,
            "a Conditional Access policy of the tenant blocks the application",
            "Ask an Entra administrator to exempt it, or the addresses it comes from.",
        ),
        (
            70_011,
            "Entra knows no Dataverse environment at this address",
            "Check the environment's address.",
        ),
        (
            500_011,
            "the tenant knows no Dataverse environment at this address",
            "Check the environment's address, the tenant, and that the Entra host is that of their \
             cloud.",
        ),
        (90_002, "there is no such tenant", no_tenant),
        (900_023, "there is no such tenant", no_tenant),
        (
            90_038,
            "the tenant belongs to another cloud than the Entra host",
            cloud,
        ),
        (
            900_382,
            "the tenant belongs to another cloud than the Entra host",
            cloud,
        ),
        (
            900_383,
            "the tenant belongs to another cloud than the Entra host",
            cloud,
        ),
        (
            700_024,
            "the certificate's signature is not from this time",
            "Check this machine's clock: it differs from Entra's by minutes.",
        ),
        (
            700_027,
            "the certificate is not registered with the application, or no longer",
            "Upload it to the app registration; if it is there, check that it has not expired.",
        ),
        (
            700_030,
            "the certificate is not valid for the application",
            "Use one that is registered with the application, in the same cloud.",
        ),
        (
            700_023,
            "the certificate's signature is for another token endpoint",
            "Check the Entra host and the tenant.",
        ),
        (
            1_000_502,
            "the certificate has expired or is not valid yet",
            new_certificate,
        ),
        (
            7_000_214,
            "the certificate has been revoked",
            new_certificate,
        ),
        (
            50_027,
            "it could not read the certificate's signature",
            fault,
        ),
        (
            700_021,
            "it could not read the certificate's signature",
            fault,
        ),
        (70_003, "the request is not as Entra expects it", fault),
        (90_014, "the request is not as Entra expects it", fault),
        (900_144, "the request is not as Entra expects it", fault),
        (1_002_012, "the request is not as Entra expects it", fault),
    ] {
        let bench = Bench::new().await;
        bench.server.script_tokens([entra_error(401, code)]);
        assert_eq!(
            bench.error_text([]).await,
            format!(
                "cannot get a token for https://contoso.example: Entra refused (401, AADSTS{code}, \
                 request 7d6e): {why}. {advice}"
            )
        );
        assert_eq!(bench.server.token_requests().len(), 1, "tried once");
    }
}

#[tokio::test]
async fn a_wrong_secret_that_looks_like_the_id_of_one_is_said_to_be_so() {
    let bench = Bench::new().await;
    let id = "0aaaaaaa-2222-3333-4444-555555555555";
    bench
        .client
        .renew_credential(Credential::ClientSecret(id.into()));
    bench.server.script_tokens([entra_error(401, 7_000_215)]);
    let text = bench.error_text([]).await;
    assert!(
        text.ends_with(
            "the client secret is wrong, and looks like the id of one. Use the secret's value, which \
             Entra shows once, when the secret is made; if it is lost, create a new secret for the \
             app registration."
        ),
        "{text}"
    );
    assert!(!text.contains("0aaaaaaa"), "{text}");
}

#[tokio::test]
async fn of_entras_ids_the_correlation_id_is_quoted() {
    let bench = Bench::new().await;
    let body = r#"{"error_codes":[5],"trace_id":"7d6e","correlation_id":"c0ff-ee"}"#;
    bench.server.script_tokens([Reply::json(400, body)]);
    let error = bench.error([]).await;
    assert_eq!(error.request_id(), Some("c0ff-ee"));
    assert!(
        error
            .to_string()
            .contains("(400, AADSTS5, request c0ff-ee)"),
        "{error}"
    );
}

#[tokio::test]
async fn an_unknown_refusal_keeps_its_first_line_unless_it_repeats_the_secret() {
    let bench = Bench::new().await;
    let honest = r#"{"error_description":"AADSTS5: a new rule.\r\nTrace","error_codes":[5]}"#;
    bench
        .server
        .script_tokens([entra_error(400, 5), Reply::json(400, honest)]);
    let silent = bench.error_text([]).await;
    let said = bench.error_text([]).await;
    assert!(silent.ends_with("/error."), "{silent}");
    assert!(
        said.ends_with("The server said: AADSTS5: a new rule."),
        "{said}"
    );
}
