"""Ward panel packs: made, handed out, published, and checked against the workspace later."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pandas as pd

from analysis.disclosure import Known, reports_alone, require_clean
from analysis.jobs.maps import DEMO_MARK
from analysis.jobs.pack_evidence import Reading, read_evidence, settle_months
from analysis.jobs.releases import Register, persons_known, register
from analysis.jobs.releases import publish as publish_release
from analysis.jobs.voices import records_stamp
from analysis.packs.comparing import differences
from analysis.packs.evidence import Evidence
from analysis.packs.model import (
    DRAFT,
    MARKS,
    SEEN_BY,
    UNPUBLISHED,
    Pack,
    PackAudience,
    day_words,
)
from analysis.packs.sections import sections_of
from analysis.report.licences import licence_lines
from analysis.report.pack_document import Ground, pack_document
from analysis.report.pack_files import pack_files
from analysis.report.pdf import pdf_pages_png
from analysis.report.tables import write_bytes
from geodata import layers, pack_store, releases
from geodata import months as m
from geodata.errors import SaferWalksError
from geodata.ward_names import ward_code_for
from geodata.workspace import Workspace

Progress = Callable[[float, str], None]

_READ_SHARE = 0.3


@dataclass(frozen=True)
class Wanted:
    """What is asked for.

    Attributes
    ----------
    wards : tuple of str
        Codes; all by default.
    audience : {'public', 'panel', 'internal'}
        Who may have it.
    first, last : str, optional
        Months; the last 12 stored by default.
    as_at : date, optional
        The day actions are looked at; that of `at` by default.
    prepared_by : str
        A post or team, not a person.
    """

    wards: tuple[str, ...] = ()
    audience: PackAudience = "internal"
    first: str | None = None
    last: str | None = None
    as_at: dt.date | None = None
    prepared_by: str = "Community safety team"


@dataclass(frozen=True)
class MadePack:
    """One ward's pack.

    Attributes
    ----------
    pack : Pack
        What it says.
    name : str
        What its zip is called, without ending.
    files : dict of str to bytes
        What is in the zip.
    no_pdf : str
        Why there is no PDF; '' where there is one.
    document : dict
        How it is laid out.
    """

    pack: Pack
    name: str
    files: dict[str, bytes] = field(repr=False)
    no_pdf: str = ""
    document: dict[str, Any] = field(default_factory=dict, repr=False)

    def zipped(self) -> bytes:
        """Pack its files into one, the same bytes for the same pack."""
        return pack_store.zip_bytes(self.files, dt.date.fromisoformat(self.pack.made_on))

    @property
    def file(self) -> str:
        """What its zip is called: a draft of what anybody may have says that it is one."""
        early = UNPUBLISHED in self.pack.marks
        return f"{self.name}{'-draft' if early else ''}.zip"

    def page(self) -> str:
        """Give the pack as one HTML page."""
        return next(c for n, c in self.files.items() if n.endswith(".html")).decode("utf-8")


@dataclass(frozen=True)
class PackResult:
    """The packs that were made.

    Attributes
    ----------
    made : tuple of MadePack
        By ward name.
    inputs : dict of str to str
        State of the workspace and of the records, parameters, and `digest` of all.
    told : pandas.DataFrame
        What the numbers about people tell, for the register of releases.
    checked_against : Register
        The releases together with which they give nothing away.
    """

    made: tuple[MadePack, ...]
    inputs: dict[str, str]
    told: pd.DataFrame = field(repr=False)
    checked_against: Register = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """Everything but the packs themselves."""
        lacking = {one.pack.ward_name: one.no_pdf for one in self.made if one.no_pdf}
        count = f"{len(self.made)} pack{'' if len(self.made) == 1 else 's'} made"
        return {
            "message": f"{count}, {self.inputs['first']} to {self.inputs['last']}, "
            f"for {self.inputs['audience']} readers."
            + (f" Without a PDF: {', '.join(lacking)}." if lacking else ""),
            "packs": [one.name for one in self.made], "without_pdf": lacking, **self.inputs,
        }  # fmt: skip


def make_packs(
    workspace: Workspace,
    wanted: Wanted,
    *,
    at: dt.datetime,
    draft: bool = True,
    progress: Progress = lambda _share, _words: None,
) -> PackResult:
    """Make the packs of one ward, some or all.

    Parameters
    ----------
    workspace : Workspace
        Whose reports and records.
    wanted : Wanted
        Which wards, months and audience.
    at : datetime
        When it is asked for.
    draft : bool
        Whether 'DRAFT' is printed across every page. A draft is in no register and so for the
        council alone, which its pages and its file's name say.
    progress : callable, optional
        Told the share done and what is being done.

    Raises
    ------
    SaferWalksError
        If a ward is not one, nothing is stored for the months, or a public file would hold what
        none may.
    """
    wards = workspace.wards().sort_values("ward_name", kind="stable")
    codes = _checked(wanted.wards, wards)
    first, last = settle_months(workspace, wanted.first, wanted.last)
    as_at = wanted.as_at or at.date()
    progress(0.02, "Reading reports and records")
    # What was published since this workspace was opened counts too.
    known = register(workspace.reopen())
    evidence, told = read_evidence(
        Reading(workspace, wanted.audience, first, last, as_at, known.numbers, known.rules)
    )
    looked_for = persons_known(workspace) if reports_alone(SEEN_BY[wanted.audience]) else None
    ground = Ground(
        workspace.wards(), layers.water(workspace), layers.streets(workspace), workspace.places()
    )
    made = []
    for number, code in enumerate(codes):
        pack = _pack(workspace, evidence, wanted, code, draft=draft)
        progress(_READ_SHARE + (1 - _READ_SHARE) * number / len(codes), pack.ward_name)
        made.append(_made(pack, evidence, ground, looked_for))
    progress(1.0, "Done")
    return PackResult(tuple(made), _inputs(workspace, evidence, wanted), told, known)


def _checked(wards: Sequence[str], known: pd.DataFrame) -> list[str]:
    """Take wards by code or by name; all where none is named."""
    codes = [ward_code_for(ward, known) for ward in wards]
    return list(dict.fromkeys(codes)) or list(known["ward_code"])


def _pack(
    workspace: Workspace, evidence: Evidence, wanted: Wanted, code: str, *, draft: bool
) -> Pack:
    wards = evidence.wards.set_index("ward_code")["ward_name"]
    demo = workspace.kind == "demo"
    facts = {
        "Ward": str(wards[code]), "Period": evidence.period,
        "Reports up to": m.label(evidence.reports[0].last),
        "Prepared": f"{wanted.prepared_by}, {day_words(evidence.as_at)}",
    }  # fmt: skip
    early = UNPUBLISHED if draft and reports_alone(SEEN_BY[evidence.audience]) else ""
    every = (DEMO_MARK if demo else "", MARKS[evidence.audience], early)
    marks = [mark for mark in every if mark]
    sources = [reports.source for reports in evidence.reports]
    return Pack(
        code, str(wards[code]), evidence.audience, facts, tuple(marks), DRAFT if draft else "",
        sections_of(evidence, code),
        licence_lines(sources, demo=demo, drawn=layers.credits_of(workspace)),
        evidence.as_at.isoformat(),
    )  # fmt: skip


def _made(pack: Pack, evidence: Evidence, ground: Ground, looked_for: Known | None) -> MadePack:
    reports = evidence.reports[0]
    mine = [pack.ward_code in codes for codes in reports.cells["ward_codes"]]
    cells = reports.cells[pd.Series(mine, reports.cells.index, dtype=bool)]
    document = pack_document(pack, ground)
    files, fault = pack_files(pack, document, areas=cells.drop(columns="ward_codes"))
    name = f"{pack.ward_code}-{evidence.first}-{evidence.last}-{pack.audience}"
    if looked_for is not None:
        require_clean(
            {f"{name}.zip {part}": content for part, content in files.items()}, looked_for
        )
    return MadePack(pack, name, files, fault, document)


def _inputs(workspace: Workspace, evidence: Evidence, wanted: Wanted) -> dict[str, str]:
    inputs = {
        "workspace": releases.version_of_data(workspace), "records": records_stamp(workspace),
        "first": evidence.first, "last": evidence.last, "audience": evidence.audience,
        "as_at": evidence.as_at.isoformat(), "prepared_by": wanted.prepared_by,
    }  # fmt: skip
    text = json.dumps(inputs, sort_keys=True)
    return {**inputs, "digest": hashlib.sha256(text.encode()).hexdigest()}


def preview(made: MadePack) -> bytes | None:
    """Draw the first page of a pack's PDF as PNG; None where it has no PDF."""
    if made.no_pdf:
        return None
    summary = {**made.document, "sections": made.document["sections"][:1]}
    return pdf_pages_png("pack.typ", summary, dots_per_inch=110)[0]


def write_packs(result: PackResult, folder: Path | str) -> list[Path]:
    """Write the packs as zips into a folder that is there.

    Raises
    ------
    SaferWalksError
        If the folder is not there, or a file cannot be written.
    """
    paths = [Path(folder) / one.file for one in result.made]
    for one, path in zip(result.made, paths, strict=True):
        write_bytes(one.zipped(), path)
    return paths


def publish_packs(
    workspace: Workspace, result: PackResult, *, by: str, at: dt.datetime, why: str = ""
) -> list[pack_store.Published]:
    """Freeze packs: each becomes the next version of its name, with what it was made from.

    Parameters
    ----------
    workspace : Workspace
        Where they are kept.
    result : PackResult
        Of `make_packs(..., draft=False)`.
    by, at
        Who publishes, and when.
    why : str
        For a correction: what was wrong. What changed is worked out and kept beside it.

    Raises
    ------
    SaferWalksError
        If one is a draft, or is published already exactly as it is.
    """
    drafts = [one.pack.ward_name for one in result.made if one.pack.watermark]
    if drafts:
        raise SaferWalksError(
            "A draft is not published", got=", ".join(drafts), todo="make the packs without draft"
        )
    known = result.checked_against
    if any(reports_alone(SEEN_BY[one.pack.audience]) for one in result.made):
        publish_release(
            workspace, {f"{one.name}.zip": one.zipped() for one in result.made}, [result.told],
            title=f"Ward panel packs, {result.inputs['first']} to {result.inputs['last']}",
            at=at.isoformat(), checked_against=known,
        )  # fmt: skip
    found = []
    for one in result.made:
        said = one.pack.numbers()
        earlier = pack_store.versions(workspace, one.name)
        changed = differences(earlier[-1].about["numbers"], said) if earlier else ()
        about = {
            "ward_code": one.pack.ward_code, "ward_name": one.pack.ward_name, "by": by,
            "published_at": at.isoformat(), "why": why, "changed": list(changed),
            "inputs": result.inputs, "numbers": said, "register": known.stamp,
            "minimum": known.rules.threshold,
        }  # fmt: skip
        found.append(pack_store.publish(workspace, one.name, one.zipped(), about))
    return found


def published_packs(workspace: Workspace) -> pd.DataFrame:
    """List the published packs: `name`, `version`, `ward`, `audience`, months, when and by whom."""
    rows = [
        {
            "name": one.name, "version": one.version, "ward": one.about["ward_name"],
            "ward_code": one.about["ward_code"], "audience": one.about["inputs"]["audience"],
            "first": one.about["inputs"]["first"], "last": one.about["inputs"]["last"],
            "published_at": one.about["published_at"], "by": one.about["by"],
            "why": one.about["why"],
            "changed": "; ".join(one.about["changed"]),
        }
        for one in pack_store.all_published(workspace)
    ]  # fmt: skip
    columns = ["name", "version", "ward", "ward_code", "audience", "first", "last", "published_at",
               "by", "why", "changed"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def published_file(workspace: Workspace, name: str, version: int) -> bytes:
    """Give what was handed out, as it was."""
    return pack_store.read_pack(workspace, name, version)


@dataclass(frozen=True)
class Checked:
    """Whether a published pack still follows from the workspace.

    Attributes
    ----------
    name, version
        Which.
    equal : bool
        Whether every sentence and number came out the same.
    differences : tuple of str
        What did not.
    same_inputs : bool
        Whether the workspace and the records are as they were then.
    """

    name: str
    version: int
    equal: bool
    differences: tuple[str, ...]
    same_inputs: bool

    def to_json(self) -> dict[str, Any]:
        """Turn it into what JSON can hold."""
        state = "are as they were" if self.same_inputs else "have changed since"
        said = "the same" if self.equal else f"{len(self.differences)} things differ"
        return {
            "message": f"{self.name}, version {self.version}: {said}; reports and records {state}.",
            "name": self.name, "version": self.version, "equal": self.equal,
            "same_inputs": self.same_inputs, "differences": list(self.differences),
        }  # fmt: skip


def check_published(workspace: Workspace, name: str, *, version: int | None = None) -> Checked:
    """Work a published pack out again from the workspace, and say what differs.

    Parameters
    ----------
    workspace : Workspace
        Where it was published.
    name : str
        Which pack, as the list names it.
    version : int, optional
        The newest by default.

    Raises
    ------
    SaferWalksError
        If there is no such pack.
    """
    known = pack_store.versions(workspace, name)
    which = version or len(known)
    pack_store.read_pack(workspace, name, which)
    about = known[which - 1].about
    inputs = about["inputs"]
    wanted = Wanted(
        (about["ward_code"],), cast("PackAudience", inputs["audience"]), inputs["first"],
        inputs["last"], dt.date.fromisoformat(inputs["as_at"]), inputs["prepared_by"],
    )  # fmt: skip
    then = register(workspace.reopen()).until(about["register"], about.get("minimum"))
    reading = Reading(
        workspace, wanted.audience, inputs["first"], inputs["last"],
        dt.date.fromisoformat(inputs["as_at"]), then.numbers, then.rules,
    )  # fmt: skip
    evidence, _ = read_evidence(reading)
    again = _pack(workspace, evidence, wanted, about["ward_code"], draft=False)
    found = differences(about["numbers"], again.numbers())
    same = _inputs(workspace, evidence, wanted)["digest"] == inputs["digest"]
    return Checked(name, which, not found, found, same)
