use anyhow::Result;
use dynamics_simulator::{Class, Options};
use reqwest::Method;

use crate::lab::{Lab, Table, apply, difference, small, text};

#[tokio::test]
async fn a_table_read_in_pages_of_any_size_equals_the_truth() -> Result<()> {
    let lab = Lab::start(small()).await?;
    lab.simulator.burst("contacts", 9, 20, 7)?;
    for (prefer, pages) in [
        ("odata.maxpagesize=1", 232),
        ("odata.maxpagesize=7", 34),
        ("odata.maxpagesize=116", 2),
        ("odata.maxpagesize=231", 2),
        ("odata.maxpagesize=232", 1),
        ("odata.maxpagesize=9999", 1),
    ] {
        let found = lab.pages("contacts", prefer).await?;
        assert_eq!(found.len(), pages, "{prefer}");
        let mut copy = Table::new();
        for page in found {
            apply(&mut copy, "contactid", page.value);
        }
        let truth = lab.simulator.truth("contacts")?;
        assert_eq!(difference(&copy, truth, "contactid"), None);
    }
    assert_eq!(
        lab.simulator.requests().of_table(Class::Read, "contacts"),
        272
    );
    Ok(())
}

#[tokio::test]
async fn money_keeps_four_decimals_and_brings_its_currency_along() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let page = lab
        .page(
            "hlf_certifications?$select=hlf_fee&$filter=hlf_fee eq 1500",
            "",
        )
        .await?;
    assert!(page.value.len() > 5);
    for row in &page.value {
        let names: Vec<_> = row.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "@odata.etag",
                "_transactioncurrencyid_value",
                "hlf_certificationid",
                "hlf_fee"
            ]
        );
        assert_eq!(row["hlf_fee"].get(), "1500.0000");
    }
    Ok(())
}

#[tokio::test]
async fn filters_find_what_the_truth_says() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let count = async |filter: &str| -> Result<usize> {
        let filter = filter.replace('+', "%2B").replace(' ', "%20");
        let target = format!("contacts?$select=contactid&$filter={filter}");
        Ok(lab.page(&target, "").await?.value.len())
    };
    let truth: Vec<_> = lab.simulator.truth("contacts")?.collect();
    let expected = |wanted: &dyn Fn(&serde_json::Map<String, serde_json::Value>) -> bool| {
        truth.iter().filter(|row| wanted(row)).count()
    };
    let inactive = expected(&|row| row["statecode"] == 1);
    assert!(inactive > 0);
    assert_eq!(count("statecode eq 1").await?, inactive);
    assert_eq!(
        count("not (statecode eq 1) and description eq null").await?,
        expected(&|row| row["statecode"] == 0 && row["description"].is_null())
    );
    assert_eq!(
        count("modifiedon ge 2024-01-01T00:00:00Z").await?,
        expected(&|row| row["modifiedon"].as_str() >= Some("2024-01-01T00:00:00Z"))
    );
    assert_eq!(
        count("birthdate lt 1960-01-01").await?,
        expected(&|row| row["birthdate"].as_str().is_some_and(|day| day < "1960"))
    );
    assert_eq!(
        count("lastname eq 'O''brien' or contains(lastname,'ØDE')").await?,
        expected(&|row| row["lastname"] == "O'Brien" || row["lastname"] == "Ødegård")
    );
    assert_eq!(
        count("startswith(mobilephone,'+479')").await?,
        expected(&|row| row["mobilephone"]
            .as_str()
            .is_some_and(|phone| phone.starts_with("+479")))
    );
    let id = truth[17]["contactid"].as_str().unwrap_or_default();
    assert_eq!(count(&format!("contactid eq {id}")).await?, 1);
    let values = format!(
        "Microsoft.Dynamics.CRM.In(PropertyName='contactid',PropertyValues=[\"{id}\",\"{}\"])",
        truth[3]["contactid"].as_str().unwrap_or_default()
    );
    assert_eq!(count(&values).await?, 2);
    Ok(())
}

#[tokio::test]
async fn an_order_with_ties_is_paged_without_loss() -> Result<()> {
    let lab = Lab::start(small()).await?;
    for order in [
        "modifiedon desc",
        "creditlimit asc,lastname desc",
        "statecode",
    ] {
        let target = format!("contacts?$select=lastname,modifiedon&$orderby={order}");
        let pages = lab.pages(&target, "odata.maxpagesize=9").await?;
        let rows: Vec<_> = pages.into_iter().flat_map(|page| page.value).collect();
        let keys: std::collections::BTreeSet<_> =
            rows.iter().map(|row| text(row, "contactid")).collect();
        assert_eq!((rows.len(), keys.len()), (230, 230), "{order}");
        if order == "modifiedon desc" {
            assert!(rows.is_sorted_by(|left, right| {
                text(left, "modifiedon") >= text(right, "modifiedon")
            }));
        }
    }
    Ok(())
}

#[tokio::test]
async fn counts_stop_at_five_thousand_and_top_yields_to_a_page_size() -> Result<()> {
    let lab = Lab::start(Options {
        contacts: 5_003,
        ..small()
    })
    .await?;
    let page = lab
        .page("contacts?$select=fullname&$count=true", "")
        .await?;
    assert_eq!((page.count, page.value.len()), (Some(5_000), 5_000));
    assert!(page.next_link.is_some());
    assert_eq!(lab.get("contacts/$count").await?.1, 5_000);
    assert_eq!(
        lab.get("accounts/$count?$filter=statecode eq 0").await?.0,
        200
    );

    let page = lab.page("contacts?$select=fullname&$top=3", "").await?;
    assert_eq!((page.value.len(), page.next_link), (3, None));
    let page = lab
        .page("contacts?$select=fullname&$top=3", "odata.maxpagesize=4")
        .await?;
    assert_eq!((page.value.len(), page.next_link.is_some()), (4, true));
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_in_the_services_words() -> Result<()> {
    let lab = Lab::start(small()).await?;
    for (target, status, code, message) in [
        (
            "contacts?$select=nope",
            400,
            "0x80060888",
            "Could not find a property named 'nope' on type 'Microsoft.Dynamics.CRM.contact'.",
        ),
        (
            "contacts?$select=parentcustomerid",
            400,
            "0x80060888",
            "Could not find a property named 'parentcustomerid' on type \
             'Microsoft.Dynamics.CRM.contact'.",
        ),
        (
            "contacts?$skip=5",
            400,
            "0x80060888",
            "Skip Clause is not supported in CRM",
        ),
        (
            "nothings",
            404,
            "0x80060888",
            "Resource not found for the segment 'nothings'.",
        ),
        (
            "contacts(00000000-0000-0000-0000-0000000000aa)",
            404,
            "0x80040217",
            "contact With Id = 00000000-0000-0000-0000-0000000000aa Does Not Exist",
        ),
        (
            "contacts?$skiptoken=broken",
            400,
            "0x8004112A",
            "The paging cookie is invalid.",
        ),
    ] {
        let refused = lab.refused(target, &[]).await?;
        assert_eq!(refused, (status, code.to_owned(), message.to_owned()));
    }
    let (status, _, message) = lab
        .refused("contacts?$filter=statecode eq 'x'", &[])
        .await?;
    assert!(
        status == 400 && message.contains("incompatible types"),
        "{message}"
    );
    Ok(())
}

#[tokio::test]
async fn a_forbidden_and_an_absent_table_are_told_apart() -> Result<()> {
    let lab = Lab::start(small()).await?;
    lab.simulator.switch(|switches| {
        switches.forbidden.insert("accounts".to_owned());
        switches.absent.insert("contacts".to_owned());
    });
    let (status, code, message) = lab.refused("accounts", &[]).await?;
    assert_eq!((status, code.as_str()), (403, "0x80040220"));
    assert!(
        message.contains("is missing prvReadAccount privilege"),
        "{message}"
    );
    let (status, code, _) = lab.refused("contacts", &[]).await?;
    assert_eq!((status, code.as_str()), (404, "0x80060888"));
    assert_eq!(lab.get("hlf_certifications?$top=1").await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn overlapping_pages_deliver_rows_twice_and_miss_none() -> Result<()> {
    let lab = Lab::start(small()).await?;
    lab.simulator.switch(|switches| switches.page_overlap = 3);
    for size in [2, 10] {
        let prefer = format!("odata.maxpagesize={size}");
        let pages = lab.pages("contacts?$select=fullname", &prefer).await?;
        let rows: Vec<_> = pages.into_iter().flat_map(|page| page.value).collect();
        let keys: std::collections::BTreeSet<_> =
            rows.iter().map(|row| text(row, "contactid")).collect();
        assert_eq!(keys.len(), 230);
        assert!(rows.len() > 300);
    }
    Ok(())
}

#[tokio::test]
async fn a_million_contacts_are_served_from_any_place_at_once() -> Result<()> {
    let lab = Lab::start(Options {
        contacts: 1_000_000,
        ..Options::default()
    })
    .await?;
    let target = "contacts?$select=fullname,emailaddress1,modifiedon";
    let first = lab.page(target, "odata.maxpagesize=5000").await?;
    assert_eq!(first.value.len(), 5_000);
    // Half way, by the documented cookie with another key in it.
    let last = text(&first.value[4_999], "contactid").unwrap_or_default();
    let link = first.next_link.unwrap_or_default();
    assert!(link.contains(&last));
    let middle = link.replace(&last, "80000000-0000-0000-0000-000000000000");
    let page = lab.page(&middle, "odata.maxpagesize=5000").await?;
    let key = text(&page.value[0], "contactid").unwrap_or_default();
    assert!(key.starts_with("80000"), "{key}");
    let end = link.replace(&last, "fffe0000-0000-0000-0000-000000000000");
    let page = lab.page(&end, "odata.maxpagesize=5000").await?;
    assert!(page.next_link.is_none() && page.value.len() < 40);
    Ok(())
}

#[tokio::test]
async fn the_same_seed_gives_the_same_world_and_another_seed_another() -> Result<()> {
    let dump = async |seed| -> Result<String> {
        let lab = Lab::start(Options { seed, ..small() }).await?;
        lab.simulator.burst("contacts", 3, 3, 3)?;
        let answer = lab.send(Method::GET, "contacts", &[], None).await?;
        Ok(answer.text().await?.replace(&lab.base(), ""))
    };
    let first = dump(7).await?;
    assert_eq!(first, dump(7).await?);
    assert_ne!(first, dump(8).await?);
    Ok(())
}
