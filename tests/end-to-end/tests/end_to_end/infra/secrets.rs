//! Secrets and topics: what is in them is nobody's here.

use super::template::{Template, transformed};

#[test]
fn no_secret_has_a_value_in_the_template_so_that_none_that_was_stored_is_written_over() {
    let Some(template) = Template::new() else {
        return;
    };
    let secrets = template.all("AWS::SecretsManager::Secret");
    assert_eq!(
        secrets.keys().collect::<Vec<_>>(),
        ["DynamicsSecret", "KeysSecret"]
    );
    for (id, secret) in secrets {
        for member in ["SecretString", "GenerateSecretString"] {
            assert!(
                secret["Properties"].get(member).is_none(),
                "{id} has {member}"
            );
        }
        assert_eq!(secret["DeletionPolicy"], "RetainExceptOnCreate", "{id}");
    }
}

#[test]
fn alerts_are_encrypted_with_a_key_that_alarms_may_use_too() {
    let Some(template) = Template::new() else {
        return;
    };
    let topics = template.all("AWS::SNS::Topic");
    assert_eq!(
        topics.keys().collect::<Vec<_>>(),
        ["CoordinatorsTopic", "OperationsTopic"]
    );
    for (id, topic) in topics {
        assert_eq!(topic["Properties"]["KmsMasterKeyId"], "AlertsKey", "{id}");
    }
    let key = template.properties("AlertsKey");
    assert_eq!(key["EnableKeyRotation"], true);
    let statements = key["KeyPolicy"]["Statement"].as_array().unwrap();
    let alarms = statements
        .iter()
        .find(|statement| statement["Principal"]["Service"] == "cloudwatch.amazonaws.com");
    let actions = alarms.unwrap()["Action"].as_array().unwrap();
    assert_eq!(actions, &["kms:Decrypt", "kms:GenerateDataKey"]);
}

#[test]
fn a_sender_s_name_that_makes_two_sms_of_one_is_refused() {
    let Some(transformed) = transformed() else {
        return;
    };
    let sender = &transformed["Parameters"]["AlertSender"];
    assert_eq!(sender["AllowedPattern"], "[A-Za-z0-9-]{1,10}");
    let used = transformed["Resources"]["OperationsTopic"]["Properties"]["DisplayName"].to_string();
    assert!(
        used.contains("AlertSender") || used.contains("DynSync"),
        "{used}"
    );
}

#[test]
fn only_those_are_subscribed_whose_address_a_stage_gives() {
    let Some(template) = Template::new() else {
        return;
    };
    assert!(template.all("AWS::SNS::Subscription").is_empty());
    let parameters = [
        ("OperationsEmail", "drift@example.no"),
        ("CoordinatorsPhone", "+4791234567"),
    ];
    let Some(template) = Template::with(&parameters) else {
        return;
    };
    let subscriptions = template.all("AWS::SNS::Subscription");
    let subscribed = subscriptions.values().map(|one| {
        let properties = &one["Properties"];
        let text = |name: &str| properties[name].as_str().unwrap().to_owned();
        let topic = text("TopicArn");
        (
            topic.rsplit(':').next().unwrap().to_owned(),
            text("Protocol"),
        )
    });
    let expected = [("CoordinatorsTopic", "sms"), ("OperationsTopic", "email")];
    let expected = expected.map(|(topic, protocol)| (topic.to_owned(), protocol.to_owned()));
    assert_eq!(subscribed.collect::<Vec<_>>(), expected);
}

#[test]
fn the_outputs_name_what_the_next_step_needs_and_hold_no_secret() {
    let Some(template) = Template::new() else {
        return;
    };
    let outputs = template.outputs();
    let lines = outputs.as_object().unwrap().iter().map(|(name, output)| {
        let text = |member: &str| output[member].as_str().unwrap();
        format!("{name}: {} ({})", text("Value"), text("Description"))
    });
    insta::assert_snapshot!("outputs", lines.collect::<Vec<_>>().join("\n"));
}
