use web::{Scope, Scopes};

use super::*;

const STAGE: &str = "arn:aws:execute-api:eu-north-1:123456789012:a1b2c3d4e5/production";

fn resources(scopes: &[Scope]) -> Vec<String> {
    let caller = Caller {
        key: "app".to_owned(),
        scopes: scopes.iter().copied().collect::<Scopes>(),
    };
    let [statement] = Policy::of(&caller, STAGE).policy_document.statement;
    assert_eq!(
        (statement.action, statement.effect),
        ("execute-api:Invoke", "Allow")
    );
    statement.resource
}

/// Whether a policy's pattern stands for a resource: `*` for anything, slashes included.
fn covers(pattern: &str, resource: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == resource,
        Some((start, rest)) => resource.strip_prefix(start).is_some_and(|end| {
            (0..=end.len())
                .filter(|at| end.is_char_boundary(*at))
                .any(|at| covers(rest, &end[at..]))
        }),
    }
}

#[test]
fn a_policy_covers_every_call_of_its_scopes_and_none_of_the_others() {
    for scope in Scope::ALL {
        let resources = resources(&[scope]);
        for route in &ROUTES {
            let path = route
                .path
                .replace("{id}", "0f0c-11")
                .replace("{file}", "members.csv.gz")
                .replace("{stream}", "members");
            let called = format!("{STAGE}/{}{path}", route.method);
            let covered = resources.iter().any(|pattern| covers(pattern, &called));
            assert_eq!(
                covered,
                route.is_open() || route.scopes.contains(&scope),
                "{called} with {}",
                scope.name()
            );
        }
    }
}

#[test]
fn the_policy_of_every_scope_is_far_smaller_than_the_gateway_takes() {
    let all = resources(&Scope::ALL);
    assert_eq!(all.len(), ROUTES.len());
    assert!(all.join("\n").len() < 4096);
}

#[test]
fn a_policy_without_any_scope_still_says_something() {
    // One without a resource is none, and the gateway answers 500.
    assert_eq!(resources(&[]), [format!("{STAGE}/GET/healthz")]);
}
