use super::*;

fn oslo() -> TimeZone {
    TimeZone::get("Europe/Oslo").unwrap()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[test]
fn a_day_of_instants_is_written_as_the_instant_it_begins_at_where_the_organisation_is() {
    let reading = Reading::DayOfInstant(oslo());
    for (day, wire) in [
        ("2027-03-31", "2027-03-30T22:00:00Z"),
        ("2027-01-16", "2027-01-15T23:00:00Z"),
        ("2028-02-29", "2028-02-28T23:00:00Z"),
    ] {
        assert_eq!(
            instant(&reading, &text(day)),
            Ok(wire.parse().unwrap()),
            "{day}"
        );
    }
    let local = instant(&Reading::DayOfLocal, &text("2027-03-31"));
    assert_eq!(local, Ok("2027-03-31T00:00:00Z".parse().unwrap()));
}

#[test]
fn a_time_that_belongs_to_no_zone_goes_out_as_it_is() {
    let wire = instant(&Reading::Local, &text("2027-03-30T23:30:00"));
    assert_eq!(wire, Ok("2027-03-30T23:30:00Z".parse().unwrap()));
}

#[test]
fn a_label_becomes_its_number_and_an_unknown_one_names_those_there_are() {
    let labels = Reading::Label([(1, "active".to_owned()), (3, "suspended".to_owned())].into());
    assert_eq!(number_of(&labels, &text("suspended")), Ok(3));
    let error = number_of(&labels, &text("asleep")).unwrap_err();
    assert_eq!(error, "expected one of active, suspended");
}

#[test]
fn a_value_of_the_wrong_kind_is_an_error_that_does_not_quote_it() {
    let wrong = Value::Number("4711".to_owned());
    let errors = [
        super::text(&wrong).unwrap_err(),
        truth(&wrong).unwrap_err(),
        guid(&wrong).unwrap_err(),
        day(&text("4711-02-30")).unwrap_err(),
        digits(&text("4711")).unwrap_err(),
        whole(&Value::Number("47.11".to_owned())).unwrap_err(),
        instant(&Reading::Instant, &text("4711-01-01 10:00")).unwrap_err(),
    ];
    for error in errors {
        assert!(
            error.starts_with("expected") && !error.contains("4711"),
            "{error}"
        );
    }
}
