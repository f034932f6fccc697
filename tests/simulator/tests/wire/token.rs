use anyhow::Result;
use serde_json::Value as Json;

use crate::lab::{Lab, small};

#[tokio::test]
async fn every_mistake_in_a_token_request_gets_its_own_code() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let tenant = lab.simulator.credentials().tenant_id.clone();
    let with = |name: &'static str, value: Option<&str>| {
        let mut form = lab.form();
        form.remove(name);
        form.extend(value.map(|value| (name, value.to_owned())));
        form
    };
    let cases = [
        ("nobody.example", lab.form(), 400, 90_002),
        (&tenant, with("client_id", Some("x")), 400, 700_016),
        (
            &tenant,
            with("client_secret", Some("wrong")),
            401,
            7_000_215,
        ),
        (&tenant, with("client_secret", None), 401, 7_000_218),
        (
            &tenant,
            with("scope", Some("https://other.example/.default")),
            400,
            70_011,
        ),
        (&tenant, with("scope", None), 400, 70_011),
        (&tenant, with("grant_type", Some("password")), 400, 70_003),
    ];
    for (tenant, form, status, code) in cases {
        let (got, body) = lab.ask_token(tenant, &form).await?;
        assert_eq!(
            (got, &body["error_codes"]),
            (status, &serde_json::json!([code]))
        );
        let description = body["error_description"].as_str().unwrap_or_default();
        assert!(
            description.starts_with(&format!("AADSTS{code}: ")),
            "{body}"
        );
        assert_eq!(description.matches("\r\n").count(), 3, "{body}");
    }
    lab.simulator
        .switch(|switches| switches.secret_expired = true);
    let (status, body) = lab.ask_token(&tenant, &lab.form()).await?;
    assert_eq!(
        (status, &body["error_codes"][0]),
        (401, &Json::from(7_000_222))
    );
    lab.simulator
        .switch(|switches| switches.application_disabled = true);
    let (status, body) = lab.ask_token(&tenant, &lab.form()).await?;
    assert_eq!(
        (status, &body["error_codes"][0]),
        (400, &Json::from(7_000_112))
    );
    Ok(())
}

#[tokio::test]
async fn a_tenant_says_where_its_endpoints_are_to_callers_without_a_token() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let tenant = lab.simulator.credentials().tenant_id.clone();
    let ask = async |tenant: &str| -> Result<(u16, Json)> {
        let path = format!("{tenant}/v2.0/.well-known/openid-configuration");
        let answer = reqwest::get(format!("{}/{path}", lab.base())).await?;
        let status = answer.status().as_u16();
        Ok((status, serde_json::from_str(&answer.text().await?)?))
    };
    let (status, found) = ask(&tenant).await?;
    assert_eq!(status, 200);
    let at = |path: &str| Json::from(format!("{}/{tenant}/{path}", lab.base()));
    assert_eq!(found["token_endpoint"], at("oauth2/v2.0/token"));
    assert_eq!(found["issuer"], at("v2.0"));
    let (status, refused) = ask("nobody.example").await?;
    assert_eq!(
        (status, &refused["error_codes"][0]),
        (400, &Json::from(90_002))
    );
    Ok(())
}

#[tokio::test]
async fn a_missing_an_expired_and_a_revoked_token_are_refused_with_401() -> Result<()> {
    let mut lab = Lab::start(small()).await?;
    let answer = lab.http.get(format!("{}/WhoAmI", lab.api())).send().await?;
    assert_eq!(answer.status(), 401);
    assert!(answer.headers().contains_key("www-authenticate"));

    lab.simulator.advance(3_598);
    assert_eq!(lab.get("WhoAmI").await?.0, 200);
    lab.simulator.advance(1);
    let (status, code, _) = lab.refused("WhoAmI", &[]).await?;
    assert_eq!((status, code.as_str()), (401, "0x80041d52"));

    lab.sign_in().await?;
    assert_eq!(lab.get("WhoAmI").await?.0, 200);
    lab.simulator.revoke_tokens();
    assert_eq!(lab.get("WhoAmI").await?.0, 401);
    Ok(())
}

#[tokio::test]
async fn a_rotated_secret_replaces_the_old_one() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let tenant = lab.simulator.credentials().tenant_id.clone();
    lab.simulator.set_secret("new");
    assert_eq!(lab.ask_token(&tenant, &lab.form()).await?.0, 401);
    let mut form = lab.form();
    form.insert("client_secret", "new".to_owned());
    assert_eq!(lab.ask_token(&tenant, &form).await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn whoami_names_the_user_and_hints_at_the_parallelism() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let answer = lab.send(reqwest::Method::GET, "WhoAmI", &[], None).await?;
    for name in ["x-ms-dop-hint", "x-ms-service-request-id", "req_id"] {
        assert!(answer.headers().contains_key(name), "{name}");
    }
    assert_eq!(answer.headers()["date"], "Sun, 01 Nov 2026 03:00:00 GMT");
    let body: Json = serde_json::from_str(&answer.text().await?)?;
    let user = body["UserId"].as_str().unwrap_or_default();
    let (_, row) = lab
        .get(&format!("systemusers({user})?$select=fullname"))
        .await?;
    assert_eq!(row["fullname"], "# Dynamics Sync");

    lab.simulator
        .switch(|switches| switches.no_application_user = true);
    let (status, code, _) = lab.refused("WhoAmI", &[]).await?;
    assert_eq!((status, code.as_str()), (403, "0x80072560"));
    Ok(())
}
