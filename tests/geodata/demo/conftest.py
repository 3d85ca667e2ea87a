import pandas as pd
import pytest

from geodata.demo import Demo, demo
from geodata.ward_join import assign_wards_xy


@pytest.fixture(scope="session")
def made() -> Demo:
    return demo()


@pytest.fixture(scope="session")
def reports(made) -> pd.DataFrame:
    """Every report of the demo, joined to the wards as the store will do it."""
    frame = pd.concat([batch.incidents for batch in made.batches], ignore_index=True)
    joined = assign_wards_xy(frame["easting"], frame["northing"], made.wards)
    return pd.concat([frame, joined], axis=1)
