"""Steps from one layout of the records to the next."""
