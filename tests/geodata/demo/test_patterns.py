import numpy as np
import pandas as pd
import pytest

from geodata.demo import patterns
from geodata.demo.places import places


def test_season_is_about_one_over_a_year_and_lowest_in_december():
    assert np.mean(patterns.SEASON) == pytest.approx(1, abs=0.02)
    assert min(patterns.SEASON) == patterns.daily_level("2025-12") == 0.73
    assert max(patterns.SEASON) == patterns.daily_level("2024-08") == 1.165


def test_weekday_and_hour_profiles_are_whole():
    assert len(patterns.WEEKDAYS) == 7
    assert {len(hours) for hours in patterns.HOURS.values()} == {24}


def test_stories_start_and_end_where_they_say():
    at = places().set_index("place_id").geometry
    for story in patterns.STORIES:
        here = at[story.place_id]
        point = pd.DataFrame({"easting": [here.x], "northing": [here.y]})
        others = [s for s in patterns.STORIES if s != story]
        assert all(at[s.place_id].distance(here) > 3 * s.reach_m for s in others)
        levels = patterns.story_levels(point, 36)[:, 0]
        assert levels[0] == pytest.approx(story.before, rel=1e-3)
        assert levels[-1] == pytest.approx(story.after, rel=1e-3)
        assert levels[-story.starts - 1] == pytest.approx(story.before, rel=1e-3)
        assert levels[-story.starts + 1] != pytest.approx(story.before, rel=1e-3)


def test_far_from_every_story_nothing_changes():
    levels = patterns.story_levels(pd.DataFrame({"easting": [530e3], "northing": [190e3]}), 36)
    assert np.allclose(levels, 1)


def test_drift_is_shared_by_a_block_and_bounded():
    levels = patterns.drift_levels(np.random.default_rng(3), np.array([7, 9, 7]), 36)
    assert levels.shape == (36, 3)
    assert np.array_equal(levels[:, 0], levels[:, 2])
    assert not np.array_equal(levels[:, 0], levels[:, 1])
    assert levels.min() >= 0.75
    assert levels.max() <= 1.25


@pytest.mark.parametrize("month", ["2026-13", "june", "2026-6", ""])
def test_a_month_that_is_none_is_refused(month):
    with pytest.raises(ValueError, match="YYYY-MM"):
        patterns.last_months(month, 36)
