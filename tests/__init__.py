"""The tests. A package, so that no library that ships one of this name can stand in front of it."""
