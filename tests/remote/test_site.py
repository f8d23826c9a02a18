"""The archive of a site's gateway. That it works is tried in tests/flow/test_remote.py."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from ringfence.model.remote import RemoteError
from ringfence.remote.site import Wish, archive, contents, dhcp, rules
from tests.model.test_remote import KEY, PEER, TUNNEL
from tests.respond.block.wire import Wire, needs

PRIVATE, SHARED = "P" * 42 + "A=", "S" * 42 + "A="
SITE = replace(PEER, name="branch", lan="192.168.77.0/24")


def test_all_of_it_is_the_owners_alone_and_within_one_folder() -> None:
    octets = archive(TUNNEL, SITE, Wish(), PRIVATE, SHARED, KEY)
    with tarfile.open(fileobj=io.BytesIO(octets)) as packed:
        members = packed.getmembers()
    assert all(one.name.startswith("branch/") and one.mode & 0o077 == 0 for one in members)
    assert [one.name for one in members if one.mode & 0o100] == ["branch/gateway.sh"]


def test_the_private_key_is_in_one_file() -> None:
    files = contents(TUNNEL, SITE, Wish(), PRIVATE, SHARED, KEY)
    assert [name for name, (text, _) in files.items() if PRIVATE in text] == ["tunnel.conf"]


@pytest.mark.parametrize("nat", [False, True])
@needs("nft")
def test_the_kernel_takes_its_rules(nat: bool, tmp_path: Path) -> None:
    text = rules(TUNNEL, replace(SITE, nat=nat), Wish())
    (tmp_path / "site.nft").write_text(
        text.replace("@LAN_IF@", "eth1").replace("@SSH_FROM_LAN@", "drop")
    )
    with Wire() as wire:
        wire.run("nft", "-f", str(tmp_path / "site.nft"))
        assert ("masquerade" in wire.run("nft", "list", "ruleset")) is nat


@pytest.mark.skipif(shutil.which("dnsmasq") is None, reason="dnsmasq missing: see packages.txt")
def test_dnsmasq_takes_its_settings(tmp_path: Path) -> None:
    from ipaddress import IPv4Network

    text = dhcp(TUNNEL, Wish(boot_file="phones.cfg"), IPv4Network(SITE.lan))
    path = tmp_path / "dnsmasq.conf"
    path.write_text(text.replace("@LAN_IF@", "lo"))
    done = subprocess.run(
        ["dnsmasq", "--test", f"--conf-file={path}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "dhcp-option=67,phones.cfg\n" in text


def test_its_script_is_sound_shell(tmp_path: Path) -> None:
    text, _ = contents(TUNNEL, SITE, Wish(), PRIVATE, SHARED, KEY)["gateway.sh"]
    done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
    assert done.stderr == ""


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="apt install systemd")
def test_systemd_takes_its_units(tmp_path: Path) -> None:
    files = contents(TUNNEL, SITE, Wish(), PRIVATE, SHARED, KEY)
    names = []
    for name, (text, _) in files.items():
        if name.startswith("systemd/"):
            path = tmp_path / name.partition("/")[2]
            path.write_text(text.replace("/etc/ringfence-site/gateway.sh", "/bin/true"))
            names.append(str(path))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert len(names) == 4
    assert done.stderr == ""


def test_a_network_too_small_for_phones_is_refused() -> None:
    with pytest.raises(RemoteError, match="too small"):
        contents(TUNNEL, replace(SITE, lan="192.168.77.0/30"), Wish(), PRIVATE, SHARED, KEY)
