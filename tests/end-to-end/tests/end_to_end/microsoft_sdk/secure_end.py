"""A TLS end in front of the simulator: the SDK refuses to send a token over plain HTTP.

Its certificate is made here, for this process alone, and nobody outside of it is told to trust it.
"""

import datetime
import ipaddress
import socket
import ssl
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "127.0.0.1"


def make_certificate(path):
    """Writes a key and a certificate for 127.0.0.1 that signs itself, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "TEST ONLY")])
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    # What strict verification, Python 3.13's default, wants of an authority.
    usage = dict.fromkeys(
        ["content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "crl_sign",
         "encipher_only", "decipher_only"],
        False,
    )
    subject_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .add_extension(x509.KeyUsage(digital_signature=True, key_cert_sign=True, **usage), True)
        .add_extension(subject_id, False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(subject_id), False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    with open(path, "wb") as file:
        file.write(certificate.public_bytes(pem))
        file.write(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


def start(certificate, upstream_port):
    """Listens on a free port, passes on what it deciphers, and says which port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server((HOST, 0))
    threading.Thread(target=_accept, args=(listener, context, upstream_port), daemon=True).start()
    return listener.getsockname()[1]


def _accept(listener, context, upstream_port):
    while True:
        plain, _ = listener.accept()
        threading.Thread(target=_serve, args=(plain, context, upstream_port), daemon=True).start()


def _serve(plain, context, upstream_port):
    try:
        caller = context.wrap_socket(plain, server_side=True)
    except OSError:
        # The caller went away, or does not trust the certificate and says so itself.
        plain.close()
        return
    upstream = socket.create_connection((HOST, upstream_port))
    threading.Thread(target=_pass_on, args=(upstream, caller), daemon=True).start()
    _pass_on(caller, upstream)


def _pass_on(source, target):
    try:
        while piece := source.recv(65_536):
            target.sendall(piece)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
