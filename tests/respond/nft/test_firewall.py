"""Tables and measures in the real kernel: what passes, what is kept, what is left alone."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringfence.model.decision import BLOCK, LIMIT, NARROW
from ringfence.model.measure import FirewallError, Measure, MeasureError
from ringfence.respond.nft.firewall import Nftables, seconds_left
from ringfence.respond.nft.program import Program
from ringfence.respond.nft.shape import CROWD, STRANGER, Shape
from tests.respond.block.wire import FRIENDS, HERE, Wire, needs
from tests.respond.nft.measures import NOW, measure

ATTACKER, OFFICE, SIX = "203.0.113.66", "198.51.100.9", "2001:db8::66"
AT_DEVICE = Shape(devices=("eth0",))
ANYWHERE = Shape()


def ports_of(address: str, *ports: int) -> list[tuple[str, int]]:
    return [(address, port) for port in ports]


@needs("nft")
@pytest.mark.parametrize("shape", [ANYWHERE, AT_DEVICE], ids=["prerouting", "ingress"])
def test_block_and_narrow_drop_what_they_name_and_nothing_else(
    wire: Wire, firewall: Nftables, shape: Shape
) -> None:
    firewall.stand(shape)
    everybody = [
        *ports_of(ATTACKER, 5060, 1024), (SIX, 5060), *ports_of(OFFICE, 40000, 5060),
        (FRIENDS[0], 5060), (FRIENDS[1], 5060),
    ]  # fmt: skip
    assert sorted(wire.passing(everybody)) == sorted(everybody)
    block, six = measure(ATTACKER), measure(SIX, identifier="00000006")
    narrow = measure(OFFICE, NARROW, (40000,), identifier="00000002")
    firewall.apply([block, six, narrow], NOW)
    assert sorted(wire.passing(everybody)) == sorted(
        [(OFFICE, 5060), (FRIENDS[0], 5060), (FRIENDS[1], 5060)]
    )
    held = {one.id: one for one in firewall.held()}
    assert {i: (h.action, h.address, h.ports, h.dropped, h.passed) for i, h in held.items()} == {
        "0123abcd": (BLOCK, ATTACKER, (), 2, 0),
        "00000006": (BLOCK, SIX, (), 1, 0),
        "00000002": (NARROW, OFFICE, (40000,), 1, 0),
    }
    firewall.withdraw([block, held["00000006"], narrow])
    assert sorted(wire.passing(everybody)) == sorted(everybody)
    assert firewall.held() == ()


@needs("nft")
def test_networks_of_one_customer_are_blocked_whole(wire: Wire, firewall: Nftables) -> None:
    firewall.apply([measure("203.0.113.0/24"), measure("2001:db8::/64", identifier="6" * 8)], NOW)
    senders = [(ATTACKER, 5060), (SIX, 5060), (OFFICE, 5060), (FRIENDS[1], 5060)]
    assert sorted(wire.passing(senders)) == sorted([(OFFICE, 5060), (FRIENDS[1], 5060)])
    dropped = {one.address: one.dropped for one in firewall.held()}
    assert dropped["203.0.113.0/24"] == 1
    assert dropped["2001:db8::/64"] >= 1, "the neighbour that asks for us comes from it as well"


@needs("nft")
def test_the_kernel_ends_a_block_and_a_second_one_begins_it_anew(
    wire: Wire, firewall: Nftables
) -> None:
    firewall.apply([measure(ATTACKER, lasts=timedelta(hours=1))], NOW)
    firewall.apply([measure(ATTACKER, lasts=timedelta(hours=9), identifier="9" * 8)], NOW)
    (one,) = firewall.held()
    assert (one.id, one.left_s > 8 * 3600) == ("9" * 8, True)
    firewall.apply([measure(ATTACKER, lasts=timedelta(seconds=1))], NOW)
    watch = "for n in $(seq 200); do nft list set inet ringfence block4 | grep -q 203.0 || exit 0; "
    wire.run("sh", "-c", f"{watch} sleep .02; done; exit 1")
    assert wire.passing([(ATTACKER, 5060)]) == [(ATTACKER, 5060)]
    assert firewall.held() == ()


class _Counting(Program):
    """Nft, and what it was told in each transaction: create, add, delete."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(("ip", "netns", "exec", f"{wire.prefix}in", "nft"))
        self.told: list[list[str]] = []

    def change(self, commands: Sequence[Mapping[str, Any]]) -> None:
        self.told.append([word for one in commands for word in one])
        super().change(commands)


@needs("nft")
def test_new_measure_waits_for_no_delete_and_one_that_is_there_begins_anew(wire: Wire) -> None:
    """Twenty milliseconds become five, where it is a matter of milliseconds."""
    nft = _Counting(wire)
    firewall = Nftables(nft, lambda _: True)
    firewall.stand(Shape(("eth0",)))
    firewall.apply([measure(ATTACKER), measure(OFFICE, LIMIT, identifier="2" * 8)], NOW)
    assert nft.told == [["create"] * 4]
    wire.run("nft", "delete", "element", "inet", "ringfence", "block4", f"{{ {ATTACKER} }}")
    longer = [measure(ATTACKER, lasts=timedelta(hours=9)), measure("203.0.113.7")]
    assert not firewall.apply(longer, NOW)  # one half is there, one is not, one is new
    assert nft.told[1:] == [["create"] * 2, ["add", "delete", "add"] * 2]
    held = {one.address: one.left_s for one in firewall.held()}
    assert held[ATTACKER] > 8 * 3600
    assert sorted(held) == sorted([ATTACKER, OFFICE, "203.0.113.7"])
    assert wire.passing([(ATTACKER, 5060), (OFFICE, 5060)]) == [(OFFICE, 5060)]


@needs("nft")
def test_one_measure_takes_the_place_of_another_in_one_transaction(
    wire: Wire, firewall: Nftables
) -> None:
    firewall.apply([measure(OFFICE)], NOW)
    narrow = measure(OFFICE, NARROW, (40000,), identifier="2" * 8)
    firewall.apply([narrow], NOW, instead_of=firewall.held())
    assert wire.passing(ports_of(OFFICE, 40000, 5060)) == [(OFFICE, 5060)]


@needs("nft")
@pytest.mark.parametrize("shape", [ANYWHERE, AT_DEVICE], ids=["prerouting", "ingress"])
def test_connection_that_exists_is_cut_without_a_look_at_conntrack(
    wire: Wire, firewall: Nftables, shape: Shape
) -> None:
    firewall.stand(shape)
    # Another's rules track connections, and let what is established through.
    wire.run("nft", "add table inet mine; add chain inet mine in { type filter hook input "
                    "priority 0; }; add rule inet mine in ct state established accept")  # fmt: skip
    with (
        wire._socket("in", socket.AF_INET, HERE[0], 5060, socket.SOCK_STREAM) as server,
        wire._socket("out", socket.AF_INET, ATTACKER, 0, socket.SOCK_STREAM) as theirs,
    ):
        server.listen()
        theirs.connect((HERE[0], 5060))
        ours, _ = server.accept()
        with ours:
            theirs.sendall(b"REGISTER")
            ours.settimeout(2)
            assert ours.recv(99) == b"REGISTER"
            firewall.apply([measure(ATTACKER)], NOW)
            theirs.sendall(b"again")
            # What is sent after it by another arrives: so what is not there now was dropped.
            assert wire.passing([(FRIENDS[0], 5060)]) == [(FRIENDS[0], 5060)]
            ours.setblocking(False)
            with pytest.raises(BlockingIOError):
                ours.recv(99)
    (held,) = firewall.held()
    assert held.dropped >= 1
    assert held.passed == 0


@needs("nft")
def test_what_comes_by_another_interface_is_dropped_later_and_told(
    wire: Wire, firewall: Nftables
) -> None:
    wire.run("ip", "link", "add", "eth9", "type", "veth")
    firewall.stand(Shape(devices=("eth9",)))
    firewall.apply([measure(ATTACKER)], NOW)
    assert wire.passing([(ATTACKER, 5060)]) == []
    (held,) = firewall.held()
    assert (held.dropped, held.late, held.passed) == (1, 1, 0)


@needs("nft")
def test_packets_that_get_through_all_the_same_are_counted(wire: Wire, firewall: Nftables) -> None:
    narrow = measure(OFFICE, NARROW, (40000,), identifier="2" * 8)
    firewall.apply([measure(ATTACKER), measure("2001:db8::/64", identifier="6" * 8), narrow], NOW)
    wire.run("nft", "flush", "chain", "inet", "ringfence", "prerouting")
    senders = [*ports_of(ATTACKER, 1, 2), (SIX, 5060), *ports_of(OFFICE, 40000, 5060)]
    assert len(wire.passing(senders)) == len(senders)
    found = {one.address: one for one in firewall.held()}
    assert (found[ATTACKER].dropped, found[ATTACKER].passed) == (0, 2)
    assert (found[OFFICE].dropped, found[OFFICE].passed) == (0, 1)
    assert (found["2001:db8::/64"].dropped, found["2001:db8::/64"].passed > 0) == (0, True)
    assert firewall.standing() is None
    assert firewall.stand(), "mended"
    assert wire.passing(senders) == [(OFFICE, 5060)]
    assert {one.address for one in firewall.held()} == {ATTACKER, "2001:db8::/64", OFFICE}


@needs("nft")
def test_crash_and_restart_lose_no_block_and_no_counter(wire: Wire, firewall: Nftables) -> None:
    firewall.stand(Shape(devices=("eth0",), stranger=STRANGER, crowd=CROWD))
    firewall.apply([measure(ATTACKER)], NOW)
    firewall.befriend([ip_network(f"{FRIENDS[0]}/32"), ip_network("192.0.2.128/25")])
    wire.passing([(ATTACKER, 5060)])
    again = Nftables(firewall._program)
    assert again.stand() is False
    assert again.standing() == firewall.standing()
    assert [(h.address, h.dropped) for h in again.held()] == [(ATTACKER, 1)]
    again.apply([measure(SIX, identifier="6" * 8)], NOW)
    before = again.held()
    assert again.stand(Shape()), "another shape: made anew, and all of it taken over"
    assert [(h.address, h.left_s > 3500) for h in again.held()] == [
        (h.address, True) for h in before
    ]
    assert wire.passing([(ATTACKER, 5060), (SIX, 5060)]) == []
    assert "192.0.2.128/25" in wire.run("nft", "list", "set", "inet", "ringfence", "allow4")


@needs("nft")
def test_tables_that_somebody_flushed_come_back_with_the_next_measure(
    wire: Wire, firewall: Nftables
) -> None:
    firewall.stand(AT_DEVICE)
    wire.run("nft", "flush", "ruleset")
    firewall.apply([measure(ATTACKER)], NOW)
    assert firewall.standing() == AT_DEVICE
    assert wire.passing([(ATTACKER, 5060)]) == []


@needs("nft")
def test_tables_of_another_form_are_made_anew_with_what_they_hold(
    wire: Wire, firewall: Nftables
) -> None:
    firewall.apply([measure(ATTACKER)], NOW)
    form = "inet ringfence form"
    wire.run("nft", f'delete element {form} {{ 1 }}; add element {form} {{ 1 comment "0 x=1" }}')
    assert Nftables(firewall._program).stand()
    assert [one.address for one in firewall.held()] == [ATTACKER]


@needs("nft")
def test_tables_of_others_are_the_same_before_and_after(wire: Wire, firewall: Nftables) -> None:
    theirs = """\
add table inet filter
add set inet filter s { type ipv4_addr; }
add element inet filter s { 192.0.2.9 }
add chain inet filter input { type filter hook input priority 0; }
add rule inet filter input ip saddr @s counter drop
add table netdev ringfence_mine
add chain netdev ringfence_mine c { type filter hook ingress device "eth0" priority 0; }
add rule netdev ringfence_mine c counter
"""
    for line in theirs.splitlines():
        wire.run("nft", line)
    before = wire.run("nft", "--stateless", "-a", "list", "ruleset")
    firewall.stand(AT_DEVICE)
    firewall.apply([measure(ATTACKER)], NOW)
    firewall.befriend([ip_network("198.51.100.0/24")], [ip_address(FRIENDS[0])])
    firewall.stand(ANYWHERE)
    firewall.withdraw(firewall.held())
    firewall.remove()
    firewall.remove()
    assert wire.run("nft", "--stateless", "-a", "list", "ruleset") == before


# ------------------------------------------------- whom nothing may hurt


ADDRESSES = st.sampled_from([ATTACKER, OFFICE, SIX, *FRIENDS])
NETWORKS = st.sampled_from(["203.0.113.0/24", "198.51.100.0/24", "2001:db8::/64"])


@st.composite
def measures(draw: st.DrawFn) -> Measure:
    action = draw(st.sampled_from([BLOCK, NARROW, LIMIT]))
    ports = (draw(st.sampled_from([5060, 40000])),) if action == NARROW else ()
    address = draw(st.one_of(ADDRESSES, NETWORKS) if action == BLOCK else ADDRESSES)
    return measure(address, action, ports, identifier=f"{draw(st.integers(0, 9))}" * 8)


@needs("nft")
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    decided=st.lists(measures(), min_size=1, max_size=6),
    allowed=st.lists(ADDRESSES, min_size=1, max_size=3),
    early=st.booleans(),
)
def test_allowed_address_passes_whatever_is_decided(
    wire: Wire, firewall: Nftables, decided: list[Measure], allowed: list[str], early: bool
) -> None:
    firewall.remove()
    firewall.stand(Shape(("eth0",) if early else (), stranger=STRANGER, crowd=CROWD))
    firewall.apply(decided, NOW)
    firewall.befriend([ip_network(one) for one in {*allowed, *FRIENDS}])
    senders = [(one, port) for one in allowed for port in (5060, 40000)]
    assert sorted(wire.passing(senders)) == sorted(senders)


@needs("nft")
def test_open_connection_to_ssh_stays_open_and_opens_nothing_else(
    wire: Wire, firewall: Nftables
) -> None:
    firewall.befriend([], [ip_address(ATTACKER)])
    with (
        wire._socket("in", socket.AF_INET, HERE[0], 22, socket.SOCK_STREAM) as server,
        wire._socket("out", socket.AF_INET, ATTACKER, 0, socket.SOCK_STREAM) as theirs,
    ):
        server.listen()
        theirs.connect((HERE[0], 22))
        ours, _ = server.accept()
        with ours:
            firewall.apply([measure(ATTACKER)], NOW)
            theirs.sendall(b"uptime")
            ours.settimeout(2)
            assert ours.recv(99) == b"uptime"
    assert wire.passing([(ATTACKER, 5060)]) == []


# ------------------------------------------------- strangers


def burst(wire: Wire, address: str, number: int, port: int = 5060) -> int:
    """How many of so many datagrams, sent at once, arrive."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    here, friend = HERE[":" in address], FRIENDS[":" in address]
    with (
        wire._socket("in", family, here, port) as ours,
        wire._socket("out", family, address, 30000) as theirs,
        wire._socket("out", family, friend, 30001) as last,
    ):
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        ours.settimeout(2)
        for _ in range(number):
            theirs.sendto(b"REGISTER", (here, port))
        last.sendto(b"end", (here, port))
        found = 0
        while ours.recvfrom(64)[0] != b"end":
            found += 1
        return found


@needs("nft")
@pytest.mark.parametrize("devices", [(), ("eth0",)], ids=["prerouting", "ingress"])
@pytest.mark.parametrize("address", [ATTACKER, SIX])
def test_stranger_who_guesses_is_held_while_nobody_watches(
    wire: Wire, firewall: Nftables, devices: tuple[str, ...], address: str
) -> None:
    firewall.stand(Shape(devices, stranger=STRANGER, crowd=CROWD))
    arrived = burst(wire, address, 1000)
    assert STRANGER.burst <= arrived <= STRANGER.burst + STRANGER.a_second
    assert firewall.slowed()["strangers"] == 1000 - arrived


@needs("nft")
def test_phone_with_a_wrong_password_and_an_office_that_comes_back_are_not_hurt(
    wire: Wire, firewall: Nftables
) -> None:
    firewall.stand(Shape(("eth0",), stranger=STRANGER, crowd=CROWD))
    assert burst(wire, ATTACKER, 16) == 16, "a real phone, within 8 ms"
    assert burst(wire, OFFICE, 200) == 200, "50 phones: REGISTER twice, SUBSCRIBE twice"


@needs("nft")
def test_users_and_media_are_not_slowed_down(wire: Wire, firewall: Nftables) -> None:
    firewall.stand(Shape(("eth0",), stranger=STRANGER, crowd=CROWD))
    firewall.know([ip_address(OFFICE)], 3600)
    assert burst(wire, OFFICE, 1000) == 1000
    assert burst(wire, ATTACKER, 1000, port=10000) == 1000, "media goes to other ports"


@needs("nft")
def test_crowd_of_strangers_has_a_rate_of_its_own(wire: Wire, firewall: Nftables) -> None:
    small = Shape(stranger=STRANGER, crowd=type(CROWD)(1, 5))
    firewall.stand(small)
    firewall.befriend([ip_network(FRIENDS[0])])
    firewall.know([ip_address(OFFICE)], 3600)
    assert burst(wire, ATTACKER, 50) <= 6
    assert burst(wire, OFFICE, 50) == 50
    assert firewall.slowed()["crowd"] >= 44


@needs("nft")
def test_address_that_may_be_forged_is_slowed_down_and_not_shut_out(
    wire: Wire, firewall: Nftables
) -> None:
    firewall.stand(AT_DEVICE)
    firewall.apply([measure(ATTACKER, LIMIT)], NOW)
    arrived = burst(wire, ATTACKER, 100)
    assert 10 <= arrived <= 15
    assert burst(wire, ATTACKER, 100, port=10000) == 100
    (held,) = firewall.held()
    assert (held.action, held.dropped, held.passed) == (LIMIT, 100 - arrived, 0)


# ------------------------------------------------- numbers, and what goes wrong


@needs("nft")
def test_twenty_thousand_blocks_are_one_transaction(wire: Wire, firewall: Nftables) -> None:
    many = [measure(f"198.18.{n >> 8}.{n & 255}", identifier=f"{n:08x}") for n in range(20_000)]
    firewall.stand(AT_DEVICE)
    firewall.apply([*many, measure(ATTACKER)], NOW)
    assert wire.passing([(ATTACKER, 5060)]) == []
    assert len(firewall.held()) == 20_001
    firewall.stand(ANYWHERE)
    assert len(firewall.held()) == 20_001


@needs("nft")
def test_interface_that_is_not_there_says_what_to_do(wire: Wire, firewall: Nftables) -> None:
    with pytest.raises(FirewallError, match=r"no interface eth77: see .ip link.*--device"):
        firewall.stand(Shape(devices=("eth77",)))
    assert firewall.standing() is None
    assert wire.run("nft", "list", "ruleset") == ""


@needs("nft", "setpriv")
def test_without_permission_it_says_sudo_and_dry_run(wire: Wire) -> None:
    powerless = (
        "ip", "netns", "exec", f"{wire.prefix}in",
        "setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin", "nft",
    )  # fmt: skip
    with pytest.raises(FirewallError, match=r"CAP_NET_ADMIN.*sudo.*--dry-run"):
        Nftables(Program(powerless)).stand()


@needs("nft")
def test_measure_that_ends_in_the_past_or_never_is_refused(firewall: Nftables) -> None:
    for lasts in (timedelta(0), timedelta(seconds=-5), timedelta(days=400)):
        with pytest.raises(MeasureError, match="over"):
            firewall.apply([measure(ATTACKER, lasts=lasts)], NOW)
    assert firewall.standing() is None


def test_seconds_are_rounded_up() -> None:
    assert seconds_left(measure(ATTACKER, lasts=timedelta(seconds=90)), NOW) == 90
    with pytest.raises(MeasureError, match="end"):
        seconds_left(Measure("0" * 8, BLOCK, ATTACKER, "", "", "", "tomorrow"), NOW)


def test_preview_is_what_nft_would_get() -> None:
    tables, transaction = Nftables().preview([measure(ATTACKER)], AT_DEVICE, NOW)
    assert 'devices = { "eth0" }' in tables
    assert '"val":"203.0.113.66","timeout":3600,"comment":"0123abcd"' in transaction
