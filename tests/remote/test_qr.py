"""A QR code holds the whole configuration."""

from __future__ import annotations

import segno

from ringfence.remote import qr
from ringfence.remote.wireguard import user_settings
from tests.model.test_remote import KEY, PEER, TUNNEL

TEXT = user_settings(TUNNEL, PEER, KEY, KEY, KEY)


def test_a_picture_and_blocks() -> None:
    assert qr.png(TEXT).startswith(b"\x89PNG\r\n\x1a\n")
    rows = segno.make(TEXT, error="m", micro=False).symbol_size(border=2)[1]
    assert len(qr.terminal(TEXT).strip("\n").splitlines()) in {rows // 2, rows // 2 + 1}


def test_another_configuration_is_another_picture() -> None:
    assert qr.png(TEXT) == qr.png(TEXT)
    assert qr.png(TEXT) != qr.png(TEXT.replace("10.87.12.2", "10.87.12.3"))
