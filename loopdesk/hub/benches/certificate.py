"""The hub's own certificate, which benches know by its SHA-256 from the join code and pin whole."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import secrets
import ssl
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID: Final = timedelta(days=3650)
BACKDATED: Final = timedelta(days=366)
"""A bench's clock may be wrong: by so much it may be behind."""


def make_certificate(host: str, now: datetime, certificate: Path, key: Path) -> None:
    """Make a self-signed certificate for the hub, and write it with its key, readable by its owner alone.

    Its name is unique: of two pinned certificates of one name OpenSSL would try the first only.

    Args:
        host: The name or IP address by which benches reach the hub.
        now: Aware UTC.
        certificate, key: The PEM files; neither may exist.

    Raises:
        OSError: One exists, or cannot be written.
    """
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"loopdesk hub {secrets.token_hex(8)}")])
    public = private.public_key()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName([_general_name(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        .sign(private, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8
    _write(key, private.private_bytes(pem, form, serialization.NoEncryption()), 0o600)
    _write(certificate, made.public_bytes(pem), 0o644)


def read_certificate(certificate: Path) -> x509.Certificate:
    """Read a PEM file.

    Raises:
        OSError: The file cannot be read.
        ValueError: It holds no certificate.
    """
    return x509.load_pem_x509_certificate(certificate.read_bytes())


def pinned_fingerprint(certificate: Path) -> bytes:
    """Return the SHA-256 by which benches must know a certificate that nobody else signed; b"" for one that
    an authority did.

    Raises:
        OSError: The file cannot be read.
        ValueError: It holds no certificate.
    """
    found = read_certificate(certificate)
    if found.issuer != found.subject:
        return b""
    return hashlib.sha256(found.public_bytes(serialization.Encoding.DER)).digest()


def begins_at(certificate: Path) -> datetime:
    """Return when a certificate begins, aware UTC.

    Raises:
        OSError: The file cannot be read.
        ValueError: It holds no certificate.
    """
    return read_certificate(certificate).not_valid_before_utc


def ends_at(certificate: Path) -> datetime:
    """Return when a certificate ends, aware UTC.

    Raises:
        OSError: The file cannot be read.
        ValueError: It holds no certificate.
    """
    return read_certificate(certificate).not_valid_after_utc


def der_of(certificate: Path) -> bytes:
    """Return a certificate as TLS shows it.

    Raises:
        OSError: The file cannot be read.
        ValueError: It holds no certificate.
    """
    return read_certificate(certificate).public_bytes(serialization.Encoding.DER)


def check_pair(certificate: Path, key: Path) -> None:
    """Check that a certificate and a key are a pair that TLS can serve.

    Raises:
        OSError: One cannot be read, or they are no pair (``ssl.SSLError``).
    """
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _write(file: Path, content: bytes, mode: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as opened:
        opened.write(content)
