"""Records on each database in turn."""

from tests.databases import database_url, new_url, postgres, records, workspace

__all__ = ["database_url", "new_url", "postgres", "records", "workspace"]
