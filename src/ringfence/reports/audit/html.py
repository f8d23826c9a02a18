"""The audit as one HTML file: nothing runs in it, nothing is loaded, every text is escaped.

How it works: as the report of an incident (`reports/page/html.py`), with its style sheet.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ringfence.model.text import shown
from ringfence.reports.audit.compose import AuditReport
from ringfence.reports.page.html import policy
from ringfence.reports.palette import DARK, LIGHT, variables


def render_html(report: AuditReport) -> str:
    """The whole file."""
    return page("audit.html.j2", {"report": report}, ("reports.page", "reports.audit"))


def page(template: str, values: dict[str, object], sheets: tuple[str, ...]) -> str:
    """A template of this package with the style sheets of these packages."""
    style = _style(sheets)
    return (
        _environment()
        .get_template(template)
        .render(
            **values,
            policy=policy(style),
            style=Markup(style),  # noqa: S704 - our own sheets
        )
    )


@cache
def _style(sheets: tuple[str, ...]) -> str:
    return "\n".join([
        f":root{{color-scheme:light dark;{variables(LIGHT)}}}",
        f"@media screen and (prefers-color-scheme:dark){{:root{{{variables(DARK)}}}}}",
        *(
            files(f"ringfence.{sheet}").joinpath("style.css").read_text(encoding="utf-8")
            for sheet in sheets
        ),
    ])  # fmt: skip


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ringfence.reports.audit", "sections"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": "{:,}".format}
    return environment


def _visible(value: object) -> object:
    """What a template writes: markup of ours as it is, anything else with nothing invisible."""
    return value if isinstance(value, Markup) else shown(str(value))
