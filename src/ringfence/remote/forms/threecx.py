"""3CX: entries of its own list that never block those who are admitted."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from ringfence.model.lockdown import Plan
from ringfence.remote.forms.form import NAME, FormFile, admitted, heading, text_of

_WHERE = "/xapi/v1/Blocklist"
_LASTS = timedelta(days=365)


def threecx_files(plan: Plan) -> tuple[FormFile, ...]:
    """The entries as bodies of requests, and a page on both ways."""
    until = f"{datetime.fromisoformat(plan.made_at) + _LASTS:%Y-%m-%dT%H:%M:%SZ}"
    networks = [f"{one.network_address}/{one.prefixlen}" for one in admitted(plan, home=False)]
    entries = [
        {"IPAddrMask": one, "BlockType": "Allow", "Description": NAME, "ExpiresAt": until}
        for one in networks
    ]
    page = heading(plan, "3CX", [
        "3CX's allow list closes nothing: it keeps 3CX from blocking these when a flood comes.",
        "Port 5060 is closed by the machine's own firewall (ringfence lockdown apply) or by the",
        "router in front of it.",
        "By hand: Admin Console, Security, IP Blacklist, Add: the address, its mask, Allow.",
        "By program: a token for an API client with POST https://YOUR-3CX/connect/token",
        f"(grant_type=client_credentials), then POST each object of 3cx-allow.json to {_WHERE}.",
        f"Undo: GET {_WHERE} with $filter=Description eq '{NAME}', then POST the Ids found to",
        f'{_WHERE}/Pbx.BulkIpsDelete as {{"ids": [1, 2, 3]}}.',
    ])  # fmt: skip
    return (
        FormFile("3cx-allow.json", f"3CX: one request body each for POST {_WHERE}",
                 json.dumps(entries, indent=1) + "\n"),
        FormFile("3cx-allow.txt", "3CX: how to enter the list",
                 text_of([*page, "", *(f"{one}  Allow  until {until}" for one in networks)])),
    )  # fmt: skip
