"""Rows, one by one and many at once: created, read, updated, upserted, deleted."""

from PowerPlatform.Dataverse.models.filters import col
from PowerPlatform.Dataverse.models.upsert import UpsertItem

from session import open_session

FORMATTED = "OData.Community.Display.V1.FormattedValue"
QUOTED = "A B'1 å"


def create(client):
    account = client.records.create(
        "account",
        # The SDK looks the choice's number up by its label.
        {"name": "SDK one", "accountnumber": "SDK-1", "industrycode": "Accounting", "revenue": 12.5},
    )
    people = client.records.create(
        "contact", [{"firstname": f"SDK {number}", "lastname": "O'Brien-Sørby"} for number in range(25)]
    )
    assert len(set(people)) == 25, people
    for number in (0, 24):
        row = client.records.retrieve("contact", people[number], select=["firstname"])
        assert row["firstname"] == f"SDK {number}", "the keys come in another order than the rows went"
    return account, people


def read(client, account, people):
    row = client.records.retrieve("account", account, select=["name", "industrycode"], include_annotations="*")
    assert row.id == account and row.etag.startswith('W/"'), row
    assert (row["name"], row["industrycode"], row[f"industrycode@{FORMATTED}"]) == ("SDK one", 1, "Accounting")
    assert client.records.retrieve("account", "00000000-0000-0000-0000-0000000000aa") is None

    mine = "lastname eq 'O''Brien-Sørby'"
    pages = [
        [row["firstname"] for row in page]
        for page in client.records.list_pages(
            "contact", filter=mine, select=["firstname"], orderby=["createdon", "contactid"], page_size=10, count=True
        )
    ]
    assert [len(page) for page in pages] == [10, 10, 5], pages
    names = [name for page in pages for name in page]
    assert sorted(names) == sorted(f"SDK {number}" for number in range(25)), names

    first = client.records.list("contact", filter=mine, select=["firstname"], orderby=["firstname desc"], top=2)
    assert [row["firstname"] for row in first] == ["SDK 9", "SDK 8"], first
    wanted = (col("lastname") == "O'Brien-Sørby") & (col("firstname").endswith("4") | (col("firstname") == "SDK 5"))
    found = client.query.builder("contact").select("firstname").where(wanted).order_by("firstname").execute()
    assert [row["firstname"] for row in found] == ["SDK 14", "SDK 24", "SDK 4", "SDK 5"], found
    others = ~wanted & col("lastname").startswith("O'Brien-")
    assert len(client.records.list("contact", filter=others, select=["firstname"])) == 21
    keys = col("contactid").in_(people[:3])
    assert len(client.records.list("contact", filter=keys, select=["firstname"])) == 3
    assert len(client.records.list("contact", filter=mine, select=["firstname"]).to_dataframe()) == 25


def update(client, account, people):
    client.records.update("account", account, {"primarycontactid@odata.bind": f"/contacts({people[0]})", "name": "SDK two"})
    row = client.records.retrieve("account", account, select=["name"], expand=["primarycontactid"])
    assert (row["name"], row["primarycontactid"]["firstname"]) == ("SDK two", "SDK 0"), row
    client.records.update("contact", people, {"description": "all"})
    client.records.update("contact", people[:2], [{"description": "first"}, {"description": None}])


def upsert(client):
    def of(number, name):
        return UpsertItem(alternate_key={"accountnumber": number}, record={"name": name})

    # The same key twice: made, then changed.
    client.records.upsert("account", [of(QUOTED, "SDK new")])
    client.records.upsert("account", [of(QUOTED, "SDK changed")])
    client.records.upsert("account", [of("SDK-1", "SDK three"), of("SDK-2", "SDK made"), of("SDK-3", "SDK made too")])
    two_columns = {"firstname": "SDK key", "emailaddress1": "sdk@example.no"}
    for last_name in ("made", "changed"):
        client.records.upsert("contact", [UpsertItem(alternate_key=two_columns, record={"lastname": last_name})])


def delete(client, people):
    client.records.delete("contact", people[24])
    client.records.delete("contact", people[22:24], use_bulk_delete=False)
    job = client.records.delete("contact", people[20:22])
    assert job, "no asynchronous job"
    assert client.records.retrieve("contact", people[24]) is None


def main():
    with open_session().client() as client:
        account, people = create(client)
        read(client, account, people)
        update(client, account, people)
        upsert(client)
        delete(client, people)


main()
