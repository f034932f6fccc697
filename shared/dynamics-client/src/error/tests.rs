use super::*;

#[test]
fn an_error_says_what_happened_to_what_why_and_what_to_do() {
    let mut problem = Problem::new(ErrorKind::Unavailable, "Dataverse was not available")
        .because("it said so")
        .advise("Try again later.");
    problem.status = Some(StatusCode::SERVICE_UNAVAILABLE);
    problem.code = Some(ErrorCode::Dataverse(0x8004_a001));
    problem.request_id = Some("5f2".into());
    let history = History {
        outcome: Outcome::Unknown,
        tries: 6,
        elapsed: Duration::from_millis(31_400),
        context: Vec::new(),
    };
    let error = Error::after("read contacts", problem, history);
    assert_eq!(
        error.to_string(),
        "cannot read contacts: Dataverse was not available (503, 0x8004a001, request 5f2) \
         in 6 tries over 31 s: it said so. Try again later."
    );
    assert!(error.is_temporary());
}

#[test]
fn another_outcome_leaves_the_clones_of_an_error_as_they_are() {
    let error = Error::new("x", Problem::new(ErrorKind::Deadline, "y"));
    assert_eq!(error.outcome(), Outcome::NotApplied);
    let later = error.clone().with_outcome(Outcome::Unknown);
    assert_eq!(later.outcome(), Outcome::Unknown);
    assert_eq!(error.outcome(), Outcome::NotApplied);
}

#[test]
fn an_error_stays_small_enough_to_return() {
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}
