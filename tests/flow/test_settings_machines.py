"""How the owner's other machines are written in his settings, and mistaken."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.flow.settings import SECRETS, load_settings, read_settings
from ringfence.flow.settings_machines import FLAGS, PORTS, SECRET_FILES, TEXTS
from ringfence.model.settings import SettingsError


def written(folder: Path, text: str, name: str = "settings.toml", mode: int = 0o600) -> str:
    path = folder / name
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_each_machine_is_read_with_its_secret_from_its_file(tmp_path: Path) -> None:
    for name in SECRET_FILES.values():
        section, _, field = name.partition(".")
        written(tmp_path, f"s3cret of {section}\n", name=f"{section}.key")
        if section == "mail":
            continue
        found = load_settings(written(tmp_path, f'[{section}]\n{field} = "{section}.key"'), {})
        secret = next(one for one, file in SECRET_FILES.items() if file == name)
        machine = getattr(found, section)
        assert getattr(machine, secret.partition(".")[2]) == f"s3cret of {section}"
        assert "s3cret" not in repr(found)


def test_every_secret_is_never_shown() -> None:
    assert set(SECRET_FILES) <= set(SECRETS)


@pytest.mark.parametrize("secret", sorted(SECRET_FILES))
def test_a_file_that_others_can_read_holds_no_secret(tmp_path: Path, secret: str) -> None:
    section, _, field = secret.partition(".")
    path = written(tmp_path, f'[{section}]\n{field} = "s3cret"', mode=0o644)
    with pytest.raises(SettingsError, match="chmod 600") as error:
        load_settings(path, {})
    assert "s3cret" not in str(error.value)


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, '[asterisk]\nsecret_file = "missing"\n[act]\nautomatic = ["lock"]')
    found = read_settings(path, {
        "RINGFENCE_ASTERISK_SECRET": "s3cret", "RINGFENCE_ASTERISK_PORT": "5039",
        "RINGFENCE_THREECX_BLOCKLIST": "true", "RINGFENCE_ACT_NEVER": "100 101",
    }).settings  # fmt: skip
    assert (found.asterisk.secret, found.asterisk.port) == ("s3cret", 5039)
    assert found.threecx.blocklist is True
    assert (found.act.automatic, found.act.never) == (("lock",), ("100", "101"))


@pytest.mark.parametrize(("section", "line", "says"), [
    ("mikrotik", 'url = "http://router.example"', "over https:// only"),
    ("mikrotik", 'url = "router.example"', "write it like https://"),
    ("pfsense", 'url = "https://fw.example/?key=s3cret"', "without [?]"),
    ("opnsense", 'url = "https://key:s3cret@fw.example"', "without user or password"),
    ("mikrotik", 'list = "a b"', "letters, digits"), ("opnsense", 'alias = "a-b"', "letters"),
    ("ssh", 'host = "-oProxyCommand=x"', "a machine is written like"),
    ("asterisk", r'user = "a b"', "without blanks"),
    ("asterisk", "locks = 1", "true or false"), ("threecx", 'blocklist = "true"', "true or false"),
    ("asterisk", 'port = "5038"', "a whole number"), ("ssh", "port = 70000", "65535"),
    ("act", 'automatic = ["reboot"]', "there are end-calls, lock"),
    ("act", 'automatic = "lock"', "a list of texts"), ("act", "never = [100]", "a list of texts"),
    ("act", 'never = ["a\\nb"]', "each a line"),
    ("freeswitch", 'host = "a b"', "name of a machine"),
])  # fmt: skip
def test_a_mistake_names_its_field(tmp_path: Path, section: str, line: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as error:
        load_settings(written(tmp_path, f"[{section}]\n{line}"), {})
    assert f"{section}.{line.partition(' ')[0]}" in str(error.value)
    assert "s3cret" not in str(error.value)


def test_in_clear_only_this_machine_is_spoken_to(tmp_path: Path) -> None:
    path = written(tmp_path, '[threecx]\nurl = "http://127.0.0.1:5000/"')
    assert load_settings(path, {}).threecx.url == "http://127.0.0.1:5000"


def test_every_check_is_of_a_field_that_there_is() -> None:
    from ringfence.flow.settings import field_names

    assert {*TEXTS, *PORTS, *FLAGS, *SECRET_FILES, *SECRET_FILES.values()} <= set(field_names())
