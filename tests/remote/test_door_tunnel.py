"""Who registered through the tunnel, and who only has a key."""

from __future__ import annotations

from ringfence.model.door import TUNNEL
from ringfence.remote.door_tunnel import Peer, doors_of, peers_of

NOW = 1_800_000_000.0
ANNA = Peer(("10.9.0.2", "fd00:9::2"), "198.51.100.7", NOW - 20)


def test_wg_is_read_without_its_keys() -> None:
    peers = peers_of(
        "KEYA=\t198.51.100.7:51820\nKEYB=\t(none)\nKEYC=\t[2001:db8::7]:51820\n",
        "KEYA=\t10.9.0.2/32 fd00:9::2/128\nKEYC=\t10.9.0.4/32 192.168.20.0/24\n",
        f"KEYA=\t{int(NOW)}\nKEYB=\t0\nKEYC=\tnonsense\n",
    )
    assert peers == [
        Peer(("10.9.0.2", "fd00:9::2"), "198.51.100.7", NOW),
        Peer((), "", 0.0),
        Peer(("10.9.0.4",), "2001:db8::7", 0.0),
    ]
    assert "KEY" not in repr(peers)


def test_a_registration_inside_opens_the_address_outside() -> None:
    (door,) = doors_of([ANNA], ["10.9.0.2"], {"10.9.0.2": "Anna"}, NOW)
    assert (door.address, door.name, door.how, door.by) == (
        "198.51.100.7", "Anna", TUNNEL, "10.9.0.2",
    )  # fmt: skip
    assert door.until == NOW + 3600


def test_a_key_without_a_registration_opens_nothing() -> None:
    assert doors_of([ANNA], ["10.9.0.3", "198.51.100.7"], {}, NOW) == []


def test_where_somebody_was_is_no_longer_his() -> None:
    old = Peer(ANNA.inside, ANNA.endpoint, NOW - 181)
    never = Peer(ANNA.inside, ANNA.endpoint, 0.0)
    ahead = Peer(ANNA.inside, ANNA.endpoint, NOW + 999)
    assert doors_of([old, never, ahead], ["10.9.0.2"], {}, NOW) == []


def test_a_phone_in_our_own_network_needs_no_door() -> None:
    assert doors_of([Peer(("10.9.0.2",), "192.168.1.5", NOW)], ["10.9.0.2"], {}, NOW) == []
