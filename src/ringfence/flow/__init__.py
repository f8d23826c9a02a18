"""The flow, composed: the only modules that import stages.

    captures ──▶ investigation ──▶ incident ──┬─▶ report      page, paper, timeline
                                              ├─▶ evidence    sealed bags
                                              ├─▶ blocking    lists for every firewall
                                              ├─▶ twin        what may leave the house
                                              ├─▶ folder      all of these, whole or not at all
                                              ├─▶ casebook    cases over the years, their follow-up
                                              ├─▶ responsible who answers for an address
                                              ├─▶ attribution the same, written into the incident
                                              ├─▶ exporting   STIX, MISP, AbuseIPDB
                                              └─▶ status      the report of a case as it stands
    captures ──▶ messages      lists, exports, ladders
    interface ─▶ recording     a capture
    decision ──▶ firewall      dropped in the kernel, kept, and proven to hold

Data goes one way. What a command does not need is not loaded.
"""

from ringfence.flow.blocking import look_at_sharing, plan_blocks, write_blocks
from ringfence.flow.casebook import Casebook, CaseError, StoreError, name_case
from ringfence.flow.evidence import (
    add_evidence,
    seal_evidence,
    seal_options,
    show_key,
    stamp_evidence,
    verify_evidence,
)
from ringfence.flow.folder import CaseFolder, FolderError, FolderOptions, write_folder
from ringfence.flow.investigation import (
    Address,
    CaptureError,
    Investigation,
    Owner,
    OwnerError,
    Verdict,
    investigate,
    read_messages,
)
from ringfence.flow.messages import (
    draw_ladder,
    draw_svg,
    export_messages,
    find_exchange,
    find_messages,
)
from ringfence.flow.recording import find_recorder, interfaces, record, record_hep
from ringfence.flow.report import render_html, render_pdf, retell

__all__ = [
    "Address",
    "CaptureError",
    "CaseError",
    "CaseFolder",
    "Casebook",
    "FolderError",
    "FolderOptions",
    "Investigation",
    "Owner",
    "OwnerError",
    "StoreError",
    "Verdict",
    "add_evidence",
    "draw_ladder",
    "draw_svg",
    "export_messages",
    "find_exchange",
    "find_messages",
    "find_recorder",
    "interfaces",
    "investigate",
    "look_at_sharing",
    "name_case",
    "plan_blocks",
    "read_messages",
    "record",
    "record_hep",
    "render_html",
    "render_pdf",
    "retell",
    "seal_evidence",
    "seal_options",
    "show_key",
    "stamp_evidence",
    "verify_evidence",
    "write_blocks",
    "write_folder",
]
