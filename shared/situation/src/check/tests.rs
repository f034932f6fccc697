//! The check as it is stored: `stored/{number}.json` is each form that it ever had. See ARCHITECTURE.md, "Stored
//! items across releases".

use serde_json::Value;

use super::*;

/// The forms that were ever stored, the newest last.
const STORED: [&str; 1] = [include_str!("stored/1.json")];

/// Something in every member.
fn full() -> Check {
    Check {
        at: "2026-11-20T23:10:00Z".parse().unwrap(),
        dynamics: Dynamics {
            token: Outcome::Good,
            who_am_i: Outcome::Failed("Dynamics is busy".into()),
            latency_ms: Some(12),
        },
        credential: Some(Credential {
            certificate: true,
            expires_on: Some("2027-03-31".parse().unwrap()),
        }),
        subscribers: Some(Subscribers {
            operations: Topic {
                confirmed: Some(2),
                pending: Some(1),
                unanswered: false,
            },
            coordinators: Topic {
                unanswered: true,
                ..Topic::default()
            },
        }),
        budget_share: Some(0.5),
        requests_remaining: Some(5_999),
        instance: Some("https://contoso.crm4.dynamics.com/".into()),
    }
}

#[test]
fn a_check_that_any_release_has_stored_means_the_same_to_this_one() {
    for stored in STORED {
        assert_eq!(serde_json::from_str::<Check>(stored).unwrap(), full());
    }
}

/// If this fails, add the new form beside the others: `stored/2.json`.
#[test]
fn what_this_release_stores_of_a_check_is_the_newest_form_in_every_letter() {
    let newest: Value = serde_json::from_str(STORED.last().unwrap()).unwrap();
    assert_eq!(serde_json::to_value(full()).unwrap(), newest);
}
