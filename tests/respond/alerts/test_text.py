"""What an alarm says, and what a stranger's name in it cannot do, at any channel."""

from __future__ import annotations

import re
from dataclasses import replace
from email.message import EmailMessage
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.alarm import ATTACK, BREAK_IN, EFFECTIVE, MOVED, NOT_EFFECTIVE, Attack
from ringfence.respond.alerts.text import (
    MAX_CLAIM,
    MAX_LISTED,
    MAX_SUBJECT,
    alarm_of,
    digest_of,
    harmless,
    trial,
)

GUESSER = Attack(
    key="203.0.113.7",
    addresses=("203.0.113.7", "203.0.113.8"),
    kinds=("password_guessing",),
    began="2026-11-26T14:02:11Z",
    messages=1204,
    reason="refused credentials 12 times for 4 accounts",
    done="blocked until 2026-11-26T15:02Z",
    effect=EFFECTIVE,
    effect_says="effective after 0.2 s",
    undo="ringfence unblock 203.0.113.7",
    case_id="RF-2026-0007",
)


def test_alarm_says_what_who_whether_they_got_in_what_was_done_and_how_to_undo_it() -> None:
    alarm = alarm_of(GUESSER, ATTACK, 1)
    assert alarm.subject == (
        "Attack: password guessing from 203.0.113.7 and 1 more; blocked until 2026-11-26T15:02Z"
    )
    assert alarm.text == (
        "What: password guessing since 2026-11-26T14:02:11Z, 1,204 messages\n"
        "Why: refused credentials 12 times for 4 accounts\n"
        "Who: 203.0.113.7 and 1 more\n"
        "Got in: no\n"
        "Done: blocked until 2026-11-26T15:02Z\n"
        "Works: yes, effective after 0.2 s\n"
        "Undo: ringfence unblock 203.0.113.7\n"
        "Case: ringfence case show RF-2026-0007"
    )


def test_break_in_is_said_first_with_what_it_cost() -> None:
    attack = replace(
        GUESSER, accounts_taken=("240",), calls_answered=2, minutes=12.4, cost="about 40 EUR"
    )
    alarm = alarm_of(attack, BREAK_IN, 2)
    assert alarm.subject.startswith("Update 1: BREAK-IN: account 240 taken by 203.0.113.7")
    assert (
        "Got in: YES: account 240; 2 calls answered, 12 minutes, about 40 EUR; "
        "change its password now" in alarm.lines
    )


@pytest.mark.parametrize(
    ("changes", "line", "subject"),
    [
        ({"effect": NOT_EFFECTIVE, "effect_says": "it comes over IPv6"},
         "Works: NO: it comes over IPv6", "the block does NOT work"),
        ({"effect": MOVED, "effect_says": ""},
         "Works: NO: packets of it still arrive", "goes on from another address"),
        ({"dry_run": True},
         "Done: nothing, the guard only watches (--enforce lets it act); would be: %s",
         "NOT blocked"),
        ({"done": ""}, "Done: nothing", "NOT blocked"),
        ({"proven": False},
         "Who: 203.0.113.7 and 1 more (may be forged: the address has not answered)", "blocked"),
    ],
)  # fmt: skip
def test_what_was_done_is_not_made_to_look_better(
    changes: dict[str, object], line: str, subject: str
) -> None:
    alarm = alarm_of(replace(GUESSER, **changes), ATTACK, 1)  # type: ignore[arg-type]
    assert line.replace("%s", GUESSER.done) in alarm.lines
    assert subject in alarm.subject


def test_several_attacks_are_one_message() -> None:
    attacks = [replace(GUESSER, addresses=(f"203.0.113.{n}",)) for n in range(40)]
    alarm = digest_of(attacks, ATTACK)
    assert alarm.subject == "40 attacks since the last message"
    assert len(alarm.lines) == MAX_LISTED + 3
    assert f"and {40 - MAX_LISTED} more" in alarm.lines


def test_trial_says_that_nobody_attacks() -> None:
    assert "Nobody attacks" in trial().text


EVIL = [
    "240\r\nBcc: everybody@evil.example",
    "<script>alert(1)</script>",
    "<img src=//evil.example/x>",
    "[your account](https://evil.example/login)",
    "https://evil.example/login",
    "www.evil.example",
    "evil.example",
    "admin@evil.example",
    "@everyone",
    "@here",
    "<!channel>",
    "<@U123456>",
    "*bold* _it_ ~no~ `code` ```block``` ||spoiler||",
    "# heading",
    "> quote",
    "&lt;b&gt;",
    ":rotating_light:",
    "\x1b]0;owned\x07\x1b[2J",
    "a\u202eb\u200bc",
    "tel:+883510",
    "sip:1@evil.example",
    "$(reboot) `reboot` ;reboot|sh",
    "240 %0d%0aSet: 1",
]


@pytest.mark.parametrize("name", EVIL)
def test_name_that_a_stranger_chose_is_only_text_at_every_channel(name: str) -> None:
    attack = replace(
        GUESSER, accounts_taken=(name,), reason=f'it said "{name}"', kinds=(name,),
        addresses=(name,), done=name, effect_says=name, undo=name, case_id=name, cost=name,
    )  # fmt: skip
    alarm = alarm_of(replace(attack, undo=""), BREAK_IN, 1)
    for line in (alarm.subject, *alarm.lines):
        assert line.isprintable()  # terminal, syslog: no control, nothing invisible
        claimed = re.sub(r"\b(https?|ringfence) ", "", line)
        assert not re.search(r"[<>&@*_~`|#\[\]\\/{}$!]", claimed)  # HTML, markdown, mentions
        assert not re.search(r"[a-z]\.[a-z]", line, re.IGNORECASE)  # links by themselves
        assert not re.search(r":[a-z_+]", line, re.IGNORECASE)  # emoji, schemes
    mail = EmailMessage()
    mail["Subject"] = alarm.subject  # refuses line breaks by itself
    mail.set_content(alarm.text)
    assert set(mail.keys()) <= {
        "Subject", "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip


@given(st.text(max_size=MAX_CLAIM))
def test_what_was_made_harmless_can_be_read_back(text: str) -> None:
    assert unquote(harmless(text), errors="surrogatepass") == text.replace("\n", " ")


@given(st.text())
def test_any_name_is_bounded(text: str) -> None:
    alarm = alarm_of(replace(GUESSER, accounts_taken=(text,) * 50), BREAK_IN, 1)
    assert len(alarm.subject) <= MAX_SUBJECT
    assert all(len(line) <= 600 for line in alarm.lines)


def test_undo_cannot_hold_a_second_line() -> None:
    alarm = alarm_of(replace(GUESSER, undo="ringfence unblock 203.0.113.7\nrm -r x"), ATTACK, 1)
    assert "Undo: ringfence unblock 203.0.113.7\\x0arm -r x" in alarm.lines


def test_commands_that_help_now_stand_below_who_got_in() -> None:
    attack = Attack(
        "203.0.113.7", ("203.0.113.7",), accounts_taken=("201",),
        to_do=("ringfence act end-calls 201", "ringfence act lock 201"),
    )  # fmt: skip
    lines = alarm_of(attack, BREAK_IN, 1).lines
    assert "Next: ringfence act end-calls 201" in lines
    assert "Next: ringfence act lock 201" in lines
