"""`ringfence remote`: a tunnel for remote users, and who may use it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.install import this_program
from ringfence.cli.shell import fail
from ringfence.model.remote import INTERFACE, PORT, RemoteError, Written

if TYPE_CHECKING:
    from ringfence.flow.remote import RemoteAccess

remote = typer.Typer(no_args_is_help=True, help="A tunnel for remote users; who may use it.")

Folder = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Keys and peers; /etc/ringfence/remote if not said."),
]
Out = Annotated[Path, typer.Option(metavar="DIR", help="Where the files for the user go.")]
Json = Annotated[bool, typer.Option("--json", help="As one JSON document.")]
Endpoint = Annotated[
    str,
    typer.Option(metavar="HOST", help="Name or address by which the Internet has this machine."),
]
_MEDIA = re.compile(r"(\d{1,5})-(\d{1,5})", re.ASCII)


@remote.command("init")
def init(
    endpoint: Endpoint = "",
    port: Annotated[int, typer.Option(metavar="PORT", help="UDP, of the tunnel.")] = PORT,
    network: Annotated[
        str, typer.Option(metavar="NETWORK", help="Inside; a free /24 if not said.")
    ] = "",
    rtp: Annotated[
        str, typer.Option(metavar="FIRST-LAST", help="Media ports; the phone system's own.")
    ] = "",
    sip_port: Annotated[
        list[int] | None, typer.Option(metavar="PORT", help="SIP; 5060 and 5061 if not said.")
    ] = None,
    interface: Annotated[str, typer.Option(metavar="IF", help="Its name.")] = INTERFACE,
    no_start: Annotated[bool, typer.Option("--no-start", help="Leave it down.")] = False,
    folder: Folder = None,
) -> None:
    """Make the tunnel of this machine: keys, inside addresses, rules; start it, also at boot.

    Exit status: 0 done, 2 error.
    """
    from ringfence.model.remote import SIP_PORTS

    found = _MEDIA.fullmatch(rtp) if rtp else None
    if rtp and found is None:
        fail(f"--rtp {rtp}: say it like 10000-20000")
    try:
        access = _access(folder)
        tunnel = access.begin(
            endpoint, port=port, network=network, interface=interface,
            media=(int(found[1]), int(found[2])) if found else None,
            sip_ports=tuple(sip_port or SIP_PORTS),
        )  # fmt: skip
        typer.echo(f"tunnel: {tunnel.where}, UDP; the phone system inside: {tunnel.pbx}")
        typer.echo(
            f"inside pass SIP ({', '.join(map(str, tunnel.sip_ports))}) and media "
            f"({tunnel.rtp_first}-{tunnel.rtp_last}), and nothing else"
        )
        if not no_start:
            typer.echo(access.start_unit(this_program()))
        typer.echo(f"let UDP port {tunnel.port} in, at your router and in your firewall;")
        typer.echo(f"let the phone system listen on {tunnel.pbx}: docs/remote.md says how")
    except RemoteError as error:
        fail(str(error))


@remote.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the user and device.")],
    extension: Annotated[str, typer.Option(metavar="NUMBER", help="His extension.")] = "",
    qr: Annotated[bool, typer.Option("--qr", help="Show the QR code here, too.")] = False,
    out: Out = Path(),
    endpoint: Endpoint = "",
    folder: Folder = None,
) -> None:
    """Let one more device in: a configuration, a QR code, a sheet for the user.

    Exit status: 0 done, 2 error.
    """
    try:
        access = _access(folder)
        if not access.has_begun():
            access.begin(endpoint)
            typer.echo(access.start_unit(this_program()))
        written = access.add(name, out, extension=extension, with_qr=qr)
    except RemoteError as error:
        fail(str(error))
    _say(written)
    if written.qr:
        typer.echo(written.qr)


@remote.command("site")
def site(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the site.")],
    lan: Annotated[
        str, typer.Option(metavar="NETWORK", help="Of its phones; a free /24 if not said.")
    ] = "",
    lan_interface: Annotated[
        str, typer.Option(metavar="IF", help="The gateway's, to the phones.")
    ] = "eth1",
    boot_file: Annotated[
        str, typer.Option(metavar="FILE", help="Which file phones ask for (DHCP option 67).")
    ] = "",
    nat: Annotated[
        bool, typer.Option("--nat", help="Phones behind the gateway's own address.")
    ] = False,
    tunnel_interface: Annotated[str, typer.Option(hidden=True)] = "rf-site",
    out: Out = Path(),
    folder: Folder = None,
) -> None:
    """Let the desk phones of a site in: an archive for a small gateway (Raspberry Pi, Linux).

    Exit status: 0 done, 2 error.
    """
    from ringfence.flow.remote import Wish

    for option, text in (("--lan-interface", lan_interface), ("--tunnel-interface",
                         tunnel_interface), ("--boot-file", boot_file or "x")):  # fmt: skip
        if not re.fullmatch(r"[A-Za-z0-9_$./-]{1,64}", text, re.ASCII):
            fail(f"{option} {text}: letters, digits and _ - . / only")
    try:
        wish = Wish(lan_interface, tunnel_interface, boot_file)
        written = _access(folder).site(name, out, wish, lan=lan, nat=nat)
    except RemoteError as error:
        fail(str(error))
    _say(written)
    typer.echo(f"phones of {written.peer.lan}; README.txt in the archive says the rest")


@remote.command("list")
def list_(as_json: Json = False, folder: Folder = None) -> None:
    """Who may come in, and who might once. Exit status: 0 done, 2 error."""
    try:
        peers = _access(folder).listed().peers
    except RemoteError as error:
        fail(str(error))
    if as_json:
        import json
        from dataclasses import asdict

        typer.echo(json.dumps({"peers": [asdict(one) for one in peers]}, indent=1))
        return
    for one in peers:
        state = f"revoked {one.revoked[:10]}" if one.revoked else f"since {one.made[:10]}"
        typer.echo(f"{one.name:<20} {one.role:<5} {one.extension or '-':<10} {one.address:<15} "
                   f"{one.lan or '-':<18} {state}")  # fmt: skip
    if not peers:
        typer.echo("nobody yet: ringfence remote add NAME --extension 201")


@remote.command("revoke")
def revoke(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who is let in no more.")],
    folder: Folder = None,
) -> None:
    """Shut a device or a site out, at once. Exit status: 0 done, 2 error."""
    try:
        peer, is_running = _access(folder).revoke(name)
    except RemoteError as error:
        fail(str(error))
    typer.echo(f"{peer.name} is out{'' if is_running else '; the tunnel is down anyhow'}")
    typer.echo("The phone system may show it as registered until that runs out. If the device was "
               "stolen, change the extension's password, too.")  # fmt: skip


@remote.command("status")
def status(as_json: Json = False, folder: Folder = None) -> None:
    """How the tunnel stands, and who uses it.

    Exit status: 0 it is up, 1 it or its rules are not, 2 error.
    """
    import time

    try:
        found = _access(folder).standing()
    except RemoteError as error:
        fail(str(error))
    now, well = int(time.time()), found.is_up and found.rules_stand
    if as_json:
        import json
        from dataclasses import asdict

        typer.echo(json.dumps(asdict(found), indent=1))
    else:
        up = "up" if found.is_up else "DOWN: ringfence remote up"
        stand = "stand" if found.rules_stand else "are GONE: ringfence remote up"
        typer.echo(f"tunnel {found.tunnel.where}: {up}; its rules {stand}")
        for peer, did in found.peers:
            age = f"{max(0, now - did.handshake)} s ago" if did.handshake else "never"
            typer.echo(f"{peer.name:<20} {peer.address:<15} {age:<12} {did.endpoint or '-':<24} "
                       f"in {did.received:,} out {did.sent:,}")  # fmt: skip
    if not well:
        raise typer.Exit(1)


@remote.command("up")
def up(folder: Folder = None) -> None:
    """Rules and interface as the register says; what the unit does. Exit status: 0, 2 error."""
    try:
        tunnel = _access(folder).up()
    except RemoteError as error:
        fail(str(error))
    typer.echo(f"{tunnel.interface} is up: {tunnel.where}, inside {tunnel.pbx}")


@remote.command("down")
def down(
    purge: Annotated[
        bool, typer.Option("--purge", help="Keys, peers and the unit, too: for ever.")
    ] = False,
    folder: Folder = None,
) -> None:
    """No tunnel until `up`. Exit status: 0 done, 2 error."""
    try:
        _access(folder).down(purge=purge)
    except RemoteError as error:
        fail(str(error))
    typer.echo("down" + ("; keys and peers are gone" if purge else ""))


def _access(folder: Path | None) -> RemoteAccess:
    from ringfence.flow.remote import FOLDER, RemoteAccess

    return RemoteAccess(folder or FOLDER)


def _say(written: Written) -> None:
    peer = written.peer
    typer.echo(f"{peer.name}: {peer.address}" + (
        "" if written.is_running else "; the tunnel is down: ringfence remote up"))  # fmt: skip
    for name in written.files:
        typer.echo(f"  {name}")
    typer.echo(
        "The first holds the private key, and so does a QR code; nothing else here has it. Hand it "
        "over by a safe way, then delete it. If it is lost: revoke, and add again."
    )
