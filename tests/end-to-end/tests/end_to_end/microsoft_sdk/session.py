"""What every program here begins with: the SDK and Microsoft's own credential, before the simulator.

The programs take the simulator's plain address as their first argument. An `assert` that does not hold
ends them with its line; what they leave behind in the simulator is checked by whoever started them.
"""

import atexit
import os
import shutil
import sys
import tempfile
from urllib.parse import urlsplit

import requests
from azure.identity import ClientSecretCredential
from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.core.errors import DataverseError

import secure_end


class Session:
    """The simulator as a caller from outside sees it, and its control surface."""

    def __init__(self, plain):
        self._plain = plain
        folder = tempfile.mkdtemp(prefix="microsoft-sdk-")
        atexit.register(shutil.rmtree, folder)
        certificate = os.path.join(folder, "simulator.pem")
        secure_end.make_certificate(certificate)
        # Read by `requests`, which the SDK and the credential both speak through.
        os.environ["REQUESTS_CA_BUNDLE"] = certificate
        self.host = f"{secure_end.HOST}:{secure_end.start(certificate, urlsplit(plain).port)}"
        self.application = requests.get(f"{plain}/simulator/credentials").json()
        self.switch(https_links=True)

    def client(self, secret=None):
        """A client with the right secret, or the one given."""
        secret = secret or self.application["client_secret"]
        return self.client_of(self.credential(ClientSecretCredential, client_secret=secret))

    def client_of(self, credential):
        return DataverseClient(base_url=f"https://{self.host}", credential=credential)

    def credential(self, kind, **proof):
        """One of Microsoft's credentials, which asks the simulator's Entra."""
        return kind(
            tenant_id=self.application["tenant_id"],
            client_id=self.application["client_id"],
            authority=self.host,
            # Else the public cloud is asked whether it knows the authority.
            disable_instance_discovery=True,
            **proof,
        )

    def switch(self, **switches):
        self._control("switches", switches)

    def fault(self, **fault):
        self._control("faults", fault)

    def _control(self, what, body):
        requests.post(f"{self._plain}/simulator/{what}", json=body).raise_for_status()


def open_session():
    return Session(sys.argv[1])


def refusal(call):
    """The error that the SDK makes of what `call` runs into."""
    try:
        answer = call()
    except DataverseError as error:
        return error
    raise AssertionError(f"it was not refused, but answered with {answer!r}")
