//! Whatever a table and its columns are called, the file that is written for it is a stream file.

use discover::{Choice, Column, Description, Head, Key, Required, Selection, stream_file};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use streams::{Language, StreamFile};

const KINDS: [&str; 7] = [
    "text",
    "date",
    "date and time",
    "lookup",
    "choice",
    "state",
    "whole number",
];

/// What Dataverse allows as a name, however odd.
fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9_]{0,70}"
}

/// Labels are anything that people type.
fn label() -> impl Strategy<Value = Option<String>> {
    option::of(any::<String>())
}

fn column() -> impl Strategy<Value = Column> {
    let kind = (0..KINDS.len()).prop_map(|at| KINDS[at]);
    let choices = btree_map(any::<i32>(), label(), 0..4);
    let lookup = vec(name(), 0..3);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (name(), kind, label(), choices, lookup, flags).prop_map(
        |(column, kind, label, choices, lookup, (own, secured, readable, required))| Column {
            column,
            kind,
            label,
            required: if required {
                Required::OnForms
            } else {
                Required::No
            },
            max_length: None,
            choices: choices
                .into_iter()
                .map(|(value, label)| Choice { value, label })
                .collect(),
            lookup,
            own,
            secured,
            readable,
            writable: true,
        },
    )
}

/// One of a standard table's name, now and then.
fn table() -> impl Strategy<Value = Description> {
    let table = prop_oneof![
        name(),
        Just("contacts".to_owned()),
        Just("changes".to_owned()),
        Just("hlf__x".to_owned())
    ];
    let columns = vec(column(), 1..12);
    let known = vec(
        prop_oneof![Just("fullname"), Just("emailaddress1"), Just("modifiedon")],
        0..3,
    );
    (table, label(), columns, known, any::<bool>()).prop_map(
        |(table, label, mut columns, known, keyed)| {
            for (column, known) in columns.iter_mut().zip(known) {
                column.column = known.to_owned();
            }
            columns.sort_by(|a, b| a.column.cmp(&b.column));
            columns.dedup_by(|a, b| a.column == b.column);
            // Else there is nothing that could be read.
            if let Some(first) = columns.first_mut() {
                (first.readable, first.secured) = (true, false);
            }
            let key: Vec<String> = columns
                .iter()
                .take(2)
                .map(|one| one.column.clone())
                .collect();
            Description {
                logical_name: table.clone(),
                table,
                label,
                primary_id: "the_key_of_its_own".to_owned(),
                primary_name: None,
                change_tracking: true,
                syncable: true,
                keys: keyed
                    .then_some(Key {
                        columns: key,
                        active: true,
                    })
                    .into_iter()
                    .collect(),
                columns,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_file_of_any_tables_is_accepted(
        tables in vec(table(), 1..5),
        remark in any::<String>(),
        norwegian in any::<bool>(),
        useful in any::<bool>(),
        anchored in any::<bool>(),
    ) {
        let head = Head {
            remarks: vec![remark],
            language: if norwegian { Language::Nb } else { Language::En },
            anchor: anchored.then(|| "2020-02-29".parse().unwrap()),
            ..Head::default()
        };
        let selection = if useful { Selection::Useful } else { Selection::Name };
        let text = stream_file(&head, &tables, selection);
        let file = StreamFile::parse(&text, "any.toml");
        let file = file.map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(file.streams.len(), tables.len());
        prop_assert_eq!(file.language, head.language);
        for (stream, table) in file.streams.iter().zip(&tables) {
            prop_assert_eq!(&stream.table, &table.table);
            for field in &stream.fields {
                let mut columns = table.columns.iter();
                let column = columns.find(|one| one.column == field.column);
                prop_assert!(column.is_some_and(|one| one.readable && !one.secured));
            }
        }
    }
}
