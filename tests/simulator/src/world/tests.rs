use super::*;

fn small() -> World {
    World::new(&Options {
        contacts: 300,
        certifications: 40,
        accounts: 10,
        users: 5,
        ..Options::default()
    })
}

fn now() -> Timestamp {
    "2026-11-01T03:00:00.75Z".parse().unwrap()
}

fn keys(rows: &Rows) -> Vec<Uuid> {
    rows.after(None).map(|row| row.id).collect()
}

#[test]
fn a_walk_merges_written_rows_among_seeded_ones_in_key_order() {
    let mut world = small();
    let before = keys(world.rows("contacts").unwrap());
    assert_eq!(before.len(), 300);
    let user = world.layout.application_user();
    let created = world.create("contacts", None, vec![], now(), user).unwrap();
    assert!(world.delete("contacts", before[0]));
    assert!(world.delete("contacts", before[299]));
    assert!(!world.delete("contacts", before[0]));
    world
        .update("contacts", before[7], vec![], now(), user)
        .unwrap();

    let rows = world.rows("contacts").unwrap();
    let after = keys(rows);
    assert!(after.is_sorted());
    assert!(after.contains(&created) && after.contains(&before[7]));
    assert!(!after.contains(&before[0]));
    assert_eq!(u64::try_from(after.len()).unwrap(), rows.live());
    for start in [0, 8, 150] {
        let rest: Vec<_> = rows.after(Some(after[start])).map(|row| row.id).collect();
        assert_eq!(rest, after[start + 1..]);
    }
}

#[test]
fn changes_come_by_version_and_a_recreated_row_leaves_no_tombstone() {
    let mut world = small();
    let start = world.version();
    let ids = keys(world.rows("contacts").unwrap());
    let user = world.layout.application_user();
    world.update("contacts", ids[5], vec![], now(), user);
    world.delete("contacts", ids[6]);
    world.delete("contacts", ids[7]);
    world.update("contacts", ids[1], vec![], now(), user);
    world.create("contacts", Some(ids[7]), vec![], now(), user);

    let rows = world.rows("contacts").unwrap();
    let end = world.version();
    let changed: Vec<_> = rows.changed_between(start, end).map(|row| row.id).collect();
    assert_eq!(changed, [ids[5], ids[1], ids[7]]);
    let deleted: Vec<_> = rows.deleted_between(start, end).map(|(_, id)| id).collect();
    assert_eq!(deleted, [ids[6]]);
    assert_eq!(rows.changed_between(0, start).count(), 296);
    assert_eq!(rows.changed_between(end, end).count(), 0);
}

#[test]
fn a_write_stamps_the_row_with_whole_seconds_and_a_new_version() {
    let mut world = small();
    let user = world.layout.application_user();
    let id = keys(world.rows("contacts").unwrap())[3];
    let table = &world.rows("contacts").unwrap().table;
    let (first_name, _) = table.by_name("firstname").unwrap();
    let (full_name, _) = table.by_name("fullname").unwrap();
    let (modified, _) = table.by_name("modifiedon").unwrap();
    let (version, _) = table.by_name("versionnumber").unwrap();
    world.update(
        "contacts",
        id,
        vec![(first_name, Value::Text("Bjørg".into()))],
        now(),
        user,
    );
    let row = world.rows("contacts").unwrap().get(id).unwrap();
    assert!(matches!(&*row.value(full_name), Value::Text(text) if text.starts_with("Bjørg ")));
    assert_eq!(row.value(modified).to_truth(), "2026-11-01T03:00:00Z");
    assert_eq!(row.value(version).to_truth(), world.version());
}

#[test]
fn a_burst_touches_each_row_once_and_is_the_same_for_the_same_seed() {
    let dump = |world: &World| -> Vec<String> {
        let rows = world.rows("hlf_certifications").unwrap();
        rows.after(None)
            .map(|row| {
                let columns = 0..rows.table.columns.len();
                format!("{:?}", columns.map(|at| row.value(at)).collect::<Vec<_>>())
            })
            .collect()
    };
    let mut left = small();
    let mut right = small();
    assert_eq!(dump(&left), dump(&right));
    let summary = left.burst("hlf_certifications", 5, 30, 100, now()).unwrap();
    right
        .burst("hlf_certifications", 5, 30, 100, now())
        .unwrap();
    assert_eq!(dump(&left), dump(&right));
    // 40 seeded: 30 updated, so only ten are left to delete.
    assert_eq!(
        (summary.created, summary.updated, summary.deleted),
        (5, 30, 10)
    );
    assert_eq!(left.rows("hlf_certifications").unwrap().live(), 35);
    assert!(left.burst("nothings", 1, 0, 0, now()).is_none());
}

#[test]
fn seeded_rows_show_the_values_that_break_careless_readers() {
    let world = World::new(&Options::default());
    let rows = world.rows("contacts").unwrap();
    let at = |name| rows.table.by_name(name).unwrap().0;
    let (memo, code, money, modified) = (
        at("description"),
        at("address1_postalcode"),
        at("creditlimit"),
        at("modifiedon"),
    );
    let mut seen = std::collections::BTreeMap::<&str, u32>::new();
    let mut moments = std::collections::BTreeMap::<String, u32>::new();
    for row in rows.after(None).take(3_000) {
        let mut note = |what, found: bool| *seen.entry(what).or_default() += u32::from(found);
        match row.value(memo).as_ref() {
            Value::Null => note("null", true),
            Value::Text(text) => {
                note("formula", text.starts_with('='));
                note("line break", text.contains("\r\n"));
                note("emoji", text.contains('\u{1f44d}'));
                note("right to left", text.contains('ש'));
            }
            other => panic!("{other:?}"),
        }
        note(
            "leading zero",
            row.value(code).to_truth().to_string().starts_with("\"0"),
        );
        let amount = row.value(money).to_truth();
        note(
            "four decimals",
            amount
                .as_str()
                .is_some_and(|text| text.split_once('.').unwrap().1.len() == 4),
        );
        *moments
            .entry(row.value(modified).to_truth().to_string())
            .or_default() += 1;
    }
    assert!(
        seen.len() == 7 && seen.values().all(|&count| count > 10),
        "{seen:?}"
    );
    assert!(moments.values().any(|&count| count > 5), "no ties");
}

#[test]
fn a_million_rows_hold_nothing_but_what_was_written() {
    let mut world = World::new(&Options {
        contacts: 1_000_000,
        ..Options::default()
    });
    world.burst("contacts", 5, 10, 5, now()).unwrap();
    let rows = world.rows("contacts").unwrap();
    assert_eq!((rows.live(), rows.written()), (1_000_000, 20));
    let middle = Uuid::from_u128(u128::MAX / 2);
    assert_eq!(rows.after(Some(middle)).take(5_000).count(), 5_000);
}

#[test]
fn another_organization_id_leaves_one_row_of_the_same_version_and_no_tombstone() {
    let mut world = small();
    let (old, version) = (world.organization_id(), world.version());
    world.set_organization_id(Uuid::from_u128(77));
    let rows = world.rows("organizations").unwrap();
    assert_eq!(keys(rows), [Uuid::from_u128(77)]);
    assert!(rows.get(old).is_none());
    assert_eq!(rows.live(), 1);
    assert_eq!(rows.deleted_between(0, u64::MAX).count(), 0);
    assert_eq!(rows.changed_between(0, u64::MAX).count(), 1);
    assert_eq!(world.version(), version);
    assert_eq!(world.change_tracking_days(), 7);
}
