"""What to do about a source, as soon as it is known how it stands.

How it works: each source goes through questions, those that protect somebody first. Our
servers are left alone; for who the owner named, for peers and for regulars there is an
alarm at most, or one port; a user in trouble is let go. Only then: who is proven is
blocked, the longer the more often; who may be forged is slowed down. Who knocks fast
and in vain is slowed down before there is any verdict. Rules: every measure ends by
itself; nothing is done twice while it holds; no clock but that of the messages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ringfence.model.decision import ALARM, BLOCK, LIMIT, NARROW, RELEASE, Decision
from ringfence.model.standing import KNOWN, OURS, STRANGER, Standing

_S = 10**9
# Blocks of a proven attacker, by how often he was blocked before. An address changes hands
# within days, a patient attacker comes back within hours.
BLOCKS_S = (3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600)
# Who is not proven may be forged: whoever forges him must not gain more than a minute, and
# that no more than once an hour.
UNPROVEN_BLOCK_S = 60
UNPROVEN_AGAIN_S = 3600
LIMIT_ATTACKER_S = 600
LIMIT_SUSPECT_S = 300
LIMIT_FAST_S = 60
# Whoever is refused once for each of his accounts may be a gateway with old passwords in
# its first round, and no list is told from that below so many accounts.
MAX_LINES = 100
_FEW_ACCOUNTS = 3
# A phone that was refused tries again within this time, in the same call.
PHONE_RETRY_S = 600
# Fast, and in vain, within what `Standing` calls recent: passwords refused, each in a call
# of its own, and how many a second (lines of a gateway come one after the other); in one
# call, as a wrong PIN makes phones do (30 within 2.5 s were seen); failures of all kinds;
# calls and pings that lead to nothing, and how many a second.
FAST_GUESSES = 4
FAST_REFUSED = 5
FAST_REFUSED_A_SECOND = 10.0
FAST_INSISTS = 60
FAST_FAILURES = 60
FAST_VAIN = 80
FAST_VAIN_A_SECOND = 50.0
# Decibans from which a newcomer that looks like a running campaign is slowed down, and
# dropped for a minute; as for any other, before anything else is known it is -10.
_PRIOR_DB = -10.0
_MOVED_LIMIT_DB = 10.0
_MOVED_BLOCK_DB = 15.0
_MOVED_OFTEN = 2
# So many source ports fit one rule; who uses more changes them faster than a list follows.
MAX_PORTS = 15
# Addresses about which something was done. The one whose end is longest ago gives way.
MAX_HELD = 65_536
# Who was silent for so long is not slowed down: a forged address may never come again.
_GONE_S = 60
# A source of a flood that was seen so often is a flood itself; below that its address tells
# nothing, and the firewall's own limit for strangers is all that helps.
_SEEN_OFTEN = 10
# One alarm about the same thing within this time.
ALARM_AGAIN_S = 3600
MAX_ACCOUNTS_SAID = 16

# Clues that a suspect need not fail to bear.
_HARD = {"tool_agent", "decimal_shape", "nmap_probe", "strange_accounts", "via_names_target"}
_ROUND_KINDS = {"enumeration", "password_guessing", "scan"}
_STRENGTH = {"": 0, LIMIT: 1, NARROW: 2, BLOCK: 3}
_HOW_PROVEN = {
    "tcp": "its address is proven: it completed a TCP connection",
    "dialog": "its address is proven: it used a tag that we had sent to it",
    "nonce": "its address is proven: it answered a challenge that we had sent to it",
    "none": "its address may be forged",
}


@dataclass(slots=True)
class _Held:
    """What was done about one address."""

    action: str = ""
    until_ns: int = 0
    ports: tuple[int, ...] = ()
    offences: int = 0
    is_sure: bool = False  # proven and judged
    unproven_ns: int | None = None  # of the last block without proof
    said: dict[str, int] = field(default_factory=dict)  # alarms, and when

    def holds(self, now_ns: int) -> str:
        """The action that holds now, or ""."""
        return self.action if self.until_ns > now_ns else ""


class Decider:
    """All decisions of one guard. Tell it how sources stand; it says what is to be done."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}
        self._returned: list[str] = []
        self._doubts: dict[str, Standing] = {}  # who may yet turn out to be a phone

    def decide(self, standings: Iterable[Standing], now_ns: int) -> list[Decision]:
        """What is to be done now, about sources of which something changed."""
        found: list[Decision] = []
        for standing in (*standings, *self._no_phones(now_ns)):
            found += self._decide(standing)
        return found

    def _no_phones(self, now_ns: int) -> list[Standing]:
        """Sources that had the time to repeat themselves as phones do, and did not."""
        found = []
        while self._doubts:
            address, s = next(iter(self._doubts.items()))
            if 0 <= now_ns - s.last_ns < PHONE_RETRY_S * _S:
                break
            del self._doubts[address]
            found.append(replace(s, time_ns=now_ns))
        return found

    def restore(self, address: str, action: str, until_ns: int, offences: int) -> None:
        """What holds from before a restart, as the firewall or the store remembers it."""
        held = self._hold(address)
        held.action, held.until_ns, held.offences = action, until_ns, offences
        held.is_sure = offences > 0

    def returned(self) -> list[str]:
        """Addresses that came back after their block, since this was last asked.

        They are to begin anew: an address changes hands, and a new owner has done nothing.
        """
        returned, self._returned = self._returned, []
        return returned

    # ------------------------------------------------------------ one source

    def _decide(self, s: Standing) -> list[Decision]:
        if s.role == OURS:
            return self._let_go(s, "it is one of our own servers")
        if self._is_over(s):
            return []
        found = self._say_success(s)
        if s.role != STRANGER:
            return found + self._of_friend(s)
        if s.users and (s.verdict == "attacker" or self._holds(s)):
            return found + self._of_shared(s)
        return found + self._of_stranger(s)

    def _of_stranger(self, s: Standing) -> list[Decision]:
        is_anybody = s.proven == "none" and not s.is_tool and s.messages < _SEEN_OFTEN
        if is_anybody and "crowd" in s.clues:
            return self._say_crowd(s)
        self._doubts.pop(s.address, None)
        if _may_be_phones(s):
            return self._doubt(s)
        wanted = _wanted(s, self._held.get(s.address))
        if wanted is not None:
            return self._do(s, *wanted)
        held = self._held.get(s.address)
        is_short = held is not None and held.holds(s.time_ns) == BLOCK and not held.is_sure
        if is_short and not s.succeeded:
            return []  # a minute ends by itself, and nobody who fails that fast types
        if s.verdict == "user_in_trouble" or (s.verdict == "ordinary" and s.succeeded):
            return self._let_go(s, _RELEASED[s.verdict])
        return []

    def _doubt(self, s: Standing) -> list[Decision]:
        """Slow it down where that is felt, until it is known what repeats itself there."""
        if s.accounts <= _FEW_ACCOUNTS and len(self._doubts) < MAX_HELD:
            self._doubts[s.address] = s
        return self._do(s, LIMIT, LIMIT_ATTACKER_S, _DOUBT)

    def _is_over(self, s: Standing) -> bool:
        """Its block has ended: what was known of it has had its answer."""
        held = self._held.get(s.address)
        if held is None or not (held.is_sure and held.action in (BLOCK, NARROW)):
            return False
        if held.until_ns > s.time_ns:
            return False
        if s.last_ns >= held.until_ns:
            self._returned.append(s.address)
            held.action = ""
        return True

    def _of_friend(self, s: Standing) -> list[Decision]:
        """Somebody named by the owner, a peer, a regular: one port at most."""
        let_go = []
        if self._holds(s) not in ("", NARROW):
            let_go = self._let_go(s, "it turned out to be one of ours")
        if s.verdict != "attacker":
            return let_go
        if s.role != KNOWN and s.proven != "none" and _can_narrow(s):
            return let_go + self._do(s, NARROW, BLOCKS_S[0], _SHARED)
        return let_go + self._alarm(s, "friend", _FRIENDS[s.role])

    def _of_shared(self, s: Standing) -> list[Decision]:
        """Users send from this address as well."""
        let_go = []
        if self._holds(s) in (BLOCK, LIMIT):
            let_go = self._let_go(s, "users share the address")
        if s.verdict != "attacker":
            return let_go
        if s.proven != "none" and _can_narrow(s):
            lasts_s = BLOCKS_S[min(self._hold(s.address).offences, len(BLOCKS_S) - 1)]
            return let_go + self._do(s, NARROW, lasts_s, _SHARED)
        return let_go + self._alarm(s, "shared", _SHARED_ONLY)

    # ------------------------------------------------------------ what is done

    def _do(self, s: Standing, action: str, lasts_s: int, why: str) -> list[Decision]:
        proven = s.proven != "none"
        # Who is dropped for a minute may be forged, or was not judged yet.
        is_sure = proven and (action != BLOCK or lasts_s > UNPROVEN_BLOCK_S)
        if not proven and s.time_ns - s.last_ns > _GONE_S * _S:
            return []
        is_felt = s.recent_messages >= _SEEN_OFTEN or s.is_tool or s.moved
        if action == LIMIT and not (is_felt or _is_fast(s)):
            return self._alarm(s, "slow", _SLOW) if s.verdict == "attacker" else []
        held = self._hold(s.address)
        holds = held.holds(s.time_ns)
        ports = s.attack_ports if action == NARROW else ()
        is_more = _STRENGTH[action] > _STRENGTH[holds]
        is_other = action == NARROW == holds and not set(ports) <= set(held.ports)
        is_longer = action == BLOCK == holds and is_sure and not held.is_sure
        if not (is_more or is_other or is_longer):
            return []
        if action == BLOCK and not is_sure:
            held.unproven_ns = s.time_ns
        elif action in (BLOCK, NARROW) and not is_other:
            held.offences += 1
        held.action, held.ports = action, tuple(sorted({*ports, *held.ports}))[:MAX_PORTS]
        if action != NARROW:
            held.ports = ()
        held.until_ns, held.is_sure = s.time_ns + lasts_s * _S, is_sure
        return [_decision(s, action, why, lasts_s=lasts_s, ports=held.ports)]

    def _let_go(self, s: Standing, why: str) -> list[Decision]:
        held = self._held.get(s.address)
        if held is None or not held.holds(s.time_ns):
            return []
        if held.is_sure and held.action in (BLOCK, NARROW):
            held.offences = max(0, held.offences - 1)
        held.until_ns, held.action = 0, ""
        return [_decision(s, RELEASE, why)]

    def _alarm(self, s: Standing, what: str, why: str, account: str = "") -> list[Decision]:
        held = self._hold(s.address)
        said_ns = held.said.get(what)
        if said_ns is not None and 0 <= s.time_ns - said_ns < ALARM_AGAIN_S * _S:
            return []
        held.said[what] = s.time_ns
        return [_decision(s, ALARM, why, account=account)]

    def _say_success(self, s: Standing) -> list[Decision]:
        """An attacker was let in: nothing is louder."""
        if s.verdict != "attacker" or s.role in (OURS, KNOWN):
            return []
        found = []
        for account in s.accounts_taken[:MAX_ACCOUNTS_SAID]:
            why = "THE ATTACKER IS IN: the server accepted his password; change it now"
            found += self._alarm(s, f"taken {account}", why, account)
        if s.calls_abroad:
            account = s.accounts_taken[0] if s.accounts_taken else ""
            why = f"THE ATTACKER CALLS ABROAD: {s.calls_abroad} of his calls were answered"
            found += self._alarm(s, "calls", why, account)
        return found

    def _say_crowd(self, s: Standing) -> list[Decision]:
        """One of many addresses that are made up, or used once: one alarm for them all."""
        if s.verdict not in ("attacker", "suspect"):
            return []
        held = self._hold(f"crowd {' '.join(s.kinds)}")
        said_ns = held.said.get("crowd")
        if said_ns is not None and 0 <= s.time_ns - said_ns < ALARM_AGAIN_S * _S:
            return []
        held.said["crowd"] = held.until_ns = s.time_ns
        return [_decision(s, ALARM, _CROWD)]

    def _holds(self, s: Standing) -> str:
        held = self._held.get(s.address)
        return held.holds(s.time_ns) if held is not None else ""

    def _hold(self, address: str) -> _Held:
        held = self._held.get(address)
        if held is None:
            if len(self._held) >= MAX_HELD:
                self._make_room()
            held = self._held[address] = _Held()
        return held

    def _make_room(self) -> None:
        """The quarter whose measures ended first is forgotten: it costs a repetition at most."""
        oldest = sorted(self._held, key=lambda address: self._held[address].until_ns)
        for address in oldest[: MAX_HELD // 4]:
            del self._held[address]


_SHARED = "only these source ports: users share the address"
_DOUBT = (
    "it was refused once for each account, as a gateway with old passwords begins as well: it is "
    "slowed down until it repeats itself as phones do, or does not"
)
_SLOW = "too slow to be slowed down, and not to be blocked on this evidence: watch it"
_SHARED_ONLY = (
    "users share the address, and the attacker cannot be told apart from them: nothing is "
    "blocked; have the device found over there"
)
_CROWD = (
    "many addresses, each seen a few times, that may all be made up: to block them one by one "
    "helps nobody"
)
_FRIENDS = {
    "known": "you named it as a trunk, user or office, so nothing is blocked: it may be forged, "
    "or something there is in wrong hands",
    "peer": "it is called by us and answers, so nothing is blocked: it may be forged, or "
    "something there is in wrong hands",
    "regular": "it was let in on earlier days, so nothing is blocked: it may be forged, or "
    "something there is in wrong hands",
}
_RELEASED = {
    "user_in_trouble": "it is a user in trouble: help him",
    "ordinary": "it was let in, and nothing speaks against it",
}


def _wanted(s: Standing, held: _Held | None) -> tuple[str, int, str] | None:
    """Action, seconds, reason; None when nothing is to be done."""
    if s.verdict == "attacker":
        return _of_attacker(s, held)
    return _of_newcomer(s, held) or _of_hasty(s, held) or _of_suspect(s)


def _of_hasty(s: Standing, held: _Held | None) -> tuple[str, int, str] | None:
    """Somebody who fails faster than people do."""
    guesses = _guesses_fast(s)
    if guesses and _may_block_unproven(s, held):
        return BLOCK, UNPROVEN_BLOCK_S, guesses
    fast = _is_fast(s)
    return (LIMIT, LIMIT_FAST_S, fast) if fast else None


def _of_suspect(s: Standing) -> tuple[str, int, str] | None:
    # A monitor that begins, or an office whose answers take another way, fails at nothing; a
    # gateway in its first round at everything.
    is_doubtful = s.verdict == "suspect" and (s.failures or _HARD & {*s.clues})
    if is_doubtful and not s.succeeded and not _is_first_round(s):
        return LIMIT, LIMIT_SUSPECT_S, ""
    return None


def _of_attacker(s: Standing, held: _Held | None) -> tuple[str, int, str]:
    if s.proven != "none":
        offences = held.offences if held is not None else 0
        return BLOCK, BLOCKS_S[min(offences, len(BLOCKS_S) - 1)], ""
    if s.is_tool and _may_block_unproven(s, held):
        return BLOCK, UNPROVEN_BLOCK_S, ""
    return LIMIT, LIMIT_ATTACKER_S, ""


def _of_newcomer(s: Standing, held: _Held | None) -> tuple[str, int, str] | None:
    """Somebody whose first message looks like those of a campaign that goes on."""
    weight_db = _PRIOR_DB + s.moved_db
    if not s.moved or s.succeeded or weight_db < _MOVED_LIMIT_DB:
        return None
    why = f"it looks like {s.moved} addresses of a running attack, as no user does"
    is_sure = weight_db >= _MOVED_BLOCK_DB and s.moved >= _MOVED_OFTEN
    if is_sure and _may_block_unproven(s, held):
        return BLOCK, UNPROVEN_BLOCK_S, why
    return LIMIT, LIMIT_ATTACKER_S, why


def _may_be_phones(s: Standing) -> bool:
    """An attacker by what was seen, who may yet turn out to be a gateway, or one of many phones.

    Who was refused, and did not try again in its time, is no phone.
    """
    waited = s.time_ns - s.last_ns >= PHONE_RETRY_S * _S
    is_over = waited and s.accounts <= _FEW_ACCOUNTS
    return s.verdict == "attacker" and _is_first_round(s) and not is_over


def _is_first_round(s: Standing) -> bool:
    """Refused once for each account: so begin a gateway with old passwords, and a list.

    One phone of many that share an account begins like one of many guessers.
    """
    if s.is_tool or not s.refused or set(s.kinds) - _ROUND_KINDS:
        return False
    return s.refused_calls <= s.accounts <= MAX_LINES


def _may_block_unproven(s: Standing, held: _Held | None) -> bool:
    if held is None or held.unproven_ns is None:
        return True
    return not 0 <= s.time_ns - held.unproven_ns < UNPROVEN_AGAIN_S * _S


def _is_fast(s: Standing) -> str:
    """Why a stranger is slowed down before there is a verdict; "" when he is not."""
    if s.succeeded:
        return ""
    seconds = f"within {max(s.recent_s, 0.1):.1f} s"
    refused = FAST_INSISTS if s.insists else FAST_REFUSED
    if s.recent_refused >= max(refused, FAST_REFUSED_A_SECOND * s.recent_s):
        return f"{s.recent_refused} passwords refused {seconds}, and never let in"
    if s.recent_failures >= FAST_FAILURES:
        return f"{s.recent_failures} failures {seconds}, and never let in"
    if s.recent_vain >= max(FAST_VAIN, FAST_VAIN_A_SECOND * s.recent_s):
        return f"{s.recent_vain} calls and pings in vain {seconds}"
    return ""


def _guesses_fast(s: Standing) -> str:
    """Why a stranger is dropped for a minute before there is a verdict; "" when he is not.

    He is proven, and guesses at few accounts, faster than people type, each time in a call of
    its own. Phones repeat one call, and gateways are refused once for each of their accounts.
    """
    if s.succeeded or s.insists or s.proven == "none" or _is_first_round(s):
        return ""
    calls = s.refused_calls > _FEW_ACCOUNTS * s.accounts
    if not calls or s.recent_refused < max(FAST_GUESSES, FAST_REFUSED_A_SECOND * s.recent_s):
        return ""
    seconds = max(s.recent_s, 0.1)
    return f"{s.recent_refused} passwords refused within {seconds:.1f} s, each in a call of its own"


def _can_narrow(s: Standing) -> bool:
    return 0 < len(s.attack_ports) <= MAX_PORTS


def _decision(
    s: Standing,
    action: str,
    why: str,
    *,
    lasts_s: int = 0,
    ports: tuple[int, ...] = (),
    account: str = "",
) -> Decision:
    kinds = ", ".join(kind.replace("_", " ") for kind in s.kinds)
    facts = [f"{kinds} ({s.weight_db:+.0f} dB)" if kinds else "", why, s.because]
    if action in (BLOCK, NARROW, LIMIT):
        facts.append(_HOW_PROVEN[s.proven])
    return Decision(
        action=action,
        address=s.address,
        reason="; ".join(fact for fact in facts if fact),
        time_ns=s.time_ns,
        kinds=s.kinds,
        weight_db=s.weight_db,
        proven=s.proven,
        ports=ports,
        lasts_s=lasts_s,
        account=account,
        campaign=s.campaign,
        messages=s.messages,
        refused=s.refused,
    )
