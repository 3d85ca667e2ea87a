"""What the data are: vocabularies, schemas, reference systems, readers, joins, grids, stores."""
