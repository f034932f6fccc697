//! Whole stream files as organisations write them.

use streams::{
    Alert, Conflict, Deletes, Direction, Field, FromDynamics, Key, Owner, Stream, ToDynamics,
    Update,
};

use super::streams;

pub(crate) const HLF: &str = include_str!("../../../../infra/streams/hlf.toml");
const ACCOUNTING: &str = include_str!("../../../../infra/streams/accounting.toml");
const VISIBILITY: &str = include_str!("../../../../infra/streams/visibility.toml");

/// The names of the fields of which something holds.
fn fields(stream: &Stream, holds: impl Fn(&Field) -> bool) -> Vec<&str> {
    let fields = stream.fields.iter().filter(|field| holds(field));
    fields.map(|field| field.name.as_str()).collect()
}

#[test]
fn the_design_s_file_means_what_it_says_both_ways() {
    let [members, both] = streams(HLF).try_into().unwrap();
    assert_eq!(
        (members.name.as_str(), both.name.as_str()),
        ("members", "certifications")
    );
    assert_eq!(members.direction, Direction::Pull);
    assert_eq!(members.alert, None);

    assert_eq!(both.direction, Direction::Both);
    assert_eq!(both.key, Key::Columns(vec!["hlf_mentorcode".into()]));
    assert_eq!(both.conflict, Conflict::NewestWins);
    assert_eq!(both.update, Update::IfChanged);
    let deletes = Deletes {
        from_dynamics: FromDynamics::Tombstone,
        to_dynamics: ToDynamics::Deactivate,
    };
    assert_eq!(both.deletes, deletes);
    assert_eq!(both.alert, Some(Alert::Coordinators));
    assert_eq!(
        (both.owner_team.as_deref(), both.suppress_flows),
        (None, false)
    );
    assert_eq!(fields(&both, |field| field.clearable), ["comment"]);
    assert_eq!(fields(&both, |field| field.stamp), ["last_synced"]);
    assert!(fields(&both, |field| field.owner != Owner::Both).is_empty());
    assert_eq!(both.expiry.as_ref().unwrap().warn_days, [30, 7]);
    // What the sync writes by itself is read as any other.
    assert!(both.columns().contains("hlf_lastsyncedon"));
}

#[test]
fn the_accounting_s_file_only_creates_and_reads_nothing() {
    let [members, postings] = streams(ACCOUNTING).try_into().unwrap();
    assert_eq!(members.direction, Direction::Pull);
    assert!(postings.direction.pushes() && !postings.direction.pulls());
    let all = fields(&postings, |field| field.strategy(&postings) == Update::Skip);
    assert_eq!(all.len(), 6);
    let team = "5b2a9c1e-7d40-4c7b-9a51-0d3c8e6f1a22";
    assert_eq!(postings.owner_team.as_deref(), Some(team));
    assert!(postings.suppress_flows);
}

#[test]
fn a_file_may_leave_only_visibility_and_a_stamp_to_be_written() {
    let [both] = streams(VISIBILITY).try_into().unwrap();
    let dynamics = fields(&both, |field| field.owner == Owner::Dynamics);
    assert_eq!(dynamics, ["status", "valid_to"]);
    assert_eq!(
        fields(&both, |field| field.owner == Owner::App),
        ["portal_visible"]
    );
    assert_eq!(fields(&both, |field| field.stamp), ["last_synced"]);
    assert_eq!(both.conflict, Conflict::AppWins);
    // The longest first, whatever the file's order.
    assert_eq!(both.expiry.unwrap().warn_days, [30, 7]);
}
