"""`$batch`: reads and writes together, a change set, and what becomes of one that fails."""

from PowerPlatform.Dataverse.models.upsert import UpsertItem

from session import open_session


def of_everything(client, account):
    batch = client.batch.new()
    batch.records.create("contact", {"firstname": "SDK batch", "lastname": "Ærlig"})
    batch.records.create("contact", [{"firstname": f"SDK bulk {number}"} for number in range(3)])
    batch.records.update("account", account, {"name": "SDK updated"})
    batch.records.upsert("account", [UpsertItem(alternate_key={"accountnumber": "SDK 9"}, record={"name": "SDK upserted"})])
    batch.records.retrieve("account", account, select=["name"])
    batch.records.list("contact", filter="startswith(firstname,'SDK bulk')", select=["firstname"], orderby=["firstname"])
    batch.tables.get("account")
    result = batch.execute()
    assert [part.status_code for part in result.responses] == [204, 200, 204, 204, 200, 200, 200], result
    assert not result.has_errors
    _, created, _, _, read, listed, table = result.responses
    assert len(created.data["Ids"]) == 3, created
    assert read.data["name"] == "SDK updated", read
    assert [row["firstname"] for row in listed.data["value"]] == ["SDK bulk 0", "SDK bulk 1", "SDK bulk 2"], listed
    assert table.data["value"][0]["EntitySetName"] == "accounts", table
    person = client.records.retrieve("contact", result.responses[0].entity_id, select=["lastname"])
    assert person["lastname"] == "Ærlig", person


def change_set(client, account):
    """Later parts name a row that an earlier one makes."""
    batch = client.batch.new()
    with batch.changeset() as changes:
        person = changes.records.create("contact", {"firstname": "SDK set"})
        changes.records.create("account", {"name": "SDK set", "primarycontactid@odata.bind": person})
        changes.records.update("contact", person, {"lastname": "referred to"})
        changes.records.delete("account", account)
    result = batch.execute()
    assert [part.status_code for part in result.responses] == [204] * 4, result
    assert [part.content_id for part in result.responses] == ["1", "2", "3", "4"], result


def change_set_that_fails(client):
    """All of it is undone, and what stands after it is not even tried."""
    batch = client.batch.new()
    with batch.changeset() as changes:
        changes.records.create("contact", {"firstname": "SDK undone"})
        changes.records.create("contact", {"firstname": "x" * 51})
    batch.records.create("contact", {"firstname": "SDK not reached"})
    result = batch.execute()
    assert [(part.status_code, part.error_code) for part in result.responses] == [(400, "0x80044331")], result
    assert "'firstname'" in result.responses[0].error_message, result


def errors_passed_over(client):
    batch = client.batch.new()
    batch.records.create("contact", {"nosuchcolumn": "x"})
    batch.records.delete("contact", "00000000-0000-0000-0000-0000000000aa")
    with batch.changeset() as changes:
        changes.records.create("contact", {"firstname": "SDK undone"})
        changes.records.create("account", {"accountnumber": "SDK 9"})
    batch.records.create("contact", {"firstname": "SDK after errors"})
    result = batch.execute(continue_on_error=True)
    assert [(part.status_code, part.error_code) for part in result.responses] == [
        (400, "0x80048d19"),
        (404, "0x80040217"),
        (412, "0x80060892"),
        (204, None),
    ], result
    assert (len(result.succeeded), len(result.failed)) == (1, 3), result


def main():
    with open_session().client() as client:
        account = client.records.create("account", {"name": "SDK"})
        of_everything(client, account)
        change_set(client, account)
        change_set_that_fails(client)
        errors_passed_over(client)


main()
