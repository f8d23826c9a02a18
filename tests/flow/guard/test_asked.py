"""What a guard is asked: the command line before the settings, and what makes no sense is said."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from ringfence.flow.guard import asked as asking
from ringfence.flow.guard.asked import Said, default_interfaces
from ringfence.model.guarding import GuardError, Guarding, LogWanted, ServiceWanted
from ringfence.model.machines import Threecx
from ringfence.model.settings import GuardSettings, Settings

NO_3CX = Threecx()
HEARS = GuardSettings(interfaces=("eth1",))


def asked(settings: GuardSettings, said: Said, threecx: Threecx = NO_3CX) -> Guarding:
    return asking.asked(Settings(guard=settings, threecx=threecx), said)


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without anything."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "run"))
    monkeypatch.delenv("RINGFENCE_STORE", raising=False)


def test_command_line_goes_before_the_settings(tmp_path: Path) -> None:
    said = Said(
        ("eth0",), (5080,), known=("192.0.2.7",), enforce=True, store=str(tmp_path / "s.db")
    )
    wanted = asked(HEARS, said)
    assert (wanted.hears.interfaces, wanted.hears.ports) == (("eth0",), (5080,))
    assert wanted.known == (ip_address("192.0.2.7"),)
    assert wanted.enforce
    assert (wanted.store, wanted.folder) == (str(tmp_path / "s.db"), str(tmp_path / "cases"))
    assert wanted.run == str(tmp_path / "run")


def test_settings_say_everything() -> None:
    settings = GuardSettings(
        interfaces=("eth1",), hep="[::1]:9061", logs=("kamailio:/var/log/k:1",), mark="w0rd",
        ami="ring@pbx@192.0.2.1", ami_secret="a", freeswitch="[2001:db8::1]:8022",
        freeswitch_secret="b",
        trunks=("192.0.2.9",), before_s=5, buffer_mb=2,
    )  # fmt: skip
    pbx = Threecx(url="https://pbx.example", client_id="c", secret="d")
    wanted = asked(settings, Said(), pbx)
    hears = wanted.hears
    assert hears.hep is not None
    assert (hears.hep.address, hears.hep.port) == ("::1", 9061)
    assert hears.logs == (LogWanted("kamailio", "/var/log/k:1", "w0rd"),)
    assert hears.services == (
        ServiceWanted("ami", "192.0.2.1", 5038, "ring@pbx", "a"),
        ServiceWanted("freeswitch", "2001:db8::1", 8022, "", "b"),
        ServiceWanted("3cx", "https://pbx.example", 0, "c", "d"),
    )
    assert wanted.trunks == (ip_address("192.0.2.9"),)
    assert (wanted.before_s, wanted.buffer_octets, wanted.enforce) == (5, 2 * 1024 * 1024, False)
    assert "w0rd" not in repr(wanted)


def test_logs_alone_are_heard_without_any_interface() -> None:
    wanted = asked(GuardSettings(logs=("asterisk:/var/log/asterisk/security",)), Said())
    assert wanted.hears.interfaces == ()
    assert not wanted.hears.has_packets


def test_hep_from_other_machines_takes_a_key_or_their_names() -> None:
    with pytest.raises(GuardError, match="could make up attacks of anybody"):
        asked(GuardSettings(), Said(hep="192.0.2.1:9060"))
    keyed = asked(GuardSettings(hep_key="s"), Said(hep="192.0.2.1:9060")).hears.hep
    named = asked(GuardSettings(hep_from=("10.0.0.0/8",)), Said(hep="192.0.2.1:9060")).hears.hep
    assert keyed is not None
    assert keyed.key == "s"
    assert named is not None
    assert named.senders == (ip_network("10.0.0.0/8"),)
    here = asked(GuardSettings(), Said(hep="9060")).hears.hep
    assert here is not None
    assert here.address == "127.0.0.1"


@pytest.mark.parametrize(
    ("settings", "said", "says"),
    [
        (HEARS, Said(hep="nowhere:9060"), "say 9060"),
        (HEARS, Said(logs=("/var/log/x",)), "say KIND:PATH"),
        (HEARS, Said(logs=("exim:/var/log/x",)), "with a kind of asterisk"),
        (HEARS, Said(trunks=("carrier.example",)), "--trunk carrier.example: not an IP address"),
        (GuardSettings(ami="192.0.2.1"), Said(), "write USER@HOST"),
        (GuardSettings(ami="a@192.0.2.1"), Said(), "guard.ami has no secret"),
        (GuardSettings(ami="a@h:0", ami_secret="s"), Said(), "no port of 1 to 65535"),
    ],
)
def test_what_makes_no_sense_is_said(settings: GuardSettings, said: Said, says: str) -> None:
    with pytest.raises(GuardError, match=says):
        asked(settings, said)


ROUTES = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth9\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
eth0\t00000000\t0102000A\t0003\t0\t0\t100\t00000000\t0\t0\t0
"""
ZERO = "0" * 32
ROUTES_6 = f"""{ZERO} 00 {ZERO} 00 fe80 00000064 00000001 00000000 00000003 eth6
{ZERO} 00 {ZERO} 00 {ZERO} ffffffff 00000001 00000000 00200200 lo
"""


def test_interface_of_the_default_route_is_found(tmp_path: Path) -> None:
    four, six = tmp_path / "route", tmp_path / "route6"
    four.write_text(ROUTES)
    assert default_interfaces(four, six) == ("eth0",)
    six.write_text(ROUTES_6)
    assert default_interfaces(four, six) == ("eth0", "eth6")
    assert default_interfaces(tmp_path / "none", six) == ("eth6",)


def test_machine_without_a_default_route_says_so(tmp_path: Path) -> None:
    with pytest.raises(GuardError, match="name one with --interface"):
        default_interfaces(tmp_path / "none", tmp_path / "none")


def test_3cx_without_a_secret_is_said() -> None:
    with pytest.raises(GuardError, match="threecx has no secret"):
        asked(HEARS, Said(), Threecx(url="https://x"))
