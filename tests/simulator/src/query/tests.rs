use std::borrow::Cow;

use super::QueryOptions;
use super::parse::parse_filter;
use crate::world::{Decimal, Value};

fn holds(filter: &str) -> bool {
    let options = QueryOptions::parse("@p1='name'&@p2=[\"O'Brien\",\"Å b\"]&@p3=5");
    parse_filter(filter, &options)
        .unwrap()
        .holds(&|name: &String| {
            Cow::Owned(match name.as_str() {
                "name" => Value::Text("O'Brien".into()),
                "age" => Value::Integer(5),
                "fee" => Value::Decimal(Decimal::new(15_000_000, 4)),
                "flag" => Value::Boolean(true),
                "on" => Value::Moment("2024-05-01T00:00:00Z".parse().unwrap()),
                "day" => Value::Date("2024-05-01".parse().unwrap()),
                _ => Value::Null,
            })
        })
}

#[test]
fn conditions_hold_as_written() {
    for filter in [
        "name eq 'O''BRIEN'",
        "not (name eq 'x')",
        "age ge 5 and (age lt 3 or fee eq 1500)",
        "age eq 1 or age eq 2 or age eq 5 and flag",
        "contains(name,'BRI') and startswith(name,'o') and endswith(name,'n')",
        "on ge 2024-05-01T00:00:00Z and on lt 2024-05-01T02:00:01+02:00",
        "day eq 2024-05-01 and on eq 2024-05-01",
        "none eq null and name ne null",
        "Microsoft.Dynamics.CRM.In(PropertyName=@p1,PropertyValues=@p2)",
        "Microsoft.Dynamics.CRM.NotIn(PropertyName='name',PropertyValues=[\"x]\",\"y\"])",
        "Microsoft.Dynamics.CRM.In(PropertyName='age',PropertyValues=[\"5\"]) and age eq @p3",
        "name eq Microsoft.Dynamics.CRM.Some'O''Brien'",
    ] {
        assert!(holds(filter), "{filter}");
    }
}

#[test]
fn what_cannot_be_told_is_not_returned() {
    for filter in [
        "none ne 'x'",
        "not (none eq 'x')",
        "none gt 5",
        "name eq null",
    ] {
        assert!(!holds(filter), "{filter}");
    }
}

#[test]
fn nonsense_is_refused_in_the_services_words() {
    let refused = |filter: &str| {
        parse_filter(filter, &QueryOptions::default())
            .unwrap_err()
            .message
    };
    assert_eq!(
        refused("name eq 'x"),
        "There is an unterminated literal at position 8 in 'name eq 'x'."
    );
    assert!(refused("name eq").starts_with("Syntax error"));
    assert!(refused("name like 'x'").starts_with("Syntax error"));
    assert!(refused("substringof('x',name)").starts_with("An unknown function"));
    assert!(refused(&"(".repeat(10_000)).starts_with("The node count"));
    let many = vec!["age eq 1"; 501].join(" or ");
    assert!(refused(&many).starts_with("Number of conditions"));
}
