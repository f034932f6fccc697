//! What becomes of the tables that somebody wants streams of.

use discover::{Head, Selection, Survey, SurveyError, Wanted, stream_file, survey, unchecked};
use streams::{FieldKind, Key, Language, StreamFile};

use crate::bench::{Bench, ENGLISH, bench};

/// What the simulated environment has of the catalogue.
const THERE: [&str; 11] = [
    "accounts",
    "contacts",
    "leads",
    "opportunities",
    "incidents",
    "tasks",
    "phonecalls",
    "systemusers",
    "teams",
    "businessunits",
    "transactioncurrencies",
];

impl Bench {
    async fn surveyed(&self, names: &[&str]) -> Result<Survey, SurveyError> {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        survey(&self.client, &Wanted::Named(names), ENGLISH).await
    }
}

fn tables(survey: &Survey) -> Vec<&str> {
    survey.tables.iter().map(|one| one.table.as_str()).collect()
}

fn left_out(survey: &Survey) -> Vec<String> {
    survey.left_out.iter().map(ToString::to_string).collect()
}

fn file_of(survey: &Survey, head: &Head) -> (String, StreamFile) {
    let text = stream_file(head, &survey.tables, Selection::Useful);
    let file = StreamFile::parse(&text, "found.toml");
    let file = file.unwrap_or_else(|error| panic!("{error}\n{text}"));
    (text, file)
}

#[tokio::test]
async fn of_the_standard_tables_those_that_are_missing_are_named_with_the_app_that_brings_them() {
    let bench = bench().await;
    let found = survey(&bench.client, &Wanted::Standard, ENGLISH)
        .await
        .unwrap();
    assert_eq!(tables(&found), THERE);
    let left_out = left_out(&found);
    assert_eq!(left_out.len(), 20 - THERE.len());
    assert_eq!(
        left_out[0],
        "quotes: left out, because this environment does not have it: it comes with Dynamics 365 Sales"
    );
    assert_eq!(
        left_out.last().unwrap(),
        "annotations: left out, because this environment does not have it"
    );
}

/// The tables, who asks, what it may read; and of each table its definition, keys, choices and lookups.
#[tokio::test]
async fn a_survey_asks_a_bounded_number_of_times_however_many_rows_there_are() {
    let bench = bench().await;
    survey(&bench.client, &Wanted::Standard, ENGLISH)
        .await
        .unwrap();
    let asked = bench.simulator.requests();
    assert!(asked.total <= 3 + 9 * 11, "{}", asked.total);
    for request in &asked.last {
        let of_rows = ["contacts?", "accounts?", "leads?"];
        let about_rows = of_rows.iter().any(|set| request.target.contains(set));
        assert!(!about_rows, "{}", request.target);
    }
    bench.simulator.burst("contacts", 5_500, 0, 0).unwrap();
    bench.simulator.reset_requests();
    bench.surveyed(&["contacts"]).await.unwrap();
    let one = bench.simulator.requests().total;
    assert!(one <= 3 + 9, "{one}");
}

#[tokio::test]
async fn a_table_that_may_not_be_read_is_named_with_the_privilege_and_the_others_go_on() {
    let bench = bench().await;
    bench.simulator.switch(|switches| {
        switches.forbidden.insert("incidents".to_owned());
    });
    let found = bench.surveyed(&["contacts", "incidents", "leads"]).await;
    let found = found.unwrap();
    assert_eq!(tables(&found), ["contacts", "leads"]);
    assert_eq!(
        left_out(&found),
        [
            "incidents: left out, because the application user may not read it: it lacks prvReadIncident. A \
          Dynamics administrator can give that to its security role"
        ]
    );
}

#[tokio::test]
async fn elastic_and_virtual_tables_are_refused_by_name() {
    let bench = bench().await;
    let found = bench
        .surveyed(&["hlf_sensorreadings", "hlf_externals", "contacts"])
        .await;
    let found = found.unwrap();
    assert_eq!(tables(&found), ["contacts"]);
    assert_eq!(
        left_out(&found),
        [
            "hlf_sensorreadings: left out, because it is an elastic table, which cannot be synced",
            "hlf_externals: left out, because it is a virtual table, which cannot be synced",
        ]
    );
}

#[tokio::test]
async fn unknown_names_are_all_told_with_the_nearest_and_no_table_is_asked_about() {
    let bench = bench().await;
    let error = bench
        .surveyed(&["contact", "acounts", "quote", "contacts", "nothing_like_it"])
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no table `contact`; did you mean `contacts`?\n\
         there is no table `acounts`; did you mean `accounts`?\n\
         there is no table `quote`; did you mean `quotes`?\n\
         there is no table `nothing_like_it`; `dynamics-sync discover` lists those there are"
    );
    assert_eq!(bench.simulator.requests().total, 1);
}

#[tokio::test]
async fn a_name_that_ends_in_a_star_is_all_that_begin_so_and_each_table_comes_once() {
    let bench = bench().await;
    let found = bench
        .surveyed(&["hlf_*", "hlf_postings", "contacts"])
        .await
        .unwrap();
    assert_eq!(
        tables(&found),
        ["hlf_certifications", "hlf_postings", "contacts"]
    );
    assert_eq!(left_out(&found).len(), 2);
    let error = bench.surveyed(&["abc_*"]).await.unwrap_err().to_string();
    assert!(error.starts_with("there is no table `abc_*`"), "{error}");
}

#[tokio::test]
async fn a_standard_table_is_read_by_the_names_of_the_catalogue_and_the_rest_is_said() {
    let bench = bench().await;
    let found = bench
        .surveyed(&["contacts", "opportunities", "systemusers"])
        .await;
    let (text, file) = file_of(&found.unwrap(), &Head::default());
    let of = |stream: &str, field: &str| {
        let fields = &file.stream(stream).unwrap().fields;
        fields.iter().find(|one| one.name == field).cloned()
    };
    assert_eq!(
        of("contacts", "mobile_phone").unwrap().column,
        "mobilephone"
    );
    // About a person, and not asked for by most.
    assert_eq!(of("contacts", "birthdate"), None);
    assert!(
        text.contains("more columns are shown by `dynamics-sync discover contacts`."),
        "{text}"
    );
    assert!(
        text.contains("\n# job_title = \"jobtitle\"  # the table does not have it here\n"),
        "{text}"
    );
    // Days, lookups and choices say so.
    assert_eq!(
        of("opportunities", "estimated_close").unwrap().kind,
        FieldKind::Date
    );
    let lead = of("opportunities", "originating_lead").unwrap().kind;
    assert_eq!(
        lead,
        FieldKind::Lookup {
            table: "leads".to_owned()
        }
    );
    let FieldKind::Choice(states) = of("opportunities", "state").unwrap().kind else {
        panic!("the state is no choice");
    };
    assert_eq!(states[&1], "won");
    // To accounts or contacts: its id alone.
    assert_eq!(
        of("opportunities", "customer").unwrap().kind,
        FieldKind::Plain
    );
    // Their alternate key, and where there is none what people go by, in a comment.
    assert_eq!(
        file.stream("contacts").unwrap().key,
        Key::Columns(vec!["firstname".to_owned(), "emailaddress1".to_owned()])
    );
    assert!(
        text.contains("# key     = [\"internalemailaddress\"]"),
        "{text}"
    );
}

#[tokio::test]
async fn a_secured_column_of_the_catalogue_is_not_read() {
    let bench = bench().await;
    bench.simulator.switch(|switches| {
        let secured = switches
            .secured_columns
            .entry("contacts".into())
            .or_default();
        secured.insert("mobilephone".into());
    });
    let found = bench.surveyed(&["contacts"]).await.unwrap();
    let (text, file) = file_of(&found, &Head::default());
    let fields = &file.streams[0].fields;
    assert!(fields.iter().all(|field| field.column != "mobilephone"));
    assert!(
        text.contains("# mobile_phone = \"mobilephone\"  # Mobile Phone, secured"),
        "{text}"
    );
}

#[tokio::test]
async fn the_file_says_zone_language_and_anchor_and_what_was_left_out() {
    let bench = bench().await;
    let found = bench.surveyed(&["contacts", "quotes"]).await.unwrap();
    let head = Head {
        remarks: left_out(&found),
        time_zone: "Europe/Oslo".to_owned(),
        language: Language::Nb,
        anchor: Some("2020-01-01".parse().unwrap()),
    };
    let (text, file) = file_of(&found, &head);
    assert!(text.starts_with("# quotes: left out, because"), "{text}");
    assert_eq!(file.time_zone.iana_name(), Some("Europe/Oslo"));
    assert_eq!(file.language, Language::Nb);
    assert_eq!(file.streams[0].anchor, head.anchor);
}

#[tokio::test]
async fn norwegian_labels_make_names_without_norwegian_letters() {
    let bench = bench().await;
    let wanted = Wanted::Named(vec!["hlf_certifications".to_owned()]);
    let found = survey(&bench.client, &wanted, &[1044]).await.unwrap();
    let (_, file) = file_of(&found, &Head::default());
    let mut fields = file.streams[0].fields.iter();
    let status = fields.find(|field| field.column == "hlf_status").unwrap();
    let FieldKind::Choice(labels) = &status.kind else {
        panic!("{status:?}");
    };
    assert_eq!(labels[&2], "utlopt");
}

/// What is in comments must be as good, but for the counts: people take the mark away.
#[tokio::test]
async fn the_fields_that_are_missing_or_only_may_be_read_are_accepted_too() {
    let bench = bench().await;
    let found = bench.surveyed(&["systemusers", "accounts"]).await.unwrap();
    let (text, before) = file_of(&found, &Head::default());
    let all: Vec<&str> = text
        .lines()
        .map(|line| match line.contains(" = ") {
            true => line.trim_start_matches("# "),
            false => line,
        })
        .collect();
    let all = all.join("\n");
    let after = StreamFile::parse(&all, "found.toml");
    let after = after.unwrap_or_else(|error| panic!("{error}\n{all}"));
    let fields = |file: &StreamFile| file.streams[0].fields.len();
    assert!(fields(&after) > fields(&before), "{all}");
}

#[test]
fn without_an_environment_every_standard_table_makes_a_stream_in_both_languages() {
    let all = unchecked(&Wanted::Standard).unwrap();
    assert_eq!(all.len(), 20);
    for language in [Language::Nb, Language::En] {
        let head = Head {
            language,
            ..Head::default()
        };
        let text = stream_file(&head, &all, Selection::Useful);
        let file = StreamFile::parse(&text, "found.toml");
        let file = file.unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(file.streams.len(), all.len());
        assert_eq!(file.language, language);
        assert!(!text.contains("the table does not have it"), "{text}");
    }
}

#[test]
fn without_an_environment_an_unknown_name_is_told_with_the_nearest_of_the_catalogue() {
    let wanted = |name: &str| Wanted::Named(vec![name.to_owned()]);
    let error = unchecked(&wanted("lead")).unwrap_err().to_string();
    assert_eq!(error, "there is no table `lead`; did you mean `leads`?");
    let activities = unchecked(&wanted("a*")).unwrap();
    let names: Vec<&str> = activities.iter().map(|one| one.table.as_str()).collect();
    assert_eq!(
        names,
        [
            "accounts",
            "activitypointers",
            "appointments",
            "annotations"
        ]
    );
}
