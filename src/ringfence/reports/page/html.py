"""The report as one HTML file: nothing runs in it, nothing is loaded, every text is escaped.

How it works: `compose` finds the words, the templates of `sections/` the form. Each
value that a template writes is made visible (`shown`) and escaped, whatever it is;
only pictures that we drew come in as markup. The one style sheet is named by its
SHA-256 in the content security policy, so a browser obeys no other, and no script.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ringfence.model.dossier import Dossier
from ringfence.model.exchange import Exchange
from ringfence.model.text import shown
from ringfence.reports import ladder_svg, scales_svg, timeline_svg
from ringfence.reports.compose import compose
from ringfence.reports.palette import DARK, LIGHT, variables
from ringfence.reports.report import Report
from ringfence.reports.rules import coloured, scoped
from ringfence.reports.words import decibans, octets


def render_html(dossier: Dossier) -> str:
    """The whole file."""
    return render(compose(dossier))


def render(report: Report) -> str:
    """The same, of a report that is composed."""
    style = _style()
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            report=report,
            policy=policy(style),
            style=Markup(style),  # noqa: S704 - our own sheet
        )
    )


def policy(style: str) -> str:
    """Content security policy: this style sheet, pictures within the file, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _style() -> str:
    sheet = files("ringfence.reports.page").joinpath("style.css").read_text(encoding="utf-8")
    return "\n".join([
        f":root{{color-scheme:light dark;{variables(LIGHT)}}}",
        f"@media screen and (prefers-color-scheme:dark){{:root{{{variables(DARK)}}}}}",
        scoped(coloured(timeline_svg.STYLE), "timeline"),
        scoped(coloured(scales_svg.STYLE), "scale"),
        scoped(ladder_svg.STYLE, "ladder"),
        sheet,
    ])  # fmt: skip


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ringfence.reports.page", "sections"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"decibans": decibans, "number": "{:,}".format}
    environment.globals |= {
        "octets": octets,
        "ladder": _ladder,
        "timeline": lambda report: _picture(
            timeline_svg.draw_timeline(report.timeline, report.moments)
        ),
        "timeline_title": timeline_svg.title_of,
        "timeline_figures": timeline_svg.figures,
        "scale": lambda weight_db, name: _picture(scales_svg.draw_scale(weight_db, name)),
        "bar": lambda weight_db: _picture(scales_svg.draw_bar(weight_db)),
    }
    return environment


def _visible(value: object) -> object:
    """What a template writes: markup of ours as it is, anything else with nothing invisible."""
    return value if isinstance(value, Markup) else shown(str(value))


def _picture(svg: str) -> Markup:
    return Markup(svg)  # noqa: S704 - drawn by us, its texts escaped there


def _ladder(exchange: Exchange, name: str) -> Markup:
    return _picture(ladder_svg.draw_svg(exchange, name))
