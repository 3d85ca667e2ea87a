"""The forms people fill in by hand: on a phone, and on paper. Same questions, same codes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from analysis.report.escaping import safe_html
from geodata.records.vocabularies import MONITORING, RATINGS
from geodata.reporting import Way, Ways
from geodata.wording import Wording

ISSUE_LIST = "environment_issue"
"""What is wrong with a place. What people have met there is asked in the full audit only."""

PAPER_STOPS = 12
FormKind = Literal["quick", "audit", "paper"]
ADDRESSES: Mapping[FormKind, str] = {
    "quick": "phone", "audit": "phone-audit", "paper": "phone-paper",
}  # fmt: skip
"""Where each form is. The names begin alike because one worker keeps all three without a signal."""
_NUMBER = re.compile(r"\+?[\d ]{3,}")


def phone_form(
    words: Wording,
    reporting: Ways,
    *,
    ring: Sequence[Way],
    is_laptop: bool = False,
    kind: FormKind = "quick",
    who: str = "",
) -> str:
    """Write one of the forms that keep what is typed, as a page.

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
    kind : {'quick', 'audit', 'paper'}
        One stop in under two minutes, everything, or paper forms by keyboard.
    who : str
        A mark of whoever is signed in: what one person typed is not shown to another who signs in
        on the same device.
    """
    said = _script_words(words) | {"kind": kind, "mark": who, "addresses": dict(ADDRESSES)}
    return _template("phone.html").render(
        words=words, state_json=json.dumps(said, ensure_ascii=False), kind=kind,
        title=words[{"quick": "form.title", "audit": "full.title", "paper": "keys.title"}[kind]],
        lead="" if kind == "quick" else words[f"{'full' if kind == 'audit' else 'keys'}.lead"],
        send=words[{"quick": "form.send", "audit": "full.send", "paper": "keys.send"}[kind]],
        others={ADDRESSES[k]: words[f"form.{n}"] for k, n in _OTHERS.items() if k != kind},
        feelings=words.options("feeling"), issues=words.options(ISSUE_LIST),
        modes=words.options("response_mode"), routes=_links(reporting["route"]),
        support=_links(reporting["support"]), ring=_links(ring), is_laptop=is_laptop,
        boxes=words.section("keys"), audit=_audit(words) if kind == "audit" else {},
    )  # fmt: skip


_OTHERS: Mapping[FormKind, str] = {"quick": "quick", "audit": "audit", "paper": "paper_entry"}


def _audit(words: Wording) -> dict[str, Any]:
    """Gather what the full audit asks beyond the quick form."""
    several = {
        "positives": ("full.positives", "positive", ""),
        "behaviours": ("full.behaviours", "behaviour", "full.behaviours_hint"),
        "changed_behaviour": ("full.changed_behaviour", "changed_behaviour", ""),
        "reasons_not_reported": ("full.reasons_not_reported", "reason_not_reported", ""),
        "suggestion_tags": ("full.suggestion_tags", "suggestion", ""),
        "usual_times": ("full.usual_times", "usual_time", ""),
    }
    one = {
        "experience": ("full.experience", "experience"),
        "familiarity": ("full.familiarity", "familiarity"),
        "alone_effect": ("full.alone_effect", "alone_effect"),
        "reported_before": ("full.reported_before", "reported_to"),
    }
    return {
        "several": {
            name: (words[label], words.options(of), words[hint] if hint else "")
            for name, (label, of, hint) in several.items()
        },
        "one": {name: (words[label], words.options(of)) for name, (label, of) in one.items()},
        "ratings": {
            name: (words[f"full.rating.{name}"], words.options(f"rating.{name}"))
            for name in RATINGS
        },
        "about": {
            name: (words[f"full.about.{name}"], words.options(f"monitoring.{name}"))
            for name in MONITORING
        },
    }


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
