"""Kamailio's subscribers and providers."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ringfence.audit import kamailio_sql
from ringfence.audit.rows import table
from ringfence.model.auditing import AuditError
from ringfence.model.secret import Kind

MD5 = "0123456789abcdef" * 2
INTO = "INSERT INTO subscriber (id,username,domain,password,ha1,ha1b,email_address) VALUES "


def test_subscribers_of_a_dump() -> None:
    pbx = kamailio_sql.read(
        f"{INTO}(1,'400','example.com','pw','{MD5}','{MD5}','a@example.com');\n", "x"
    )
    (one,) = pbx.extensions
    assert (one.number, one.mail, one.place.line) == ("400", "a@example.com", 1)
    assert [(s.text, s.hashed.user if s.hashed else "") for s in one.secrets] == [
        ("pw", ""), ("", "400"), ("", "400@example.com"),
    ]  # fmt: skip
    assert kamailio_sql.suits(INTO)


def test_providers_are_trunks() -> None:
    pbx = kamailio_sql.read(
        "COPY uacreg (id, l_uuid, r_domain, realm, auth_username, auth_password, auth_ha1, auth_proxy)"  # noqa: E501
        f" FROM stdin;\n1\tprov\tsip.example.net\tr\tme\t.\t{MD5}\tsip:192.0.2.1:5070\n\\.\n"
        "INSERT INTO address (id,ip_addr,mask,port,tag) VALUES (1,'198.51.100.0',24,0,'carrier');\n"
        "INSERT INTO dispatcher (id,destination) VALUES (4,'sip:192.0.2.9;transport=tcp');\n",
        "x",
    )
    assert [(t.name, t.hosts) for t in pbx.trunks] == [
        ("prov", ("sip.example.net", "192.0.2.1:5070")), ("dispatcher 4", ("192.0.2.9",)),
        ("carrier", ("198.51.100.0/24",)),
    ]  # fmt: skip
    (secret,) = pbx.trunks[0].secrets
    assert secret.kind is Kind.TRUNK
    assert secret.hashed is not None


def test_an_sqlite_file(tmp_path: Path) -> None:
    path = tmp_path / "k.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE subscriber (username, domain, password, ha1)")
    connection.execute("INSERT INTO subscriber VALUES ('400', 'example.com', '', ?)", (MD5,))
    connection.commit()
    connection.close()
    (one,) = kamailio_sql.read_file(path).extensions
    assert one.secrets[0].hashed is not None


def test_a_csv_of_the_table() -> None:
    found = table(f"username,domain,ha1\n400,example.com,{MD5}\n", "x")
    assert kamailio_sql.suits_columns(found.names)
    assert len(kamailio_sql.read_table(found).extensions) == 1


def test_a_dump_of_something_else_is_told() -> None:
    with pytest.raises(AuditError, match="no table of subscribers"):
        kamailio_sql.read("INSERT INTO cdr (a) VALUES (1);\n", "x")
