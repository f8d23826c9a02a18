"""What a server's certificate says: until when, for whom, how strong."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address

# A certificate bigger than this is no certificate of a phone system.
MAX_OCTETS = 64 * 1024
MAX_NAMES = 200


@dataclass(frozen=True, slots=True)
class Certificate:
    """The facts that an owner must know."""

    names: tuple[str, ...]  # of the extension for names; the subject's own where it has none
    starts: datetime
    ends: datetime
    own: bool  # signed by itself
    key: str  # "RSA", "EC", "Ed25519", …
    bits: int  # of the key; 0: not told in bits
    hashed_by: str  # "sha256"; empty where the algorithm has no hash of its own

    @property
    def is_weak(self) -> bool:
        """Whether key or signature can be forged in our time (RFC 9325 §4.2)."""
        least = {"RSA": 2048, "DSA": 1 << 30, "EC": 224}.get(self.key, 0)
        return self.bits < least or self.hashed_by in {"md5", "sha1"}

    def is_for(self, host: str) -> bool:
        """Whether it was made for this name or address (RFC 9525 §6.3)."""
        try:
            return str(ip_address(host)) in self.names
        except ValueError:
            pass
        wanted = host.lower().rstrip(".")
        parent = wanted.partition(".")[2]
        return any(
            name == wanted or (name.startswith("*.") and name[2:] == parent and "." in parent)
            for name in self.names
        )


def read_certificate(der: bytes) -> Certificate:
    """What it says. Raises ValueError where it is none that can be read."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509.oid import NameOID

    if len(der) > MAX_OCTETS:
        raise ValueError(f"a certificate of {len(der):,} octets")
    try:
        with warnings.catch_warnings():  # of what a later version will refuse: a stranger's oddity
            warnings.simplefilter("ignore")
            found = x509.load_der_x509_certificate(der)
        names: list[str] = []
        try:
            other = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            names += (name.lower() for name in other.get_values_for_type(x509.DNSName))
            names += (str(name) for name in other.get_values_for_type(x509.IPAddress))
        except x509.ExtensionNotFound:
            common = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
            names += (str(attribute.value).lower() for attribute in common)
        hashed_by = found.signature_hash_algorithm
        key, bits = _key(found)
    except (
        UnsupportedAlgorithm,
        x509.DuplicateExtension,
        x509.InvalidVersion,
        x509.UnsupportedGeneralNameType,
        TypeError,  # of names in types that nobody uses
    ) as error:
        raise ValueError(f"a certificate of an unknown kind: {type(error).__name__}") from error
    return Certificate(
        tuple(names[:MAX_NAMES]),
        found.not_valid_before_utc,
        found.not_valid_after_utc,
        found.issuer == found.subject,
        key,
        bits,
        hashed_by.name if hashed_by is not None else "",
    )


def _key(certificate: object) -> tuple[str, int]:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

    assert isinstance(certificate, x509.Certificate)  # noqa: S101  said for the type checker
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return "RSA", key.key_size
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "EC", key.key_size
    if isinstance(key, dsa.DSAPublicKey):
        return "DSA", key.key_size
    return type(key).__name__.removesuffix("PublicKey").lstrip("_"), 0


def days_left(certificate: Certificate, now: datetime) -> int:
    """Whole days until it ends; negative once it has."""
    return (certificate.ends - now.astimezone(UTC)).days
