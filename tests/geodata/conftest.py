"""Records on each database in turn."""

from tests.databases import (
    database_url,
    empty_sqlite,
    new_url,
    postgres,
    records,
    workspace,
)

__all__ = ["database_url", "empty_sqlite", "new_url", "postgres", "records", "workspace"]
