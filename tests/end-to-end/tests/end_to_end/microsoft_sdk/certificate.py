"""The credential that signs with a certificate: the argument after the address is its file."""

import sys

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CertificateCredential

from session import open_session


def main():
    session = open_session()
    registered, other = sys.argv[2:]
    with session.client_of(session.credential(CertificateCredential, certificate_path=registered)) as client:
        client.records.create("account", {"name": "SDK signed"})
    with session.client_of(session.credential(CertificateCredential, certificate_path=other)) as client:
        try:
            client.records.create("account", {"name": "SDK signed by another"})
        except ClientAuthenticationError as error:
            assert "AADSTS700027" in error.message, error.message
        else:
            raise AssertionError("a certificate that nobody registered was accepted")


main()
