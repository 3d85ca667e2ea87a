"""What the data are: vocabularies, schemas, reference systems, readers, joins, grids, stores."""

from geodata.gdal import skip_drivers

# The one thing done at import: GDAL reads its list of drivers when it loads, and never again.
skip_drivers()
