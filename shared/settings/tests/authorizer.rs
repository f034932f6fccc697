//! The authorizer's one variable.

use settings::AuthorizerSettings;

fn read(value: Option<&str>) -> Result<String, String> {
    let settings = AuthorizerSettings::from_env(&|name| {
        (name == "SYNC_KEYS_SECRET_ID")
            .then(|| value.map(str::to_owned))
            .flatten()
    });
    let id = settings.map(|settings| settings.keys_secret_id);
    id.map_err(|error| error.to_string())
}

#[test]
fn a_name_that_is_missing_or_is_the_secret_itself_is_told_without_showing_it() {
    assert_eq!(read(Some(" sync/keys ")), Ok("sync/keys".to_owned()));
    for (value, expected) in [
        (
            None,
            "SYNC_KEYS_SECRET_ID is missing; expected the name or ARN",
        ),
        (Some(" "), "SYNC_KEYS_SECRET_ID is missing"),
        (
            Some("{\"keys\": \"hunter2\"}"),
            "SYNC_KEYS_SECRET_ID is malformed; expected the name or ARN",
        ),
    ] {
        let message = read(value).unwrap_err();
        assert!(
            message.contains(expected) && !message.contains("hunter"),
            "{message}"
        );
    }
}
