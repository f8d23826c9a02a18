"""Settings: files as operators write them, with each mistake that they make."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from ringfence.cli.settings import describe
from ringfence.flow.places import default_settings_file
from ringfence.flow.settings import (
    GUARD_GROUP,
    NEEDED_BY,
    check_mail,
    field_names,
    load_settings,
    missing_fields,
    read_settings,
    sender_of,
    value_of,
    write_template,
)
from ringfence.flow.settings_machines import SECRET_FILES
from ringfence.flow.settings_template import TEMPLATE
from ringfence.model.settings import MailServer, Settings, SettingsError, Victim
from tests.mail_server import Desk, mail_server

SECRET = "horse, battery"  # of nobody


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    return tmp_path / "home/ringfence/settings.toml"


def written(folder: Path, text: str | bytes, mode: int = 0o600, name: str = "my.toml") -> str:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return str(path)


def refused(
    folder: Path, text: str | bytes, mode: int = 0o600, environment: dict[str, str] | None = None
) -> str:
    path = written(folder, text, mode)
    with pytest.raises(SettingsError) as caught:
        load_settings(path, environment or {})
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_no_settings_are_empty_settings() -> None:
    assert load_settings(None, {}) == Settings()


def test_usual_place_is_read(home: Path) -> None:
    home.parent.mkdir(parents=True)
    home.write_text('clock = "NTP"\n[victim]\nname = " Anna Example "\ncountry = "us"\n')
    assert default_settings_file() == home
    assert load_settings(None, {}) == Settings(
        victim=Victim(name="Anna Example", country="US"), clock="NTP"
    )


def test_file_named_in_the_environment_is_read_and_one_that_is_given_goes_before(
    tmp_path: Path,
) -> None:
    mine = written(tmp_path, 'clock = "mine"')
    other = written(tmp_path, 'clock = "other"', name="other.toml")
    assert load_settings(None, {"RINGFENCE_SETTINGS": other}).clock == "other"
    assert load_settings(mine, {"RINGFENCE_SETTINGS": other}).clock == "mine"


@pytest.mark.parametrize("how", ["given", "environment"])
def test_file_that_was_named_and_is_not_there(tmp_path: Path, how: str) -> None:
    gone = str(tmp_path / "gone.toml")
    with pytest.raises(SettingsError, match=r"gone\.toml: no such settings; .*settings init"):
        load_settings(*(gone, {}) if how == "given" else (None, {"RINGFENCE_SETTINGS": gone}))


def test_folder_is_no_settings_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Is a directory"):
        load_settings(str(tmp_path), {})


def test_device_is_no_settings_file() -> None:
    with pytest.raises(SettingsError, match="not a file"):
        load_settings("/dev/null", {})


def test_notepad_puts_a_mark_and_other_line_ends(tmp_path: Path) -> None:
    path = written(tmp_path, b'\xef\xbb\xbf[victim]\r\nname = "Anna"\r\n')
    assert load_settings(path, {}).victim.name == "Anna"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[victim]\nname = Anna\n", "line 2"),
        ("[victim\n", "line 1"),
        ("[mail]\nuser = 'a'\nuser = 'b'\n", "line 3"),
        ('[mail]\nuser = "OFFICE\\anna"\n', "'single quotes'"),
        (b"[victim]\nname = 'M\xfcller'\n", "line 2 is not UTF-8"),
        ("a = " + "[" * 5000, "my.toml: "),
        ("#" * 70_000, "this is something else"),
        ('victim = "Anna"', "victim is a section"),
        ('[victim]\nnmae = "Anna"', "victim.nmae: no such field; perhaps victim.name"),
        ('[victms]\nname = "Anna"', "victms: no such field; perhaps victim"),
        ('[mail]\npbx = "3CX"', "perhaps victim.pbx: under [victim]"),
        ('[victim]\n"\\u001b[2J" = "Anna"', r"victim.\x1b[2J: no such field"),
        ("[victim]\nphone = 5550100", 'victim.phone: expected text in "quotes", got a whole'),
        ("[victim]\nname = ['Anna']", "got a list"),
        ("clock = 2026-11-26", 'clock: expected text in "quotes", got a date'),
        ('[mail]\nport = "587"', "mail.port: expected a whole number like 587, got text"),
        ("[mail]\nport = true", "got true or false"),
        ('[alerts]\nurls = "horse battery"', "the one in place 1 does not begin like slack://"),
        ('[alerts]\nurls = ["json://horse", "battery"]', "the one in place 2 does not begin"),
        ("[alerts]\nurls = [7]", "alerts.urls: expected a list of texts"),
        (f"[alerts]\nurls = {['json://a'] * 21}", "at most 20, not 21"),
        ('[alerts]\nsyslog = "log.office.example"', "write /dev/log, udp://HOST:514"),
        ('[alerts]\nquiet = "22-7"', 'a time is written like 22:00; write "22:00-07:00"'),
        ('[alerts]\nminimum = "breakin"', "one of note, warning, attack, break_in; perhaps break_"),
        ("[mail]\nport = 70000", "ports go from 1 to 65535"),
        ("[mail]\nport = -1", "ports go from 1 to 65535"),
        ('[mail]\nsecurity = "SSL"', "one of tls, starttls, none; perhaps tls"),
        ('[mail]\nserver = "smtp.office.example:587"', "the port is a field of its own"),
        ('[mail]\nserver = "https://office.example"', "is not the name of a machine"),
        ('[mail]\nsecurity = "none"\nuser = "anna"', "never goes without TLS"),
        ('[victim]\ncountry = "UK"', "two letters (ISO 3166-1): GB"),
        ('[victim]\ncountry = "Germany"', "two letters (ISO 3166-1): DE"),
        ('[victim]\naddress = "office.example"', "'office.example' is no IP address"),
        ('[victim]\naddress = "198.51.100.0/24"', "is no IP address"),
        ('[victim]\naddress = "192.168.1.10"', "router's status page shows the public address"),
        ('[victim]\naddress = "100.64.7.1"', "your provider knows it"),
        ('[victim]\naddress = "fe80::1%eth0"', "victim.address: fe80::1: link-local"),
        ('[victim]\naddress = "::ffff:198.51.100.10"', "outside of what is given to anybody"),
        ('[victim]\ncountry = "QQ"', "like US or DE"),
        ('[victim]\ncountry = "ZZ"', "like US or DE"),
        ('[victim]\ncountry = "US"\nstate = "Illinois"', "two letters, like IL"),
        ('[victim]\nemail = "Anna <anna@office.example>"', "is no mailbox"),
        ('[isp]\nemail = "a@b.example, c@d.example"', "isp.email: "),
        ('[police]\nemail = "a@b.example\\nBcc: c@d.example"', "holds a line break"),
        ('[mail]\nsender = "anna"', "mail.sender: 'anna' is no mailbox"),
        ('[victim]\nname = "Anna\\u202eelpmaxE"', "a character that nobody sees"),
        (f'[victim]\nname = "{"x" * 501}"', "at most 500 characters, not 501"),
        ('[mail]\npassword = "a\\u0000b"', "on one line"),
        ("[mail]\npassword = 12345", 'mail.password: expected text in "quotes"'),
        ('[mail]\npassword = "a"\npassword_file = "b"', "write only one of both"),
        ('[mail]\npassword_file = "gone"', "No such file"),
    ],
)  # fmt: skip
def test_mistake_is_named(tmp_path: Path, text: str | bytes, says: str) -> None:
    error = refused(tmp_path, text)
    assert says in error
    assert "my.toml: " in error


def test_state_of_another_country_may_be_written_out(tmp_path: Path) -> None:
    path = written(tmp_path, '[victim]\ncountry = "DE"\nstate = "Bayern"')
    assert load_settings(path, {}).victim.state == "Bayern"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("198.51.100.10", "198.51.100.10"),
        ("2001:DB8:0:0::5", "2001:db8::5"),
        ("2001:db8::5%eth0", "2001:db8::5"),
        ("", ""),
    ],
)
def test_address_that_others_see_is_read(tmp_path: Path, text: str, read: str) -> None:
    path = written(tmp_path, f'[victim]\naddress = "{text}"')
    assert load_settings(path, {}).victim.address == read


def test_environment_goes_before_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, '[mail]\nport = 25\nuser = "anna"\n[victim]\nname = "Anna"')
    environment = {
        "RINGFENCE_MAIL_PORT": "587",
        "RINGFENCE_CLOCK": "NTP",
        "RINGFENCE_VICTIM_NAME": "",
        "RINGFENCE_STORE": "of something else",
    }
    found = read_settings(path, environment)
    assert found.settings.mail.port == 587
    assert found.settings.clock == "NTP"
    assert found.settings.victim.name == "Anna"
    assert found.origins == {
        "mail.port": "RINGFENCE_MAIL_PORT",
        "mail.user": path,
        "victim.name": path,
        "clock": "RINGFENCE_CLOCK",
    }


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("RINGFENCE_MAIL_PASSWROD", SECRET, "no such setting; perhaps RINGFENCE_MAIL_PASSWORD"),
        ("RINGFENCE_MAIL_PORT", "smtp", "RINGFENCE_MAIL_PORT: mail.port: expected a whole number"),
        ("RINGFENCE_MAIL_PORT", "9" * 5000, "expected a whole number"),
        ("RINGFENCE_VICTIM_COUNTRY", "Narnia", "RINGFENCE_VICTIM_COUNTRY: victim.country: "),
        ("RINGFENCE_MAIL_PASSWORD", "a\nb", "RINGFENCE_MAIL_PASSWORD: mail.password: "),
    ],
)
def test_mistake_in_the_environment_is_named(name: str, text: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(None, {name: text})
    assert says in str(caught.value)
    assert SECRET not in str(caught.value)


def test_password_is_in_no_representation() -> None:
    settings = load_settings(None, {"RINGFENCE_MAIL_PASSWORD": SECRET})
    assert settings.mail.password == SECRET
    assert SECRET not in repr(settings)
    assert SECRET not in repr(MailServer(password=SECRET))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_password_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    error = refused(tmp_path, f'[mail]\npassword = "{SECRET}"', mode)
    assert f"chmod 600 '{tmp_path}/my.toml'" in error
    assert SECRET not in error


def test_settings_without_a_password_may_be_read_by_others(tmp_path: Path) -> None:
    assert load_settings(written(tmp_path, 'clock = "NTP"', 0o644), {}).clock == "NTP"


def test_password_is_the_first_line_of_its_file_beside_the_settings(tmp_path: Path) -> None:
    path = written(tmp_path, '[mail]\npassword_file = "secret"', 0o644)
    secret = written(tmp_path, f" {SECRET} \r\nnot this\n", name="secret")
    found = read_settings(path, {})
    assert found.settings.mail.password == f" {SECRET} "
    assert found.settings.mail.password_file == secret
    assert found.origins["mail.password"] == secret


@pytest.mark.parametrize(
    ("text", "mode", "says"),
    [
        (b"secret\n", 0o640, "chmod 600"),
        (b"\nsecret\n", 0o600, "its first line is empty"),
        (b"\xff\xfe\n", 0o600, "not UTF-8"),
        (b"x" * 501, 0o600, "at most 500 characters"),
        (b"x" * 70_000, 0o600, "this is something else"),
    ],
)
def test_password_file_that_cannot_be_used(
    tmp_path: Path, text: bytes, mode: int, says: str
) -> None:
    written(tmp_path, text, mode, "secret")
    error = refused(tmp_path, '[mail]\npassword_file = "secret"')
    assert says in error
    assert "secret: " in error


def test_password_of_the_environment_goes_before_any_file(tmp_path: Path) -> None:
    environment = {"RINGFENCE_MAIL_PASSWORD": "outside"}
    for line in ('password = "inside"', 'password_file = "gone"'):
        path = written(tmp_path, f"[mail]\n{line}")
        assert load_settings(path, environment).mail.password == "outside"


def test_password_file_of_the_environment_goes_before_the_password_of_the_file(
    tmp_path: Path,
) -> None:
    secret = written(tmp_path, "outside", name="secret")
    path = written(tmp_path, '[mail]\npassword = "inside"')
    found = load_settings(path, {"RINGFENCE_MAIL_PASSWORD_FILE": secret})
    assert found.mail.password == "outside"


def test_authority_file_is_beside_the_settings(tmp_path: Path) -> None:
    path = written(tmp_path, '[mail]\nauthority_file = "root.pem"')
    assert load_settings(path, {}).mail.authority_file == str(tmp_path / "root.pem")


def test_alerts_are_read_and_their_addresses_may_come_from_the_environment(tmp_path: Path) -> None:
    path = written(tmp_path, '[alerts]\nquiet = "22:00-07:00"\nurls = ["slack://horse"]')
    alerts = load_settings(path, {}).alerts
    assert (alerts.quiet, alerts.urls, alerts.minimum) == (
        "22:00-07:00", ("slack://horse",), "warning",
    )  # fmt: skip
    environment = {"RINGFENCE_ALERTS_URLS": "json://one\n json://two"}
    assert load_settings(path, environment).alerts.urls == ("json://one", "json://two")


def test_addresses_of_services_are_for_the_owners_eyes(tmp_path: Path) -> None:
    message = refused(tmp_path, '[alerts]\nurls = ["slack://horse"]', mode=0o644)
    assert "others on this machine can read it" in message
    for text in ('urls = ["slack://ok", "horse"]', 'urls = "horse"'):
        assert "horse" not in refused(tmp_path, f"[alerts]\n{text}")


def test_template_is_empty_until_it_is_filled_in(home: Path) -> None:
    assert write_template() == home
    assert home.stat().st_mode & 0o777 == 0o600
    assert load_settings(None, {}) == Settings()


def test_template_shows_each_field_and_its_examples_hold(tmp_path: Path) -> None:
    lines = [line.removeprefix("# ") for line in TEMPLATE.splitlines()]
    taken = [line for line in lines if line.startswith("[") or " = " in line]
    document = tomllib.loads("\n".join(taken))
    shown = [
        f"{section}.{field}" if isinstance(inner, dict) else section
        for section, inner in document.items()
        for field in (inner if isinstance(inner, dict) else [""])
    ]
    assert sorted(shown) == sorted(field_names())
    for name in SECRET_FILES.values():
        section, _, field = name.partition(".")
        written(tmp_path, SECRET, name=document[section][field])
    usable = [line for line in taken if not line.endswith(' = "..."')]
    settings = load_settings(written(tmp_path, "\n".join(usable)), {})
    assert [field for field in field_names() if not value_of(settings, field)] == []


def test_settings_that_are_there_are_not_written_over(home: Path) -> None:
    write_template()
    home.write_text('clock = "mine"')
    with pytest.raises(SettingsError, match="is there already; --force writes over it"):
        write_template()
    assert home.read_text() == 'clock = "mine"'
    home.chmod(0o644)
    write_template(force=True)
    assert home.read_text() == TEMPLATE
    assert home.stat().st_mode & 0o777 == 0o600
    assert list(home.parent.iterdir()) == [home]


def test_template_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"Not a directory|is there already"):
        write_template(str(tmp_path / "file/settings.toml"))


def test_sender_is_the_victim_unless_another_is_named() -> None:
    victim = Victim(email="anna@office.example")
    assert sender_of(Settings(victim=victim)) == "anna@office.example"
    other = MailServer(sender="pbx@office.example")
    assert sender_of(Settings(victim=victim, mail=other)) == "pbx@office.example"
    with pytest.raises(SettingsError, match="no sender"):
        sender_of(Settings())


def test_what_is_missing_is_named_with_its_letters() -> None:
    assert missing_fields(Settings()) == NEEDED_BY
    assert set(NEEDED_BY) <= set(field_names())
    assert "victim.name" not in missing_fields(Settings(victim=Victim(name="Anna")))


def test_mail_server_is_checked_without_a_letter() -> None:
    desk = Desk()
    with mail_server(desk) as port:
        mail = MailServer(server="127.0.0.1", port=port, security="none")
        assert check_mail(Settings(mail=mail)).server == f"127.0.0.1:{port}"
    assert desk.letters == []


GUARD = """
[guard]
interfaces = ["eth0", "eth1"]
ports = [5080]
logs = ["asterisk:/var/log/asterisk/security"]
hep_from = ["10.0.0.0/8"]
trunks = ["198.51.100.5", "::ffff:198.51.100.6"]
enforce = true
guesses_a_day = 20
"""


def test_guard_reads_lists_numbers_and_yes(tmp_path: Path) -> None:
    guard = load_settings(written(tmp_path, GUARD), {}).guard
    assert guard.interfaces == ("eth0", "eth1")
    assert guard.ports == (5080,)
    assert guard.trunks == ("198.51.100.5", "198.51.100.6")
    assert (guard.enforce, guard.guesses_a_day, guard.before_s) == (True, 20, 60)


def test_guard_reads_the_environment_like_the_file(tmp_path: Path) -> None:
    said = {
        "RINGFENCE_GUARD_ENFORCE": "true",
        "RINGFENCE_GUARD_PORTS": "5080 5090",
        "RINGFENCE_GUARD_BEFORE_S": "30",
        "RINGFENCE_GUARD_KNOWN": "192.0.2.1 2001:db8::1",
    }
    guard = load_settings(written(tmp_path, ""), said).guard
    assert (guard.enforce, guard.ports, guard.before_s) == (True, (5080, 5090), 30)
    assert guard.known == ("192.0.2.1", "2001:db8::1")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('enforce = "yes"', "true or false"),
        ("enforce = 1", "true or false"),
        ("guesses_a_day = 0", "from 1 to 1,000,000"),
        ("guesses_a_day = true", "expected a whole number"),
        ('ports = ["5080"]', "expected a whole number"),
        ("ports = [70000]", "ports go from 1 to 65535"),
        ('interfaces = "eth0"', ""),
        ('known = ["office.example"]', "is no IP address"),
        ('hep_from = ["10.0.0.1/8"]', "has host bits set"),
        ('logs = ["/var/log/asterisk/security"]', "write a kind"),
        ('logs = ["asterisk:security"]', "the whole path"),
    ],
)
def test_guard_says_what_to_write(tmp_path: Path, line: str, says: str) -> None:
    if not says:  # one name is a list of one
        assert load_settings(written(tmp_path, f"[guard]\n{line}"), {}).guard.interfaces == (
            "eth0",
        )
        return
    with pytest.raises(SettingsError, match=says):
        load_settings(written(tmp_path, f"[guard]\n{line}"), {})


def test_secrets_of_the_guard_may_stand_in_files(tmp_path: Path) -> None:
    written(tmp_path, "s3cret\nmore", 0o600, "ami")
    found = read_settings(written(tmp_path, '[guard]\nami_secret_file = "ami"'), {})
    assert found.settings.guard.ami_secret == "s3cret"
    assert "s3cret" not in repr(found.settings)
    assert "s3cret" not in "\n".join(describe(found))


@pytest.mark.skipif(os.geteuid() != 0, reason="takes root to give a file to another group")
def test_file_of_root_may_be_read_by_the_group_of_the_guard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, '[mail]\npassword = "secret"', 0o640)
    with pytest.raises(SettingsError, match="others on this machine can read it"):
        load_settings(path, {})
    monkeypatch.setattr("ringfence.flow.settings._group", lambda _: GUARD_GROUP)
    assert load_settings(path, {}).mail.password == "secret"


LOCKDOWN = """
[lockdown]
trunks = ["sip.carrier.example", "203.0.113.0/24", "sip:198.51.100.5:5070"]
users = ["198.51.100.64/27", "2001:db8::/48"]
udp = [5060, 5070]
media = "9000-10999"
tunnel = [5090]
"""


def test_lockdown_reads_carriers_networks_and_ports(tmp_path: Path) -> None:
    found = load_settings(written(tmp_path, LOCKDOWN), {}).lockdown
    assert found.trunks == ("sip.carrier.example", "203.0.113.0/24", "sip:198.51.100.5:5070")
    assert found.users == ("198.51.100.64/27", "2001:db8::/48")
    assert (found.udp, found.tcp, found.media, found.tunnel) == (
        (5060, 5070), (), "9000-10999", (5090,),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('trunks = ["carrier"]', "no carrier's name"),
        ('trunks = ["0.0.0.0/0"]', "half the Internet"),
        ('users = ["198.51.100.9/24"]', "has host bits set"),
        ('media = "10000"', "write two ports"),
        ('media = "80-90"', "write two ports"),
        ('media = "20000-10000"', "write two ports"),
        ("udp = [70000]", "ports go from 1 to 65535"),
    ],
)
def test_lockdown_says_what_to_write(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        load_settings(written(tmp_path, f"[lockdown]\n{line}"), {})
