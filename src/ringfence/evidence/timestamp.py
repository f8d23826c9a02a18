"""Time stamps of RFC 3161: an authority says that it saw a hash at a time.

Only the SHA-256 leaves the house. The answer is bounded in size and time, no redirection
is followed, and whatever goes wrong is a StampError: the bag does not depend on it.
"""

from __future__ import annotations

import hashlib
import http.client
import time
import urllib.error
import urllib.parse
import urllib.request
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.utils import CryptographyDeprecationWarning

from ringfence.evidence.manifest import read_bounded
from ringfence.model.clock import utc
from ringfence.model.evidence import EvidenceError
from ringfence.model.text import shown

if TYPE_CHECKING:
    from rfc3161_client import TimeStampRequest, TimeStampResponse

# Octets of an answer: a token with its certificates has some 5 kB.
MAX_ANSWER = 256 * 1024
# Until the whole answer is there; who seals waits for it.
TIMEOUT_S = 20.0
_MAX_ROOTS = 1024 * 1024
_SHA256 = "2.16.840.1.101.3.4.2.1"
_GRANTED = (0, 1)
# What the libraries raise for octets that are no answer.
_MALFORMED = (
    ValueError,
    TypeError,
    LookupError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
)


class StampError(EvidenceError):
    """No time stamp, or none that holds."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """When an authority saw what was sealed, and who it says that it is."""

    at: str  # ISO 8601, UTC
    by: str
    is_checked: bool  # its signature leads to a root that the reader named


def require_timestamping() -> None:
    """Raise EvidenceError that says how to get what time stamps need."""
    try:
        import_module("rfc3161_client")
    except ModuleNotFoundError as error:
        raise StampError(
            "time stamps need rfc3161-client, which is not installed: "
            "`pip install 'ringfence[timestamp]'`"
        ) from error


def check_url(url: str) -> None:
    """Raise StampError for what is no address of an authority."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise StampError(f"--timestamp {shown(url)}: an address like https://tsa.example/ is meant")


def read_roots(path: str) -> tuple[x509.Certificate, ...]:
    """Certificates (PEM) of the authorities that the reader trusts. Raises EvidenceError."""
    try:
        octets = read_bounded(Path(path), _MAX_ROOTS) or b""
        return tuple(x509.load_pem_x509_certificates(octets))
    except OSError as error:
        raise EvidenceError(f"{path}: {error.strerror or error}") from error
    except ValueError as error:
        raise EvidenceError(f"{path}: no certificates in PEM form") from error


def ask_for_stamp(
    url: str, octets: bytes, roots: Sequence[x509.Certificate], timeout_s: float = TIMEOUT_S
) -> bytes:
    """The authority's answer about these octets, checked. Raises StampError."""
    require_timestamping()
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    check_url(url)
    request = TimestampRequestBuilder().data(octets).hash_algorithm(HashAlgorithm.SHA256).build()
    answer = _post(url, request.as_bytes(), timeout_s)
    try:
        read_stamp(answer, octets, roots, request)
    except StampError as error:
        raise StampError(f"{shown(url)}: {error}") from error
    return answer


def read_stamp(
    answer: bytes,
    octets: bytes,
    roots: Sequence[x509.Certificate] = (),
    request: TimeStampRequest | None = None,
) -> Stamp:
    """What the answer says of exactly these octets. Raises StampError."""
    require_timestamping()
    try:
        with warnings.catch_warnings():  # about oddities of strangers' certificates
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            return _read_stamp(answer, octets, roots, request)
    except _MALFORMED as error:
        raise StampError("this is no answer of a time stamp authority") from error


def _read_stamp(
    answer: bytes,
    octets: bytes,
    roots: Sequence[x509.Certificate],
    request: TimeStampRequest | None,
) -> Stamp:
    from rfc3161_client import decode_timestamp_response

    response = decode_timestamp_response(answer)
    if response.status not in _GRANTED:
        why = shown("; ".join(map(str, response.status_string)))[:200]
        said = f"status {response.status}{f': {why}' if why else ''}"
        raise StampError(f"the authority refuses ({said})")
    info = response.tst_info
    imprint = info.message_imprint
    if imprint.hash_algorithm.dotted_string != _SHA256:
        raise StampError("the time stamp is over another kind of hash than was asked for")
    if imprint.message != hashlib.sha256(octets).digest():
        raise StampError("the time stamp is for something else")
    if request is not None and info.nonce != request.nonce:
        raise StampError("the answer is one to another question (nonce)")
    if roots:
        _check_signature(response, octets, roots)
    moment = utc(int(info.gen_time.timestamp() * 1_000_000) * 1000) or ""
    return Stamp(moment, _name(response), bool(roots))


def _check_signature(
    response: TimeStampResponse, octets: bytes, roots: Sequence[x509.Certificate]
) -> None:
    from rfc3161_client import VerificationError, VerifierBuilder

    verifier = VerifierBuilder(roots=list(roots), intermediates=_certificates(response)).build()
    try:
        verifier.verify_message(response, octets)
    except (VerificationError, ValueError) as error:
        reason = shown(str(error)).partition(": ErrorStack")[0]
        raise StampError(
            f"its signature does not lead to an authority that was named: {reason}"
        ) from error


def _certificates(response: TimeStampResponse) -> list[x509.Certificate]:
    """Those that came along between the authority's own and a root."""
    found = [x509.load_der_x509_certificate(der) for der in response.signed_data.certificates]
    return [c for c in found if c.issuer != c.subject and _signs_others(c)]


def _signs_others(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _name(response: TimeStampResponse) -> str:
    """Who signed, as the certificate that came along calls it."""
    signers = {(s.issuer, s.serial_number) for s in response.signed_data.signer_infos}
    certificates = map(x509.load_der_x509_certificate, response.signed_data.certificates)
    names = [c.subject for c in certificates if (c.issuer, c.serial_number) in signers]
    return shown(names[0].rfc4514_string())[:200] if names else "an authority without a name"


def _post(url: str, body: bytes, timeout_s: float) -> bytes:
    """The answer to one POST, whole within the time. Raises StampError."""
    headers = {"Content-Type": "application/timestamp-query", "User-Agent": "ringfence"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310  check_url knows http(s) only
    end = time.monotonic() + timeout_s
    try:
        with _opener().open(request, timeout=timeout_s) as answer:
            return _read(answer, end)
    except urllib.error.HTTPError as error:
        raise StampError(f"{shown(url)}: the authority answers {error.code}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise StampError(f"{shown(url)}: no answer: {shown(str(reason))}") from error


def _read(answer: http.client.HTTPResponse, end: float) -> bytes:
    octets = b""
    while piece := answer.read1(65_536):
        octets += piece
        if len(octets) > MAX_ANSWER:
            raise ValueError(f"more than {MAX_ANSWER} octets")
        if time.monotonic() > end:
            raise TimeoutError("it took too long")
    return octets


def _opener() -> urllib.request.OpenerDirector:
    """HTTP and HTTPS by way of the user's proxy; nothing that redirects, no files, no FTP."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener
