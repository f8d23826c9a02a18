"""What was not decoded, by reason, in words."""

from __future__ import annotations

from ringfence.model.clock import utc
from ringfence.wire import _columns as columns
from ringfence.wire._batch import Batch

__all__ = ["not_decoded", "utc"]

REASONS = {
    columns.R_LINK_UNKNOWN: "link layer not known",
    columns.R_NOT_IP: "not IP",
    columns.R_LINK_CUT: "link header cut off",
    columns.R_IP_DAMAGED: "IP or TCP header damaged",
    columns.R_LAYERS_TOO_MANY: "too many layers of tunnels",
    columns.R_ENCRYPTED_IP: "encrypted (IPsec)",
    columns.R_TRANSPORT_OTHER: "neither UDP nor TCP",
    columns.R_UDP_DAMAGED: "UDP header damaged",
    columns.R_UDP_OTHER: "UDP, not SIP",
    columns.R_MEDIA: "media (RTP), counted only",
    columns.R_TCP_EMPTY: "TCP without data",
    columns.R_TCP_OTHER: "TCP, not SIP",
    columns.R_TLS_ENCRYPTED: "encrypted (TLS)",
    columns.R_FRAGMENT: "IP fragments, put together",
    columns.R_HEP_DAMAGED: "HEP damaged",
    columns.R_CUT_PACKETS: "cut by the capture, used as far as they go",
    columns.R_RECORD_DAMAGED: "capture record damaged",
}


def not_decoded(batch: Batch) -> dict[str, int]:
    """Packets that gave no message of their own, by reason; zeros left out."""
    return {words: batch.counts[n] for n, words in REASONS.items() if batch.counts[n]}
