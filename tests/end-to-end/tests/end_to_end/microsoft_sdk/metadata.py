"""Tables, columns, keys and relationships."""

from PowerPlatform.Dataverse.core.errors import MetadataError

from session import open_session, refusal


def tables(client):
    table = client.tables.get("hlf_Certification")
    assert (table.schema_name, table.logical_name, table.entity_set_name) == (
        "hlf_Certification",
        "hlf_certification",
        "hlf_certifications",
    ), table
    assert (table.primary_id_attribute, table.primary_name_attribute) == ("hlf_certificationid", "hlf_mentorcode"), table
    assert client.tables.get("nosuchtable") is None
    every = client.tables.list(select=["LogicalName", "DisplayName"])
    assert {"account", "contact", "hlf_certification"} <= {table["LogicalName"] for table in every}
    own = client.tables.list(filter="startswith(SchemaName,'hlf_')")
    names = {table["LogicalName"] for table in own}
    assert "hlf_certification" in names and all(name.startswith("hlf_") for name in names), names


def columns(client):
    every = client.tables.list_columns("account", select=["LogicalName", "AttributeType"])
    types = {column["LogicalName"]: column["AttributeType"] for column in every}
    kinds = {"accountid": "Uniqueidentifier", "name": "String", "industrycode": "Picklist", "revenue": "Money",
             "primarycontactid": "Lookup", "createdon": "DateTime", "versionnumber": "BigInt"}
    assert {name: types.get(name) for name in kinds} == kinds, types
    texts = client.tables.list_columns("account", select=["LogicalName"], filter="AttributeType eq 'String'")
    assert {column["LogicalName"] for column in texts} == {name for name, type in types.items() if type == "String"}
    # One request for what the bare list leaves out, such as lengths.
    typed = {column["LogicalName"]: column for column in client.tables.list_columns("account", typed=True)}
    assert (typed["name"]["MaxLength"], typed["accountnumber"]["MaxLength"]) == (160, 20), typed["name"]
    assert typed.keys() == types.keys()

    column = client.tables.get_column("account", "industrycode")
    assert column["@odata.type"] == "#Microsoft.Dynamics.CRM.PicklistAttributeMetadata", column
    assert column["DisplayName"]["UserLocalizedLabel"]["Label"] == "Industry", column
    assert client.tables.get_column("account", "name", typed=True)["MaxLength"] == 160
    assert client.tables.get_column("account", "nosuchcolumn") is None


def keys(session, client):
    (key,) = client.tables.get_alternate_keys("account")
    assert (key.schema_name, key.key_attributes, key.status) == ("hlf_AccountNumber", ["accountnumber"], "Active"), key
    session.switch(key_status={"hlf_accountnumber": "InProgress"})
    (key,) = client.tables.get_alternate_keys("account")
    assert key.status == "InProgress", key
    certified = {tuple(key.key_attributes) for key in client.tables.get_alternate_keys("hlf_Certification")}
    assert certified == {("hlf_mentorcode",), ("hlf_contactid", "hlf_mentorcode")}, certified


def relationships(client):
    lookup = client.tables.get_relationship("contact_account_primarycontactid")
    assert (lookup.relationship_type, lookup.referenced_entity, lookup.referencing_entity) == (
        "one_to_many",
        "contact",
        "account",
    ), lookup
    assert lookup.lookup_schema_name == "primarycontactid", lookup
    assert client.tables.get_relationship("no_such_relationship") is None
    names = {relationship["SchemaName"] for relationship in client.tables.list_table_relationships("account")}
    assert "contact_account_primarycontactid" in names, names
    every = {relationship["SchemaName"] for relationship in client.tables.list_relationships()}
    assert names <= every


def unknown_tables(client):
    for call in (
        lambda: client.tables.list_columns("nosuchtable"),
        lambda: client.tables.get_alternate_keys("nosuchtable"),
        lambda: client.records.create("nosuchtable", {"name": "x"}),
    ):
        assert isinstance(refusal(call), MetadataError)


def main():
    session = open_session()
    with session.client() as client:
        tables(client)
        columns(client)
        keys(session, client)
        relationships(client)
        unknown_tables(client)


main()
