//! The template as plain CloudFormation, with its references resolved to names that look like AWS'.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Map, Value};

use crate::support::{ACCOUNT, REGION, infra_tool};

const STACK: &str = "dynamics-sync-test";

/// The parameters that have no default.
const GIVEN: [(&str, &str); 3] = [
    ("Stage", "test"),
    ("TimeZone", "Europe/Oslo"),
    ("StreamFile", "hlf.toml"),
];

/// The stack that one set of parameters makes.
pub(super) struct Template {
    whole: Value,
    parameters: BTreeMap<String, String>,
}

/// The folder of the deployment.
pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra")
}

/// What SAM makes of the template; `None` where it is not installed and may be skipped.
pub(crate) fn transformed() -> Option<&'static Value> {
    static TRANSFORMED: OnceLock<Option<Value>> = OnceLock::new();
    TRANSFORMED.get_or_init(transform).as_ref()
}

fn transform() -> Option<Value> {
    let python = infra_tool("python", "the template of the deployment")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/end_to_end/infra/transform.py");
    let output = Command::new(python)
        .arg(script)
        .arg(folder().join("template.yaml"))
        .args(GIVEN.map(|(name, value)| format!("{name}={value}")))
        .env("AWS_DEFAULT_REGION", REGION)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

impl Template {
    /// With these parameters and the defaults of the others.
    pub(super) fn with(others: &[(&str, &str)]) -> Option<Self> {
        let whole = transformed()?.clone();
        let defaults = whole["Parameters"].as_object().unwrap().iter();
        let mut parameters: BTreeMap<_, _> = defaults
            .filter_map(|(name, rules)| Some((name.clone(), plain(rules.get("Default")?))))
            .collect();
        for (name, value) in GIVEN.iter().chain(others) {
            parameters.insert((*name).to_owned(), (*value).to_owned());
        }
        Some(Self { whole, parameters })
    }

    pub(super) fn new() -> Option<Self> {
        Self::with(&[])
    }

    /// The value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> &str {
        &self.parameters[name]
    }

    /// All resources of a type, by their logical ids.
    pub(super) fn all(&self, kind: &str) -> BTreeMap<String, Value> {
        let resources = self.whole["Resources"].as_object().unwrap().iter();
        let of_kind = resources.filter(|(_, resource)| resource["Type"] == kind);
        let wanted = of_kind.filter(|(_, resource)| match resource.get("Condition") {
            Some(condition) => self.holds(condition.as_str().unwrap()),
            None => true,
        });
        wanted
            .map(|(id, resource)| (id.clone(), self.resolve(resource).unwrap()))
            .collect()
    }

    /// The properties of a resource.
    pub(super) fn properties(&self, id: &str) -> Value {
        let resource = &self.whole["Resources"][id];
        assert!(resource.is_object(), "there is no resource {id}");
        self.resolve(&resource["Properties"]).unwrap()
    }

    pub(super) fn outputs(&self) -> Value {
        self.resolve(&self.whole["Outputs"]).unwrap()
    }

    /// A value without intrinsic functions; `None` for one that is left out.
    fn resolve(&self, value: &Value) -> Option<Value> {
        Some(match value {
            Value::Object(members) => match single(members) {
                Some(("Ref", of)) if of == "AWS::NoValue" => return None,
                Some(("Ref", of)) => self.named(of.as_str().unwrap()).into(),
                Some(("Fn::GetAtt", of)) => self.attribute(&of[0], &of[1]).into(),
                Some(("Fn::Sub", text)) => self.substituted(text).into(),
                Some(("Fn::If", parts)) => {
                    let holds = self.holds(parts[0].as_str().unwrap());
                    return self.resolve(&parts[if holds { 1 } else { 2 }]);
                }
                Some(("Fn::Join", parts)) => {
                    let words = parts[1].as_array().unwrap().iter();
                    let words: Vec<_> = words
                        .map(|word| plain(&self.resolve(word).unwrap()))
                        .collect();
                    words.join(parts[0].as_str().unwrap()).into()
                }
                Some((name, _)) if name.starts_with("Fn::") => panic!("{name} is not known here"),
                _ => members
                    .iter()
                    .filter_map(|(name, value)| Some((name.clone(), self.resolve(value)?)))
                    .collect::<Map<_, _>>()
                    .into(),
            },
            Value::Array(values) => values
                .iter()
                .filter_map(|value| self.resolve(value))
                .collect(),
            plain => plain.clone(),
        })
    }

    fn holds(&self, condition: &str) -> bool {
        self.judged(&self.whole["Conditions"][condition])
    }

    fn judged(&self, condition: &Value) -> bool {
        match single(condition.as_object().unwrap()) {
            Some(("Fn::Equals", sides)) => self.resolve(&sides[0]) == self.resolve(&sides[1]),
            Some(("Fn::Not", condition)) => !self.judged(&condition[0]),
            other => panic!("{other:?} is not known here"),
        }
    }

    /// What `Ref` says of a parameter, of the stack or of a resource.
    fn named(&self, name: &str) -> String {
        if let Some(value) = self.parameters.get(name) {
            return value.clone();
        }
        match name {
            "AWS::AccountId" => return ACCOUNT.to_owned(),
            "AWS::Partition" => return "aws".to_owned(),
            "AWS::Region" => return REGION.to_owned(),
            "AWS::StackName" => return STACK.to_owned(),
            "AWS::URLSuffix" => return "amazonaws.com".to_owned(),
            _ => {}
        }
        let kind = self.whole["Resources"][name]["Type"].as_str();
        match kind.unwrap_or_else(|| panic!("nothing is called {name}")) {
            "AWS::SNS::Topic" => format!("arn:aws:sns:{REGION}:{ACCOUNT}:{name}"),
            "AWS::SecretsManager::Secret" => {
                format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-a1b2c3")
            }
            "AWS::StepFunctions::StateMachine" => {
                format!("arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{STACK}-run")
            }
            "AWS::SQS::Queue" => format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"),
            _ => name.to_owned(),
        }
    }

    /// What `Fn::GetAtt` says: an ARN that can be recognised, where it is not something else.
    fn attribute(&self, id: &Value, attribute: &Value) -> String {
        let (id, attribute) = (id.as_str().unwrap(), attribute.as_str().unwrap());
        let kind = &self.whole["Resources"][id]["Type"];
        assert!(kind.is_string(), "nothing is called {id}");
        match attribute {
            "Arn" => format!("{id}.Arn"),
            other => format!("{id}.{other}"),
        }
    }

    fn substituted(&self, text: &Value) -> String {
        let mut rest = text.as_str().unwrap();
        let mut whole = String::new();
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').unwrap();
            whole.push_str(before);
            whole.push_str(&match name.split_once('.') {
                Some((id, attribute)) => self.attribute(&id.into(), &attribute.into()),
                None => self.named(name),
            });
            rest = after;
        }
        whole + rest
    }
}

/// The one member of an object, if it has just one.
fn single(members: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, value) = members.iter().next()?;
    (members.len() == 1).then_some((name.as_str(), value))
}

/// A text, or what JSON makes of anything else.
pub(super) fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
