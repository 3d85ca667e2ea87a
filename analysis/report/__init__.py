"""What we hand out: maps, charts and tables, as objects or bytes."""
