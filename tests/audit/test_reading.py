"""Files and folders, known by what is in them."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from ringfence.audit.reading import read
from ringfence.model.auditing import AuditError
from ringfence.model.pbx import System, Topic
from ringfence.model.secret import Kind
from tests.audit.pbxs import SHARED, generated, xapi


@pytest.mark.parametrize("system", list(System))
def test_what_was_made_is_read(system: System, tmp_path: Path) -> None:
    made = generated(system, 120, tmp_path)
    (pbx,) = read([made.path])
    assert (pbx.system, pbx.unknown, pbx.troubles) == (system, (), ())
    assert [one.number for one in pbx.extensions] == [one.number for one in made.people]
    pins = {Kind.PIN, Kind.VOICEMAIL}
    for one, person in zip(pbx.extensions, made.people, strict=True):
        password = next(secret for secret in one.secrets if secret.kind is Kind.PASSWORD)
        if password.hashed:
            assert password.hashed.hexdigest == person.ha1()
            continue
        assert password.text == person.password
        assert [secret.text for secret in one.secrets if secret.kind in pins] == [person.pin]
        assert one.name == f"{person.first} {person.last}"


@pytest.mark.parametrize("system", list(System))
def test_no_secret_is_shown(system: System, tmp_path: Path) -> None:
    made = generated(system, 60, tmp_path)
    shown = repr(read([made.path]))
    assert SHARED not in shown
    assert [
        one.number for one in made.people if len(one.password) > 8 and one.password in shown
    ] == []


def test_users_of_xapi(tmp_path: Path) -> None:
    made = generated(System.THREECX, 30, tmp_path)
    (pbx,) = read([xapi(made.people, tmp_path)])
    assert pbx.system is System.THREECX
    assert [one.number for one in pbx.extensions] == [one.number for one in made.people]


@pytest.mark.parametrize("system", [System.FREEPBX])
def test_five_thousand_rows_are_read_at_once(system: System, tmp_path: Path) -> None:
    made = generated(system, 5_000, tmp_path)
    began = time.process_time()
    (pbx,) = read([made.path])
    assert len(pbx.extensions) == 5_000
    assert time.process_time() - began < 5  # a machine of anybody's, busy; 0.4 to 0.8 s here


def test_files_of_one_asterisk_belong_together(tmp_path: Path) -> None:
    texts = {
        "a": "[200]\ntype=endpoint\nauth=200\n[200]\ntype=auth\npassword=x\n",
        "b": "[default]\n200 => 1234,Ann Lee,a@example.com\n201 => 9,Bo\n",
        "c": "[general]\nenabled=yes\n[admin]\nsecret=m\nread=all\n",
        "d": "[general]\n[logfiles]\nmessages => notice\n",
        "e": "[general]\nenabled=yes\nbindport=8088\nbindaddr=127.0.0.1\n",
        "f": "[general]\nenabled=yes\n[rest]\ntype=user\npassword=r\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    (pbx,) = read([tmp_path / name for name in texts])
    ann, bo = pbx.extensions
    assert (ann.name, ann.mail, [s.kind for s in ann.secrets][-1]) == (
        "Ann Lee", "a@example.com", Kind.VOICEMAIL,
    )  # fmt: skip
    assert (bo.number, len(bo.secrets)) == ("201", 1)
    assert [one.text for one in pbx.managers] == ["m", "r"]
    said = {(one.topic, one.value) for one in pbx.settings}
    assert {(Topic.MANAGER, "5038 on 0.0.0.0"), (Topic.MANAGER, "8088 on 127.0.0.1"),
            (Topic.SECURITY_LOG, "no")} <= said  # fmt: skip
    assert len(pbx.sources) == 6


def test_a_folder_with_both_drivers(tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text("[200]\ntype=endpoint\nauth=200\n")
    (tmp_path / "sip.conf").write_text("[general]\n[300]\ntype=friend\nhost=dynamic\nsecret=x\n")
    assert [pbx.system for pbx in read([tmp_path])] == [System.PJSIP, System.SIP_CONF]


def test_numbers_from_outside_are_given_to_extensions(tmp_path: Path) -> None:
    made = generated(System.FREEPBX, 3, tmp_path)
    dids = tmp_path / "dids.csv"
    dids.write_text('cidnum,extension,destination\n,2025550123,"from-did-direct,1001,1"\n')
    found = read([made.path, dids])
    assert found[0].extensions[1].dids == ("2025550123",)


def test_a_folder_of_exports(tmp_path: Path) -> None:
    generated(System.LIST, 3, tmp_path)
    assert [pbx.system for pbx in read([tmp_path])] == [System.LIST]


@pytest.mark.parametrize("text", ["", "hello", "a,b\n1,2\n", "[x]\ny=1\n", "\x7fELF\0"])
def test_what_is_not_known_says_what_is(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text(text)
    with pytest.raises(AuditError, match="x: not"):
        read([path])


def test_a_folder_without_settings_is_told(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="no settings of a phone system"):
        read([tmp_path])


def test_exports_of_others(shared_data: Path) -> None:
    files = sorted((shared_data / "pbx-config").glob("*.csv"))
    if not files:
        pytest.skip("no exports")
    found = read(files)
    assert len(found) == len(files)
    assert all(pbx.extensions and not pbx.unknown and not pbx.troubles for pbx in found)


@given(st.binary(max_size=200), st.sampled_from([
    b"", b"extension,password\n", b"<user id='1'>", b"[200]\ntype=endpoint\n", b'{"value":[',
    b"INSERT INTO subscriber (username,domain,ha1) VALUES (", b"SQLite format 3\0",
]))  # fmt: skip
@bounded(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_read_or_one_error(tmp_path: Path, octets: bytes, head: bytes) -> None:
    path = tmp_path / "fuzz"
    path.write_bytes(head + octets)
    with contextlib.suppress(AuditError):
        assert read([path])
