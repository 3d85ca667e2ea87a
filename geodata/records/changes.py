"""One change to the records: several steps that are stored together or not at all.

Every step says in the history who did it and when, and what a field was before; of free text,
contact details and safeguarding it says only that it changed. Deleting a record also empties what
the history kept of it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from geodata.errors import RecordError, StaleRecordError
from geodata.records import history
from geodata.records.fields import LONDON, as_text, clean
from geodata.records.kinds import Kind, kind_of, links_to
from geodata.records.labels import Naming
from geodata.records.tables import STAMPS, Number, Submission


@dataclass(frozen=True)
class Record:
    """One record as it is stored.

    Attributes
    ----------
    kind, id : str
        Which one.
    version : int
        Rises by one with every change; send it back with a change (see `Change.update`).
    values : mapping
        Every column but the stamps, the id included.
    created_at, created_by, updated_at, updated_by
        Who touched it when.
    """

    kind: str
    id: str
    version: int
    values: Mapping[str, Any] = field(repr=False)
    created_at: dt.datetime
    created_by: str
    updated_at: dt.datetime
    updated_by: str

    def __getitem__(self, column: str) -> Any:  # noqa: ANN401 - each column has its own
        return self.values[column]

    def texts(self) -> dict[str, str]:
        """Write every value as spreadsheets show it."""
        fields = kind_of(self.kind).fields
        return {name: as_text(fields[name], value) for name, value in self.values.items()}


def find(connection: sa.Connection, kind: str, record_id: str, *, lock: bool = False) -> Record:
    """Read one record.

    Raises
    ------
    RecordError
        If there is none of that id.
    """
    which = kind_of(kind)
    query = sa.select(which.table).where(which.table.c[which.id_column] == record_id)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    if row is None:
        raise RecordError(
            f"There is no {which.label} of this id", got=record_id,
            todo="somebody may have deleted it; look at the list again",
        )  # fmt: skip
    return record_of(which, dict(row))


def record_of(kind: Kind, row: Mapping[str, Any]) -> Record:
    """Make a record of a row of its table."""
    stamps = {name: row[name] for name in STAMPS}
    values = {name: row[name] for name in kind.fields}
    return Record(kind.name, row[kind.id_column], values=values, **stamps)


@dataclass(frozen=True)
class Change:
    """Steps by one person at one moment, given by `Records.changing`.

    Attributes
    ----------
    connection : sqlalchemy.Connection
        Inside its transaction.
    by : str
        Who does it, for the history.
    at : datetime
        When, in Europe/London.
    headings : mapping, optional
        How messages name the columns to whoever works with a file or the command line:
        `geodata.records.labels.Naming`. None: by the labels of the forms.
    """

    connection: sa.Connection
    by: str
    at: dt.datetime
    headings: Mapping[str, str] | None = None
    _seen: set[tuple[str, str]] = field(default_factory=set, repr=False)
    _added: set[tuple[str, str]] = field(default_factory=set, repr=False)

    def is_new(self, record: Record) -> bool:
        """Tell whether this change added the record, or found it there (see `create`'s key)."""
        return (record.kind, record.id) in self._added

    def get(self, kind: str, record_id: str) -> Record:
        """Read one record, held so that nobody changes it before this change is stored.

        Raises
        ------
        RecordError
            If there is none of that id.
        """
        return find(self.connection, kind, record_id, lock=True)

    def create(
        self,
        kind: str,
        values: Mapping[str, Any],
        *,
        key: str = "",
        record_id: str = "",
        version: int = 1,
    ) -> Record:
        """Add a record.

        Parameters
        ----------
        kind : str
            One of `geodata.records.kinds.KINDS`.
        values : mapping
            Column -> value, or the text of one (`geodata.records.fields.clean`); what is left out
            is empty.
        key : str, optional
            A key the sender made up for this very record. Sent again, it answers with the record
            it led to and adds nothing.
        record_id : str, optional
            Its id, where it has one already (a spreadsheet that comes back); made up otherwise.
        version : int, default 1
            Where it starts, for a record that comes back with its id.

        Raises
        ------
        RecordError
            If the values cannot be stored, every fault in one message; the id is taken; or the
            key came before with other values.
        """
        which = kind_of(kind)
        full = self._cleaned(which, dict.fromkeys(which.fields, "") | dict(values), values)
        self._require_sound(which, full)
        full[which.id_column] = ""
        digest = _digest(which, full) if key else ""
        earlier = self._sent_before(key, digest) if key else None
        if earlier is not None:
            return self.get(kind, earlier)
        full[which.id_column] = self._new_id(which, record_id)
        if key:
            taken = self._claim(key, which.name, full[which.id_column], digest)
            if taken is not None:
                return self.get(kind, taken)
        stamps = {
            "version": version, "created_at": self.at, "created_by": self.by,
            "updated_at": self.at, "updated_by": self.by,
        }  # fmt: skip
        # Values beside the statement, not in it: SQLAlchemy then prepares it once for all rows.
        self.connection.execute(sa.insert(which.table), full | stamps)
        self._seen.add((kind, full[which.id_column]))
        self._added.add((kind, full[which.id_column]))
        self._note(which, full[which.id_column], "create")
        return record_of(which, full | stamps)

    def update(
        self, kind: str, record_id: str, values: Mapping[str, Any], *, version: int | None
    ) -> Record:
        """Change some columns of a record.

        Parameters
        ----------
        kind, record_id : str
            Which one.
        values : mapping
            Column -> new value; columns left out stay.
        version : int or None
            The version this person has seen. None is for programs that have just read the record
            in this same change.

        Returns
        -------
        Record
            As it is now. If nothing differs, nothing is stored and the version stays.

        Raises
        ------
        StaleRecordError
            If somebody changed it since, with both versions; nothing is overwritten. If what they
            stored is what this person wanted, that is no conflict.
        RecordError
            If there is no such record, or the values cannot be stored.
        """
        which = kind_of(kind)
        now = self.get(kind, record_id)
        wanted = self._cleaned(which, dict(now.values) | dict(values), values)
        changed = {
            name: value
            for name, value in wanted.items()
            if as_text(which.fields[name], value) != as_text(which.fields[name], now[name])
        }
        if not changed:
            return now
        if version is not None and version != now.version:
            yours = {name: wanted[name] for name in values if name in wanted}
            raise StaleRecordError(
                kind, record_id, version=now.version, theirs=dict(now.values), yours=yours,
                who=now.updated_by, named=self._naming(which),
            )  # fmt: skip
        # Only now: what does not hang together may be what the two of them changed.
        self._require_sound(which, wanted)
        stamps = {"version": now.version + 1, "updated_at": self.at, "updated_by": self.by}
        self.connection.execute(
            sa.update(which.table)
            .where(which.table.c[which.id_column] == record_id)
            .values(changed | stamps)
        )
        for name, value in changed.items():
            self._note(which, record_id, "change", name, now[name], value)
        return self.get(kind, record_id)

    def delete(self, kind: str, record_id: str, *, version: int | None) -> int:
        """Delete a record, what belongs to it, and what the history kept of them.

        Records that cannot do without it (the stops and responses of an event) go with it; others
        lose the link to it.

        Returns
        -------
        int
            Records deleted.

        Raises
        ------
        StaleRecordError
            If somebody changed it since.
        RecordError
            If there is no such record.
        """
        which = kind_of(kind)
        now = self.get(kind, record_id)
        if version is not None and version != now.version:
            raise StaleRecordError(
                kind, record_id, version=now.version, theirs=dict(now.values), yours={},
                who=now.updated_by,
            )  # fmt: skip
        gone = 1
        for other, column in links_to(kind):
            ids = sa.select(other.table.c[other.id_column]).where(
                other.table.c[column] == record_id
            )
            for other_id in self.connection.scalars(ids).all():
                if other.fields[column].required:
                    gone += self.delete(other.name, other_id, version=None)
                else:
                    self.update(other.name, other_id, {column: None}, version=None)
        self.connection.execute(
            sa.delete(which.table).where(which.table.c[which.id_column] == record_id)
        )
        self._seen.discard((kind, record_id))
        history.forget(self.connection, kind, record_id)
        self.connection.execute(
            sa.update(Submission)
            .where(Submission.kind == kind, Submission.record_id == record_id)
            .values(digest="")
        )
        self._note(which, record_id, "delete")
        return gone

    def _cleaned(
        self, kind: Kind, values: Mapping[str, Any], names: Iterable[str]
    ) -> dict[str, Any]:
        """Clean a whole record, of which `names` were given; raise with every fault at once."""
        naming = self._naming(kind)
        faults = [f"'{name}' is no column of it" for name in names if name not in kind.fields]
        whole: dict[str, Any] = {}
        for name, about in kind.fields.items():
            if name == kind.id_column:
                continue
            try:
                whole[name] = clean(about, values[name])
            except ValueError as fault:
                faults.append(f"{naming(name)} {fault}")
        _require_none(kind, faults)
        return whole

    def _naming(self, kind: Kind) -> Naming:
        return Naming(kind.fields, self.headings)

    def _require_sound(self, kind: Kind, whole: Mapping[str, Any]) -> None:
        """Check what must hold between the columns, and that links lead somewhere."""
        faults = kind.check(whole, self._naming(kind))
        _require_none(kind, [*faults, *self._lost_links(kind, whole)])

    def _lost_links(self, kind: Kind, whole: Mapping[str, Any]) -> list[str]:
        faults = []
        for column, other in kind.links.items():
            link = (other, whole[column])
            if whole[column] is None or link in self._seen:
                continue
            to = kind_of(other)
            there = sa.select(sa.literal(1)).where(to.table.c[to.id_column] == whole[column])
            if self.connection.execute(there).first() is None:
                named = self._naming(kind)(column)
                faults.append(f"{named} names {whole[column]}, which is not there")
            else:
                self._seen.add(link)
        return faults

    def _new_id(self, kind: Kind, given: str) -> str:
        if not given:
            year = self.at.year
            return f"{kind.prefix}-{year}-{self._count(kind.prefix, year, None):04d}"
        text = str(clean(kind.fields[kind.id_column], given))
        column = kind.table.c[kind.id_column]
        if self.connection.execute(sa.select(column).where(column == text)).first() is not None:
            raise RecordError(f"There is a {kind.label} of this id already", got=text)
        prefix, _, rest = text.partition("-")
        year_text, _, number = rest.partition("-")
        if prefix == kind.prefix and re.fullmatch(r"[0-9]{4}-[0-9]{1,8}", rest):
            self._count(prefix, int(year_text), int(number))
        return text

    def _count(self, prefix: str, year: int, at_least: int | None) -> int:
        """Give the next number of a year; or remember that one was given elsewhere."""
        numbers = Number.__table__
        insert = upsert(self.connection, numbers).values(
            prefix=prefix, year=year, last=at_least or 1
        )
        last: Any = numbers.c.last + 1
        if at_least is not None:
            last = sa.case((numbers.c.last < at_least, at_least), else_=numbers.c.last)
        statement = insert.on_conflict_do_update(
            index_elements=[numbers.c.prefix, numbers.c.year], set_={"last": last}
        ).returning(numbers.c.last)
        return int(self.connection.execute(statement).scalar_one())

    def _sent_before(self, key: str, digest: str) -> str | None:
        row = self.connection.execute(
            sa.select(Submission.record_id, Submission.digest).where(Submission.key == key)
        ).first()
        if row is None:
            return None
        if not row.digest:
            raise RecordError("This was stored once and has been deleted since", got=row.record_id)
        if row.digest != digest:
            raise RecordError(
                "This key came before with other content", got=key,
                todo="give what was changed a key of its own, or change the stored record",
            )  # fmt: skip
        return str(row.record_id)

    def _claim(self, key: str, kind: str, record_id: str, digest: str) -> str | None:
        """Take a key for a record; give the other record if another sender was quicker."""
        taken = self.connection.execute(
            upsert(self.connection, Submission.__table__)
            .values(key=key, kind=kind, record_id=record_id, digest=digest)
            .on_conflict_do_nothing()
            .returning(Submission.key)
        )
        return self._sent_before(key, digest) if taken.first() is None else None

    def _note(
        self,
        kind: Kind,
        record_id: str,
        doing: str,
        name: str = "",
        old: object = None,
        new: object = None,
    ) -> None:
        about = kind.fields[name] if name else None
        hidden = about is not None and about.hidden
        told = about is not None and not hidden
        history.add(
            self.connection, at=self.at, by=self.by, kind=kind.name, record_id=record_id,
            doing=doing, field=name, hidden=hidden,
            old=as_text(about, old) if about and told else None,
            new=as_text(about, new) if about and told else None,
        )  # fmt: skip


def _require_none(kind: Kind, faults: list[str]) -> None:
    if faults:
        more = f" (and {len(faults) - 1} more: {'; '.join(faults[1:6])})"
        raise RecordError(
            f"This {kind.label} cannot be stored",
            got=faults[0] + (more if len(faults) > 1 else ""),
            todo="correct it and try again",
        )


def upsert(connection: sa.Connection, table: Any) -> Any:  # noqa: ANN401 - one a dialect
    """Begin an INSERT that can say what to do on conflict, which each database has its own for."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


def _digest(kind: Kind, values: Mapping[str, Any]) -> str:
    texts = {name: as_text(kind.fields[name], value) for name, value in values.items()}
    told = json.dumps([kind.name, texts], sort_keys=True).encode()
    return hashlib.sha256(told).hexdigest()


def london(at: dt.datetime) -> dt.datetime:
    """Turn a moment to Europe/London, whole seconds.

    Raises
    ------
    ValueError
        If it lacks its time zone.
    """
    if at.tzinfo is None:
        raise ValueError("a moment lacks its time zone")
    return at.astimezone(LONDON).replace(microsecond=0)
