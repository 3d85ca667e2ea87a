"""The forms people fill in by hand: on a phone, and on paper. Same questions, same codes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from analysis.report.escaping import safe_html
from geodata.records.vocabularies import RATINGS
from geodata.reporting import Way, Ways
from geodata.wording import Wording

ISSUE_LIST = "environment_issue"
"""What is wrong with a place. What people have met there is asked in the full audit only."""

PAPER_STOPS = 12
_NUMBER = re.compile(r"\+?[\d ]{3,}")


def phone_form(
    words: Wording, reporting: Ways, *, ring: Sequence[Way], is_laptop: bool = False
) -> str:
    """Write the phone form as a page.

    Parameters
    ----------
    words : Wording
        Its language.
    reporting : mapping
        Ways to report and to get help, of `geodata.reporting`.
    ring : sequence of Way
        Whom to ring when somebody may be at risk.
    is_laptop : bool
        Whether sign-in is off, which the page then says.
    """
    return _template("phone.html").render(
        words=words, state_json=json.dumps(_script_words(words), ensure_ascii=False),
        feelings=words.options("feeling"), issues=words.options(ISSUE_LIST),
        modes=words.options("response_mode"), routes=_links(reporting["route"]),
        support=_links(reporting["support"]), ring=_links(ring), is_laptop=is_laptop,
    )  # fmt: skip


def paper_form(words: Wording, reporting: Ways, *, walk: Mapping[str, Any] | None = None) -> str:
    """Write the paper twin as a page to print: large, with the same codes as the screen.

    Parameters
    ----------
    words : Wording
        Its language.
    reporting : mapping
        Ways to report, of `geodata.reporting`.
    walk : mapping, optional
        `event_id`, `name`, `date`, `stops` of a walk, as `analysis.jobs.walk_forms` gives them;
        lines to write on where there is none.
    """
    lists = {
        "issue": words.options(ISSUE_LIST),
        "positive": words.options("positive"),
        "behaviour": words.options("behaviour"),
        "suggestion": words.options("suggestion"),
    }
    return _template("paper.html").render(
        words=words, walk=walk, feelings=words.options("feeling"), lists=lists,
        ratings={name: words.options(f"rating.{name}") for name in RATINGS},
        modes=words.options("response_mode"), experiences=words.options("experience"),
        familiarity=words.options("familiarity"), alone=words.options("alone_effect"),
        numbers=numbers(words), routes=reporting["route"],
    )  # fmt: skip


def numbers(words: Wording) -> dict[str, dict[str, int]]:
    """Give each code of a list a number, from 1: what stands on paper and is typed on the keyboard.

    Examples
    --------
    >>> from geodata.wording import wording
    >>> numbers(wording())["issue"]["poor_lighting"]
    2
    """
    lists = {
        "issue": ISSUE_LIST,
        **{name: name for name in ("positive", "behaviour", "suggestion")},
    }
    return {
        name: {code: number for number, code in enumerate(words.options(of), start=1)}
        for name, of in lists.items()
    }


def _script_words(words: Wording) -> dict[str, Any]:
    form = words.section("form")
    plain = {key: text for key, text in form.items() if "." not in key}
    return {
        **plain,
        "state": words.section("form.state"),
        "safeguarding": words.section("form.safeguarding"),
    }


def _links(listed: Sequence[Way]) -> list[dict[str, str]]:
    """Add the number to ring, where a way is nothing but a number."""
    return [
        {
            "name": way.name, "how": way.how,
            "tel": way.how.replace(" ", "") if _NUMBER.fullmatch(way.how) else "",
        }
        for way in listed
    ]  # fmt: skip


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=PackageLoader("analysis.report", "templates"), autoescape=True,
        finalize=safe_html, undefined=StrictUndefined, trim_blocks=True,
    )  # fmt: skip
    return environment.get_template(name)
