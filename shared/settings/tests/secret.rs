//! The secret that holds the access to Dynamics, read by the real SDK from a responder on loopback
//! that speaks Secrets Manager's protocol.

#[cfg(test)]
mod responder {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpListener;
    use std::thread::JoinHandle;

    use aws_sdk_secretsmanager::Client;
    use aws_sdk_secretsmanager::config::retry::RetryConfig;
    use aws_sdk_secretsmanager::config::{Config, Credentials, Region};

    /// A client whose one request gets `reply`; the handle gives that request's body.
    pub(crate) fn answering(status: u16, reply: &str) -> (Client, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let reply = format!(
            "HTTP/1.1 {status} .\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n{reply}",
            reply.len()
        );
        let served = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut length = 0;
            for line in reader.by_ref().lines() {
                let line = line.unwrap().to_ascii_lowercase();
                if let Some(value) = line.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            stream.write_all(reply.as_bytes()).unwrap();
            String::from_utf8(body).unwrap()
        });
        (client(&format!("http://{address}")), served)
    }

    /// A client of nobody: the port was free a moment ago.
    pub(crate) fn unreachable() -> Client {
        let address = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        client(&format!("http://{address}"))
    }

    fn client(endpoint: &str) -> Client {
        let config = Config::builder()
            .behavior_version_latest()
            .region(Region::new("eu-north-1"))
            .credentials_provider(Credentials::new("id", "key", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .endpoint_url(endpoint)
            .build();
        Client::from_conf(config)
    }
}

#[cfg(test)]
mod tests {
    use dynamics_client::{AuthorityHost, BudgetShare, ClientConfig, Credential};
    use dynamics_simulator::test_certificates;
    use secrecy::ExposeSecret;
    use serde_json::{Value, json};
    use settings::{DynamicsSource, SecretFailure, SettingsError};

    use super::responder::{answering, unreachable};

    fn source() -> DynamicsSource {
        DynamicsSource::Secret {
            secret_id: "dynamics/test".into(),
            authority: AuthorityHost::default(),
            budget_share: BudgetShare::new(0.25).unwrap(),
        }
    }

    /// What comes of a secret with this text, and the request that asked for it.
    async fn resolve(secret: &str) -> (Result<ClientConfig, SettingsError>, String) {
        let reply = json!({ "Name": "dynamics/test", "SecretString": secret, "VersionStages": ["AWSCURRENT"] });
        let (client, served) = answering(200, &reply.to_string());
        let resolved = source().resolve(&client).await;
        (resolved, served.join().unwrap())
    }

    async fn refused(secret: &Value) -> String {
        resolve(&secret.to_string())
            .await
            .0
            .unwrap_err()
            .to_string()
    }

    async fn failure(status: u16, reply: &str) -> (SecretFailure, String) {
        let (client, served) = answering(status, reply);
        let error = source().resolve(&client).await.unwrap_err();
        served.join().unwrap();
        let shown = format!("{error} {error:?}");
        let SettingsError::Secret { failure, .. } = error else {
            panic!("{error}")
        };
        (failure, shown)
    }

    #[tokio::test]
    async fn the_current_version_is_asked_for_by_name_and_read() {
        let secret = json!({
            "DYNAMICS_TENANT_ID": "11111111-2222-3333-4444-555555555555",
            "DYNAMICS_CLIENT_ID": "21111111-2222-3333-4444-555555555555",
            "DYNAMICS_CLIENT_SECRET": " hunter2\n",
            "DYNAMICS_INSTANCE_URL": "https://contoso.crm4.dynamics.com",
            "DYNAMICS_CLIENT_SECRET_EXPIRES_ON": "2027-01-01",
            "owner": "IT",
        });
        let (config, request) = resolve(&secret.to_string()).await;
        let config = config.unwrap();
        assert_eq!(config.tenant, "11111111-2222-3333-4444-555555555555");
        assert_eq!(config.budget_share, BudgetShare::new(0.25).unwrap());
        let Credential::ClientSecret(value) = &config.credential else {
            panic!("a client secret")
        };
        assert_eq!(value.value().expose_secret(), "hunter2");
        assert!(!format!("{config:?}").contains("hunter2"));
        let request: Value = serde_json::from_str(&request).unwrap();
        assert_eq!(
            request,
            json!({ "SecretId": "dynamics/test", "VersionStage": "AWSCURRENT" })
        );
    }

    #[tokio::test]
    async fn every_member_that_is_missing_or_malformed_is_named_at_once() {
        let message = refused(&json!({
            "DYNAMICS_TENNANT_ID": "hunter2",
            "DYNAMICS_CLIENT_ID": 7,
            "DYNAMICS_CLIENT_SECRET": "0aaaaaaa-2222-3333-4444-555555555555",
            "DYNAMICS_INSTANCE_URL": "ftp://hunter2",
            "DYNAMICS_CLIENT_SECRET_EXPIRE_ON": "hunter2",
            "hunter2": "hunter2",
        }))
        .await;
        assert!(
            !message.contains("hunter2") && !message.contains("0aaaaaaa"),
            "{message}"
        );
        insta::assert_snapshot!(message, @r#"
    5 members of the secret "dynamics/test" are missing or malformed:
    DYNAMICS_TENANT_ID is missing (the secret has "DYNAMICS_TENNANT_ID": was that meant?); expected the Entra tenant's id (a GUID) or its domain, such as contoso.onmicrosoft.com
    DYNAMICS_CLIENT_ID is not a JSON string; expected the application (client) id in Entra, a GUID
    DYNAMICS_CLIENT_SECRET is a GUID, so probably the secret's id was copied instead of its value; expected the client secret's value, which Entra shows once, when it is made
    DYNAMICS_INSTANCE_URL is not an address; expected the environment's address, such as https://contoso.crm4.dynamics.com
    DYNAMICS_CLIENT_SECRET_EXPIRE_ON is unknown; did you mean DYNAMICS_CLIENT_SECRET_EXPIRES_ON?
    "#);
    }

    #[tokio::test]
    async fn an_empty_null_or_unreadable_member_says_so() {
        let message = refused(&json!({
            "dynamics-tenant-id": "x",
            "DYNAMICS_CLIENT_ID": null,
            "DYNAMICS_CLIENT_CERTIFICATE": "hunter2",
            "DYNAMICS_INSTANCE_URL": " ",
        }))
        .await;
        insta::assert_snapshot!(message, @r#"
    4 members of the secret "dynamics/test" are missing or malformed:
    DYNAMICS_TENANT_ID is missing (the secret has "dynamics-tenant-id": was that meant?); expected the Entra tenant's id (a GUID) or its domain, such as contoso.onmicrosoft.com
    DYNAMICS_CLIENT_ID is null; expected the application (client) id in Entra, a GUID
    DYNAMICS_CLIENT_CERTIFICATE is not PEM; expected the certificate and its private key, each from its -----BEGIN to its -----END line
    DYNAMICS_INSTANCE_URL is empty; expected the environment's address, such as https://contoso.crm4.dynamics.com
    "#);
    }

    #[tokio::test]
    async fn a_certificate_and_its_date_are_read_beside_an_empty_secret() {
        let secret = json!({
            "DYNAMICS_TENANT_ID": "contoso.onmicrosoft.com",
            "DYNAMICS_CLIENT_ID": "21111111-2222-3333-4444-555555555555",
            "DYNAMICS_CLIENT_SECRET": "",
            "DYNAMICS_CLIENT_CERTIFICATE": test_certificates::SECOND,
            "DYNAMICS_INSTANCE_URL": "https://contoso.crm4.dynamics.com",
        });
        let config = resolve(&secret.to_string()).await.0.unwrap();
        let end = config.credential.expires().unwrap();
        assert_eq!(end.to_string(), "2126-01-01T00:00:00Z");
    }

    #[tokio::test]
    async fn a_credential_of_another_type_than_text_says_so() {
        let with = |name: &str, value: Value| {
            let mut secret = json!({
                "DYNAMICS_TENANT_ID": "contoso.onmicrosoft.com",
                "DYNAMICS_CLIENT_ID": "21111111-2222-3333-4444-555555555555",
                "DYNAMICS_CLIENT_SECRET": "hunter2",
                "DYNAMICS_INSTANCE_URL": "https://contoso.crm4.dynamics.com",
            });
            secret[name] = value;
            secret
        };
        for (secret, expected) in [
            (
                with("DYNAMICS_CLIENT_SECRET", json!(["hunter2"])),
                "SECRET is not a JSON string; expected the client secret's value, which Entra shows \
                 once, when it is made",
            ),
            (
                with("DYNAMICS_CLIENT_CERTIFICATE", json!({"pem": "hunter2"})),
                "CERTIFICATE is not a JSON string; expected a certificate and its private key, as PEM",
            ),
            (
                with("DYNAMICS_CLIENT_SECRET_EXPIRES_ON", json!(2027)),
                "SECRET_EXPIRES_ON is not a JSON string; expected the day on which the client secret \
                 expires, such as 2027-01-31",
            ),
        ] {
            let message = refused(&secret).await;
            let (_, problem) = message.split_once('\n').unwrap();
            assert_eq!(problem, format!("DYNAMICS_CLIENT_{expected}"));
        }
    }

    #[tokio::test]
    async fn a_secret_that_is_no_json_object_says_so_without_showing_it() {
        for (text, expected) in [
            ("hunter2", SecretFailure::NotJson { line: 1, column: 1 }),
            (
                "{\n \"DYNAMICS_CLIENT_SECRET\": hunter2}",
                SecretFailure::NotJson {
                    line: 2,
                    column: 28,
                },
            ),
            ("\"hunter2\"", SecretFailure::NotAnObject),
            ("[\"hunter2\"]", SecretFailure::NotAnObject),
        ] {
            let error = resolve(text).await.0.unwrap_err();
            assert!(
                !format!("{error} {error:?}").contains("hunter2"),
                "{error:?}"
            );
            let SettingsError::Secret { failure, .. } = error else {
                panic!("{error}")
            };
            assert_eq!(failure, expected, "{text}");
        }
    }

    #[tokio::test]
    async fn a_secret_that_cannot_be_read_says_why_and_what_to_do() {
        for (status, code, expected) in [
            (400, "ResourceNotFoundException", SecretFailure::NotFound),
            (400, "AccessDeniedException", SecretFailure::Denied),
            (400, "DecryptionFailure", SecretFailure::Denied),
            (400, "InvalidRequestException", SecretFailure::Unavailable),
            (400, "ValidationException", SecretFailure::InvalidName),
            (
                400,
                "UnrecognizedClientException",
                SecretFailure::Credentials,
            ),
            (400, "ThrottlingException", SecretFailure::Busy),
            (500, "InternalServiceError", SecretFailure::Busy),
            (
                400,
                "Strange",
                SecretFailure::Other {
                    code: "Strange".into(),
                },
            ),
        ] {
            let (failure, shown) = failure(
                status,
                &json!({ "__type": code, "message": "because" }).to_string(),
            )
            .await;
            assert_eq!(failure, expected);
            assert!(
                shown.contains("because"),
                "the SDK's own words are kept as the source: {shown}"
            );
        }
    }

    #[tokio::test]
    async fn the_sentence_names_the_secret() {
        let (client, served) = answering(400, r#"{"__type": "ResourceNotFoundException"}"#);
        let error = source().resolve(&client).await.unwrap_err();
        served.join().unwrap();
        insta::assert_snapshot!(error, @r#"
    the secret "dynamics/test" was not found, or has no current value; check that this is its name or ARN, that it is in this account and region, and that a value has been stored in it
    "#);
    }

    #[tokio::test]
    async fn a_reply_that_is_cut_off_is_reported_without_what_it_held() {
        let (failure, shown) = failure(200, "{\"SecretString\": \"hunter2").await;
        assert_eq!(
            failure,
            SecretFailure::Other {
                code: "what could not be read".into()
            }
        );
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[tokio::test]
    async fn a_binary_secret_is_refused() {
        assert_eq!(
            failure(200, r#"{"SecretBinary": "aHVudGVyMg=="}"#).await.0,
            SecretFailure::Binary
        );
    }

    #[tokio::test]
    async fn nobody_answering_is_told_apart_from_a_refusal() {
        let error = source().resolve(&unreachable()).await.unwrap_err();
        let SettingsError::Secret {
            failure, source, ..
        } = error
        else {
            panic!("{error}")
        };
        assert_eq!(failure, SecretFailure::Unreachable);
        assert!(source.is_some());
    }
}
