"""The tunnel whole: real WireGuard, real Kamailio, real nftables, between namespaces."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from lab.accounts import ACCOUNTS
from ringfence.flow.install.units import unit
from ringfence.flow.remote import UNIT, RemoteAccess
from ringfence.model.remote import RemoteError
from ringfence.remote.command import Commands
from ringfence.remote.register import RegisterFiles
from tests.remote.internet import CLOSED, PBX, STRANGER, Internet, needs_wireguard
from tests.remote.phones import PACKETS, Phone

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ONE, OTHER = ACCOUNTS[0].user, ACCOUNTS[1].user


@dataclass
class Scene:
    """All up: a site, a user, the phone system, its port 5060 closed to the world."""

    internet: Internet
    inside: str
    inside6: str
    lan: IPv4Network
    before: int  # what a stranger was answered before the port was closed

    @property
    def user(self) -> str:
        return self._peer("ru")["address"]

    def _peer(self, kind: str) -> dict[str, str]:
        peers = json.loads(self.internet.ringfence("list", "--json"))["peers"]
        return next(one for one in peers if one["name"] == self.internet.device(kind))

    def desk_phone(self) -> Phone:
        return self.internet.phone("phone", str(self.lan[20]), self.inside, ONE)

    def softphone(self) -> Phone:
        return self.internet.phone("user", self.user, self.inside, OTHER)


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    # Of pytest's own folders only root may look into, and dnsmasq is not root for long.
    with TemporaryDirectory(prefix="internet") as made, Internet(Path(made)) as internet:
        Path(made).chmod(0o711)
        inside = internet.begin()
        register = RegisterFiles(internet.register).read()
        assert register is not None
        internet.start_pbx(inside, register.tunnel.pbx6)
        internet.join(internet.device("ru"))
        site = internet.open_site("branch")
        lan = IPv4Network(
            re.findall("^LAN=(.*)$", (site / "site.conf").read_text(), re.MULTILINE)[0]
        )
        internet.run("phone", "ip", "address", "add", f"{lan[20]}/24", "dev", "eth0")
        internet.run("phone", "ip", "route", "add", "default", "via", str(lan[1]))
        with closing(internet.phone("stranger", STRANGER, PBX, ONE)) as stranger:
            before = stranger.register(20.0)
        internet.run("pbx", "nft", "-f", "-", given=CLOSED)
        yield Scene(internet, inside, register.tunnel.pbx6, lan, before)


@needs_wireguard
def test_a_desk_phone_registers_and_calls_while_the_world_is_shut_out(scene: Scene) -> None:
    """Phone, gateway, Internet, phone system; and a softphone at the other end of the call."""
    assert scene.before == 200, "open to the world, as it was"
    with closing(scene.internet.phone("stranger", STRANGER, PBX, ONE)) as stranger:
        assert stranger.register(2.0) == 0
    with closing(scene.desk_phone()) as desk, closing(scene.softphone()) as soft:
        assert desk.register() == 200
        assert soft.register() == 200
        answering = desk.answering()
        assert soft.call(ONE) == 200
        answering.join(30)
        assert not answering.is_alive()
        assert soft.heard > PACKETS // 2
        assert desk.heard > PACKETS // 2


@needs_wireguard
def test_nobody_inside_reaches_anything_but_sip_and_media(scene: Scene) -> None:
    """Not SSH, not the web pages, not by the outside address of the same machine."""
    with (
        closing(scene.internet.socket("pbx", "0.0.0.0", 22, socket.SOCK_STREAM)) as ssh,  # noqa: S104
        closing(scene.internet.socket("pbx", "0.0.0.0", 5060 + 20)) as other,  # noqa: S104
        closing(scene.internet.socket("pbx", "0.0.0.0", 31_001)) as beyond,  # noqa: S104
    ):
        ssh.listen()
        for host, address in (("user", scene.user), ("phone", str(scene.lan[20]))):
            with closing(scene.internet.socket(host, address, kind=socket.SOCK_STREAM)) as caller:
                caller.settimeout(1.0)
                with pytest.raises(TimeoutError):
                    caller.connect((scene.inside, 22))
            with closing(scene.internet.socket(host, address)) as sender:
                sender.sendto(b"hello", (scene.inside, 5080))
                sender.sendto(b"hello", (scene.inside, 31_001))
        with closing(scene.internet.socket("user", scene.user, kind=socket.SOCK_STREAM)) as caller:
            caller.settimeout(20.0)
            caller.connect((scene.inside, 5060))  # the way itself is open
        for one in (other, beyond):
            one.settimeout(0.3)
            with pytest.raises(TimeoutError):
                one.recv(16)


@needs_wireguard
def test_no_peer_reaches_another(scene: Scene) -> None:
    """Even where a user changes his own file so that everything goes into the tunnel."""
    scene.internet.run("pbx", "sysctl", "-qw", "net.ipv4.ip_forward=1")
    name = scene.internet.device("ru")
    server = scene.internet.run("user", "wg", "show", name, "peers").strip()
    wide = f"{scene.inside}/24,{scene.lan}"
    scene.internet.run("user", "wg", "set", name, "peer", server, "allowed-ips", wide)
    scene.internet.run("user", "ip", "route", "replace", str(scene.lan), "dev", name)
    target = str(scene.lan[20])
    with (
        closing(scene.internet.socket("phone", target, 7000)) as desk,
        closing(scene.internet.socket("user", scene.user)) as sender,
    ):
        desk.settimeout(0.5)
        sender.sendto(b"hello", (target, 7000))
        with pytest.raises(TimeoutError):
            desk.recv(16)
    counted = scene.internet.run(
        "pbx", "nft", "list", "chain", "inet", "ringfence_remote", "passes"
    )
    assert re.search(r"iifname \S+ counter packets [1-9]", counted)


@needs_wireguard
def test_phones_of_a_site_reach_nothing_else(scene: Scene) -> None:
    with (
        closing(scene.internet.socket("stranger", STRANGER, 7000)) as somebody,
        closing(scene.internet.socket("phone", str(scene.lan[20]))) as desk,
        closing(scene.internet.socket("gw", str(scene.lan[1]), 22, socket.SOCK_STREAM)) as ssh,
        closing(
            scene.internet.socket("phone", str(scene.lan[20]), kind=socket.SOCK_STREAM)
        ) as caller,
    ):
        ssh.listen()
        somebody.settimeout(0.5)
        desk.sendto(b"hello", (STRANGER, 7000))
        with pytest.raises(TimeoutError):
            somebody.recv(16)
        caller.settimeout(1.0)
        with pytest.raises(TimeoutError):
            caller.connect((str(scene.lan[1]), 22))


@needs_wireguard
def test_who_is_near_the_machine_is_not_inside(scene: Scene) -> None:
    """The next machine on the same wire sends to the inside address directly."""
    scene.internet.run("net", "ip", "route", "replace", f"{scene.inside}/32", "via", PBX)
    with closing(scene.internet.phone("stranger", STRANGER, scene.inside, ONE)) as stranger:
        assert stranger.options(1.5) == 0
    with closing(scene.softphone()) as soft:
        assert soft.options() == 200


@needs_wireguard
def test_the_port_of_the_tunnel_says_nothing_to_strangers(scene: Scene) -> None:
    with closing(scene.internet.socket("stranger", STRANGER)) as stranger:
        stranger.connect((PBX, 51_820))
        stranger.settimeout(0.5)
        for octets in (b"hello", b"\x01\0\0\0" + os.urandom(144), b"\x04\0\0\0" + os.urandom(28)):
            stranger.send(octets)
            with pytest.raises(TimeoutError):
                stranger.recv(256)


@needs_wireguard
def test_revoked_is_out_at_once(scene: Scene) -> None:
    name, first = scene.internet.device("rx"), scene.internet.device("ru")
    folder = scene.internet.folder
    scene.internet.run("user", "wg-quick", "down", str(folder / f"{first}.conf"))
    try:
        scene.internet.join(name)
        peers = json.loads(scene.internet.ringfence("list", "--json"))["peers"]
        address = next(one["address"] for one in peers if one["name"] == name)
        with closing(scene.internet.phone("user", address, scene.inside, OTHER)) as soft:
            assert soft.register() == 200
            scene.internet.ringfence("revoke", name)
            assert soft.register(1.5) == 0
            scene.internet.ringfence("up")  # nor does a restart let him in
            assert soft.register(1.5) == 0
    finally:
        scene.internet.run("user", "wg-quick", "down", str(folder / f"{name}.conf"))
        scene.internet.run("user", "wg-quick", "up", str(folder / f"{first}.conf"))


@needs_wireguard
def test_status_tells_who_is_there_and_no_key(scene: Scene) -> None:
    with closing(scene.softphone()) as soft:
        assert soft.options() == 200
    told = scene.internet.ringfence("status")
    assert re.search(
        rf"{scene.internet.device('ru')} .* s ago +203\.0\.113\.20:\d+ +in [1-9]", told
    )
    asked = json.loads(scene.internet.ringfence("status", "--json"))
    assert asked["is_up"] is asked["rules_stand"] is True
    secrets = RegisterFiles(scene.internet.register).keys()
    everything = told + json.dumps(asked) + scene.internet.ringfence("list", "--json")
    for key in (secrets.private, *secrets.preshared.values()):
        assert key not in everything


@needs_wireguard
def test_private_keys_of_peers_are_nowhere_on_the_server(scene: Scene) -> None:
    config = (scene.internet.folder / f"{scene.internet.device('ru')}.conf").read_text()
    private = re.findall("PrivateKey = (.*)", config)[0]
    kept = b"".join(one.read_bytes() for one in scene.internet.register.iterdir())
    assert private.encode() not in kept


@needs_wireguard
def test_the_gateway_knows_whether_it_is_well(scene: Scene) -> None:
    health = str(scene.internet.folder / "branch" / "gateway.sh")
    well = scene.internet.attempt("gw", health, "health")
    assert well.returncode == 0, well.stdout + well.stderr
    scene.internet.run("pbx", "nft", "add", "rule", "inet", "closed", "arrives", "ip", "saddr",
                       "198.51.100.10", "udp", "dport", "51820", "drop")  # fmt: skip
    try:
        ill = scene.internet.attempt("gw", health, "health", "--mend")
        assert ill.returncode == 1
        assert "does not answer" in ill.stdout
    finally:
        scene.internet.run("pbx", "nft", "flush", "chain", "inet", "closed", "arrives")
        closed = CLOSED.partition("policy accept;")[2].split("\n}")[0]
        for line in closed.strip().splitlines()[:2]:
            scene.internet.run("pbx", "nft", f"add rule inet closed arrives {line.strip()}")


@needs_wireguard
def test_twice_is_once(scene: Scene) -> None:
    scene.internet.ringfence("up")
    scene.internet.run("gw", str(scene.internet.folder / "branch" / "gateway.sh"), "up")
    with closing(scene.desk_phone()) as desk:
        assert desk.register() == 200


@needs_wireguard
def test_phones_are_given_all_they_need_by_dhcp(scene: Scene) -> None:
    """A DISCOVER on the phones' wire; RFC 2132 options of the OFFER, 120 as RFC 3361 has it."""
    (scene.internet.folder / "branch" / "phones").mkdir(exist_ok=True)
    scene.internet.start("gw", str(scene.internet.folder / "branch" / "gateway.sh"), "dhcp")
    with closing(scene.internet.socket("phone", "0.0.0.0", 68)) as asker:  # noqa: S104
        asker.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        asker.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
        offered = _discover(asker)
    gateway = socket.inet_aton(str(scene.lan[1]))
    assert offered[3] == offered[42] == gateway
    assert offered[66].rstrip(b"\0") == str(scene.lan[1]).encode()
    assert offered[120] == b"\x01" + socket.inet_aton(scene.inside)
    assert 6 not in offered


def _discover(asker: socket.socket) -> dict[int, bytes]:
    mac = b"\x02\0\0\0\0\x99"
    head = struct.pack(">BBBBIHH16x16s64x128x", 1, 1, 6, 0, 7, 0, 0x8000, mac.ljust(16, b"\0"))
    asked = head + b"\x63\x82\x53\x63\x35\x01\x01\x37\x06\x03\x06\x2a\x42\x43\x78\xff"
    asker.settimeout(0.5)
    until = time.monotonic() + 30
    while time.monotonic() < until:
        asker.sendto(asked, ("255.255.255.255", 67))
        try:
            answer = asker.recv(2048)
        except TimeoutError:
            continue
        options, at = {}, 240
        while at < len(answer) and answer[at] != 255:
            if answer[at]:
                options[answer[at]] = answer[at + 2 : at + 2 + answer[at + 1]]
                at += 1 + answer[at + 1]
            at += 1
        return options
    raise AssertionError("nobody offers an address")


@needs_wireguard
def test_purged_is_gone(tmp_path: Path) -> None:
    with Internet(tmp_path) as internet:
        internet.begin()
        assert "ringfence_remote" in internet.run("pbx", "nft", "list", "ruleset")
        internet.ringfence("down", "--purge")
        assert internet.run("pbx", "nft", "list", "ruleset") == ""
        assert internet.attempt("pbx", "ip", "link", "show", internet.device("rs")).returncode
        assert not internet.register.exists()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="apt install systemd")
def test_systemd_takes_its_unit(tmp_path: Path) -> None:
    path = tmp_path / UNIT
    path.write_text(unit(UNIT, "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert "ExecStart=/bin/true remote up\n" in path.read_text()


@pytest.fixture
def access(tmp_path: Path) -> RemoteAccess:
    """A register that no interface knows of; the routes are those of this machine."""
    made = RemoteAccess(tmp_path / "register", now=lambda: NOW)
    made.begin("pbx.example.com", interface="rfnone0")
    return made


def test_files_of_a_user_are_his_alone_and_never_written_over(
    access: RemoteAccess, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    written = access.add("anna", out, extension="201")
    assert [Path(one).suffix for one in written.files] == [".conf", ".png", ".txt"]
    assert all(Path(one).stat().st_mode & 0o777 == 0o600 for one in written.files)
    before = (out / "anna.conf").read_text()
    access.revoke("anna")
    with pytest.raises(RemoteError, match=r"anna\.conf: File exists"):
        access.add("anna", out)
    assert (out / "anna.conf").read_text() == before
    assert [one.is_in for one in access.listed().peers] == [False]


def test_a_configuration_sends_calls_alone_through_the_tunnel(
    access: RemoteAccess, tmp_path: Path
) -> None:
    peer = access.add("anna", tmp_path).peer
    text = (tmp_path / "anna.conf").read_text()
    tunnel = access.listed().tunnel
    assert f"AllowedIPs = {tunnel.pbx}/32, {tunnel.pbx6}/128\n" in text
    assert f"Address = {peer.address}/32, {peer.address6}/128\n" in text
    assert "Endpoint = pbx.example.com:51820\n" in text
    assert "PersistentKeepalive = 25\n" in text
    assert "DNS" not in text
    assert ip_address(peer.address) in IPv4Network(tunnel.network)


def test_addresses_of_the_revoked_rest_for_a_month(tmp_path: Path) -> None:
    now = NOW
    access = RemoteAccess(tmp_path / "register", now=lambda: now)
    access.begin("192.0.2.10", interface="rfnone0")
    first = access.add("anna", tmp_path / "1").peer.address
    access.revoke("anna")
    assert access.add("ben", tmp_path / "2").peer.address != first
    now = NOW + timedelta(days=31)
    assert access.add("cleo", tmp_path / "3").peer.address == first
    assert "anna" not in [one.name for one in access.listed().peers]


@pytest.mark.parametrize("name", ["../anna", "", "a" * 33, "an na", "-x", "anna\n[Peer]"])
def test_no_name_leads_out_of_its_folder_or_file(
    access: RemoteAccess, tmp_path: Path, name: str
) -> None:
    with pytest.raises(RemoteError, match="a name is"):
        access.add(name, tmp_path / "out")


def test_two_of_one_name_are_refused(access: RemoteAccess, tmp_path: Path) -> None:
    access.add("anna", tmp_path / "1")
    with pytest.raises(RemoteError, match="there already"):
        access.add("anna", tmp_path / "2")


def test_an_interface_that_refuses_leaves_nothing_behind(tmp_path: Path) -> None:
    """The disk says yes, the kernel says no: nobody has a file that does not work."""

    class Refuses(Commands):
        def run(self, *words: str, given: str = "") -> str:  # noqa: ARG002
            if words[:2] == ("wg", "syncconf"):
                raise RemoteError("wg: no")
            return "[]" if "-j" in words else ""

        def has(self, program: str) -> bool:  # noqa: ARG002
            return True

    access = RemoteAccess(tmp_path / "register", Refuses(), now=lambda: NOW)
    access.begin("192.0.2.10")
    with pytest.raises(RemoteError, match="wg: no"):
        access.add("anna", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    assert access.listed().peers == ()


def test_nothing_is_begun_twice(access: RemoteAccess) -> None:
    with pytest.raises(RemoteError, match="there already"):
        access.begin("192.0.2.99")


def test_a_site_gets_phones_of_its_own(access: RemoteAccess, tmp_path: Path) -> None:
    one = access.site("north", tmp_path).peer
    other = access.site("south", tmp_path).peer
    assert not IPv4Network(one.lan).overlaps(IPv4Network(other.lan))
    with pytest.raises(RemoteError, match="in use already"):
        access.site("west", tmp_path, lan=one.lan)
    assert access.site("west", tmp_path, lan=one.lan, nat=True).peer.routed_lan == ""
    assert replace(one, nat=True).routed_lan == ""
