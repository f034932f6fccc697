//! A stack in the emulator, made of the template that is shipped.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sync_store::{Store, TableNames};
use tempfile::TempDir;

use super::executions::Executions;
use crate::infra::template::transformed;
use crate::support::{Aws, BUCKET, Dynamics, Terminal, emulator, package_of, upload};

/// The parameters of the tests' stacks: waits are of seconds.
const PARAMETERS: [(&str, &str); 6] = [
    ("Stage", "test"),
    ("TimeZone", "Europe/Oslo"),
    ("StreamFile", "hlf.toml"),
    ("DeletionProtection", "false"),
    ("RetryWaitSeconds", "1"),
    ("HeldWaitSeconds", "1"),
];

/// A stack, deployed.
pub(super) struct Stack {
    pub(super) aws: Aws,
    pub(super) dynamics: Dynamics,
    pub(super) store: Store,
    pub(super) executions: Executions,
    outputs: BTreeMap<String, String>,
    name: String,
    _folder: TempDir,
}

/// What a test wants otherwise than the template has it.
#[derive(Default)]
pub(super) struct Wanted {
    /// The most rows of a page of Dynamics.
    pub(super) page_size_max: Option<u32>,
    /// The time of one invocation of the function `sync`, in seconds.
    pub(super) sync_timeout: Option<u32>,
}

impl Stack {
    /// Deploys the template and fills the secret, as an operator would; `None` where that may be skipped.
    pub(super) async fn deploy(name: &str, streams: &str, wanted: Wanted) -> Option<Self> {
        let (aws, template) = (Aws::new(emulator()?), transformed()?);
        upload(&aws).await;
        let dynamics = match wanted.page_size_max {
            Some(rows) => Dynamics::with_pages_of(rows).await,
            None => Dynamics::start().await,
        };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("streams.toml");
        std::fs::write(&file, streams).unwrap();
        let variables = json!({
            "AWS_ENDPOINT_URL": aws.emulator.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            "SYNC_STREAMS": file,
        });
        let template = adapted(template.clone(), &variables, wanted.sync_timeout);
        let key = format!("{name}.json");
        aws.put(
            "s3",
            &format!("/{BUCKET}/{key}"),
            template.to_string().into_bytes(),
        )
        .await;
        let outputs = create(&aws, name, &key, &dynamics.address).await;
        let table = |output: &str| outputs[output].clone();
        let tables = TableNames {
            state: table("StateTable"),
            records: table("RecordsTable"),
            changes: table("ChangesTable"),
        };
        for (secret, value) in [
            ("DynamicsSecret", Value::from(dynamics.secret())),
            // A secret without a value is none in AWS, and `keys new` makes the first; here it is an empty text.
            ("KeysSecret", json!({"version": 1, "keys": []})),
        ] {
            let filled = json!({"SecretId": outputs[secret], "SecretString": value.to_string()});
            aws.action("secretsmanager", "secretsmanager.PutSecretValue", &filled)
                .await;
        }
        Some(Self {
            executions: Executions::of(&aws, name, &outputs["StateMachine"]).await,
            store: Store::new(aws.dynamodb(), tables),
            aws,
            dynamics,
            outputs,
            name: name.to_owned(),
            _folder: folder,
        })
    }

    /// What an operator is told of the stack.
    pub(super) fn output(&self, name: &str) -> &str {
        &self.outputs[name]
    }

    /// A call of the API. The emulator has all APIs at its own address.
    pub(super) fn call(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let host = self.outputs["PublicUrl"].strip_prefix("https://").unwrap();
        let (api, stage) = (host.split('.').next().unwrap(), "test");
        let endpoint = &self.aws.emulator.endpoint;
        let address = format!("{endpoint}/restapis/{api}/{stage}/_user_request_{path}");
        reqwest::Client::new().request(method, address)
    }

    /// A key of that name, made as the guide says.
    pub(super) async fn new_key(&self, name: &str, scopes: &[&str]) -> String {
        let mut arguments = vec!["keys", "new", name, "--aws", "--yes"];
        for scope in scopes {
            arguments.extend(["--scope", scope]);
        }
        let terminal = Terminal::of_keys(&self.aws, self.output("KeysSecret"));
        let made = terminal.run(&arguments).await;
        assert_eq!(made.code, 0, "{made:?}");
        made.data.trim().to_owned()
    }

    /// What one of its schedules is to do, and when it says so.
    pub(super) async fn schedule(&self, logical_id: &str) -> (String, Value) {
        let group = format!("?ScheduleGroup={}", self.name);
        let all = self
            .aws
            .get("scheduler", &format!("/schedules{group}"))
            .await;
        let names = all["Schedules"].as_array().unwrap().iter();
        let mut names = names.filter_map(|one| one["Name"].as_str());
        let name = names.find(|name| name.contains(logical_id)).unwrap();
        let path = format!("/schedules/{name}?groupName={}", self.name);
        (path.clone(), self.aws.get("scheduler", &path).await)
    }

    /// Lets a schedule be due now, and otherwise be as it is.
    pub(super) async fn make_due(&self, logical_id: &str) {
        let (path, mut schedule) = self.schedule(logical_id).await;
        schedule["ScheduleExpression"] = json!("at(2026-11-20T00:14:00)");
        self.aws
            .put("scheduler", &path, schedule.to_string().into_bytes())
            .await;
    }
}

/// The template with what only an emulator needs: packages of debug builds, its own address, a stream file that is no
/// layer's.
fn adapted(mut template: Value, variables: &Value, sync_timeout: Option<u32>) -> Value {
    for (id, resource) in template["Resources"].as_object_mut().unwrap() {
        let kind = resource["Type"].as_str().unwrap().to_owned();
        let properties = &mut resource["Properties"];
        match &*kind {
            "AWS::Lambda::Function" => {
                let binary = id.strip_suffix("Function").unwrap().to_lowercase();
                properties["Code"] = json!({"S3Bucket": BUCKET, "S3Key": package_of(&binary)});
                let own = properties["Environment"]["Variables"]
                    .as_object_mut()
                    .unwrap();
                own.extend(variables.as_object().unwrap().clone());
                if let (Some(seconds), "sync") = (sync_timeout, &*binary) {
                    properties["Timeout"] = seconds.into();
                }
            }
            // Any package is as good: it is not unpacked.
            "AWS::Lambda::LayerVersion" => {
                properties["Content"] = json!({"S3Bucket": BUCKET, "S3Key": package_of("sync")});
            }
            _ => {}
        }
    }
    template
}

/// Creates the stack; its outputs.
async fn create(aws: &Aws, name: &str, key: &str, authority: &str) -> BTreeMap<String, String> {
    let url = format!("https://s3.amazonaws.com/{BUCKET}/{key}");
    let mut fields = vec![
        ("Action".to_owned(), "CreateStack"),
        ("StackName".to_owned(), name),
        ("TemplateURL".to_owned(), &url),
        ("Capabilities.member.1".to_owned(), "CAPABILITY_IAM"),
    ];
    let parameters = PARAMETERS
        .into_iter()
        .chain([("AzureAuthorityHost", authority)]);
    for (number, (parameter, value)) in parameters.enumerate() {
        let member = format!("Parameters.member.{}", number + 1);
        fields.push((format!("{member}.ParameterKey"), parameter));
        fields.push((format!("{member}.ParameterValue"), value));
    }
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (&**name, *value))
        .collect();
    aws.form("cloudformation", &fields).await;
    loop {
        let asked = [("Action", "DescribeStacks"), ("StackName", name)];
        let told = aws.form("cloudformation", &asked).await;
        match &*elements(&told, "StackStatus")[0] {
            "CREATE_IN_PROGRESS" => {}
            "CREATE_COMPLETE" => {
                let values = elements(&told, "OutputValue");
                return elements(&told, "OutputKey")
                    .into_iter()
                    .zip(values)
                    .collect();
            }
            failed => {
                let asked = [("Action", "DescribeStackEvents"), ("StackName", name)];
                let events = aws.form("cloudformation", &asked).await;
                panic!("{failed}: {:?}", elements(&events, "ResourceStatusReason"));
            }
        }
    }
}

/// The texts of all elements of a name, in their order.
fn elements(xml: &str, name: &str) -> Vec<String> {
    let (begin, end) = (format!("<{name}>"), format!("</{name}>"));
    let parts = xml.split(&begin).skip(1);
    parts
        .filter_map(|part| Some(part.split_once(&end)?.0.replace("&amp;", "&")))
        .collect()
}
