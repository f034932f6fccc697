"""Every error comes out of the SDK as the class, status and code that it makes of the service's own."""

from azure.core.exceptions import ClientAuthenticationError
from PowerPlatform.Dataverse.core.errors import HttpError

from session import open_session, refusal

NOBODY = "00000000-0000-0000-0000-0000000000aa"


def check(call, status, code, text, transient=False, retry_after=None):
    error = refusal(call)
    assert isinstance(error, HttpError), repr(error)
    found = (error.status_code, error.subcode, error.details.get("service_error_code"), error.is_transient)
    assert found == (status, f"http_{status}", code, transient), (found, error.message)
    assert text in error.message, error.message
    assert error.details.get("retry_after") == retry_after, error.details
    assert error.details["service_request_id"], error.details


def of_rows(client):
    records = client.records
    taken = {"name": "SDK", "accountnumber": "SDK-1"}
    account = records.create("account", taken)
    check(lambda: records.update("account", NOBODY, {"name": "x"}), 404, "0x80040217", "Does Not Exist")
    check(lambda: records.delete("account", NOBODY), 404, "0x80040217", NOBODY)
    check(lambda: records.create("account", taken), 412, "0x80060892", "Account Number")
    check(lambda: records.create("account", [{"name": "SDK undone"}, taken]), 412, "0x80060892", "violated")
    check(lambda: records.create("account", {"accountid": account}), 412, "0x80040237", "duplicate")
    check(lambda: records.create("account", {"name": "x" * 161}), 400, "0x80044331", "'name'")
    check(lambda: records.create("account", {"nosuchcolumn": 1}), 400, "0x80048d19", "nosuchcolumn")
    check(lambda: records.list("account", select=["nosuchcolumn"]), 400, "0x80060888", "nosuchcolumn")
    check(lambda: records.list("account", filter="name eq"), 400, "0x80060888", "")
    wrong_name = {"PrimaryContactId@odata.bind": f"/contacts({NOBODY})"}
    check(lambda: records.update("account", account, wrong_name), 400, "0x80048d19", "undeclared property")
    missing = {"primarycontactid@odata.bind": f"/contacts({NOBODY})"}
    check(lambda: records.update("account", account, missing), 404, "0x80040217", NOBODY)


def of_rights(session, client):
    session.switch(forbidden=["accounts"])
    check(lambda: client.records.list("account", top=1), 403, "0x80040220", "prvReadAccount")
    check(lambda: client.records.create("account", {"name": "SDK"}), 403, "0x80040220", "prvCreateAccount")
    session.switch(forbidden=[], no_application_user=True)
    check(lambda: client.records.list("account", top=1), 403, "0x80072560", "not a member of the organization")
    session.switch(no_application_user=False)


def of_limits(session, client):
    """The SDK repeats none of them itself: it says that they pass, and when."""
    limits = {"requests": "0x80072322", "execution_time": "0x80072321", "concurrency": "0x80072326"}
    for limit, code in limits.items():
        effect = {"throttled": {"limit": limit, "retry_after": {"seconds": 7}}}
        session.fault(on={"class": "read"}, effect=effect)
        check(lambda: client.records.list("account", top=1), 429, code, "exceed", True, 7)
    session.fault(on={"class": "read"}, effect={"status": {"status": 503, "code": "0x8004A001", "message": "busy"}})
    check(lambda: client.records.list("account", top=1), 503, "0x8004A001", "busy", True)
    session.fault(on={"class": "read"}, effect={"status": {"status": 502, "html": True}})
    check(lambda: client.records.list("account", top=1), 502, None, "HTTP 502", True)
    session.fault(on={"class": "read"}, effect="unauthorized")
    error = refusal(lambda: client.records.list("account", top=1))
    assert (error.status_code, error.is_transient) == (401, False), repr(error)


def of_entra(session):
    def refused(client):
        try:
            client.records.list("account", top=1)
        except ClientAuthenticationError as error:
            return error.message
        raise AssertionError("a token was given out")

    assert "AADSTS7000215" in refused(session.client(secret="not the secret"))
    session.switch(secret_expired=True)
    assert "AADSTS7000222" in refused(session.client())
    session.switch(secret_expired=False)
    session.application["tenant_id"] = NOBODY
    assert "authority configuration" in refused(session.client())


def main():
    session = open_session()
    with session.client() as client:
        of_rows(client)
        of_rights(session, client)
        of_limits(session, client)
    of_entra(session)


main()
