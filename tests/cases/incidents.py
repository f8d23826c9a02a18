"""Small incidents for tests of cases and of the store."""

from __future__ import annotations

from ringfence.model.incident import SCHEMA, Campaign, Incident, Input, Suspect


def suspect(address: str, **facts: object) -> Suspect:
    """An attacker that guessed passwords, unless told otherwise."""
    known: dict[str, object] = {
        "verdict": "attacker", "kinds": ["password_guessing"], "weight_db": 50.0,
        "proven": "nonce", "clues": [], "messages": 40,
        "first_seen": "2026-10-02T19:05:00Z", "last_seen": "2026-10-02T20:05:00Z",
        "ports": [5060], "claimed_user_agents": ["x"], "methods": {"REGISTER": 40},
        "accounts_tried": 1, "accounts_tried_sample": ["240"], "guesses": 39, "guesses_masked": [],
        "accounts_taken": [], "numbers_dialled": [], "dialled_sample": [],
        "calls_answered": [], "minutes": 0.0, "estimated_cost": None, "currency": None,
        "campaign": "C-00000000",
    }  # fmt: skip
    return Suspect(address=address, **(known | facts))  # type: ignore[arg-type]


def incident(*suspects: Suspect, capture: str = "a" * 64, traits: tuple[str, ...] = ()) -> Incident:
    """An incident of one capture and one campaign."""
    given = Input("night.pcap", capture, 1000, 10, 10, None, None, {}, [])
    hand = Campaign("C-00000000", [s.address for s in suspects], "one hand", 20.0, list(traits))
    campaigns = [hand] if suspects else []
    return Incident(SCHEMA, [given], ["192.0.2.10"], list(suspects), [], 3, campaigns)
