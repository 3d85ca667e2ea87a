"""A route as GPX, for a phone or a watch: the stops as waypoints, the way as a track. WGS84."""

from __future__ import annotations

import datetime as dt

import gpxpy.gpx
import numpy as np
import shapely

from analysis.report.escaping import plain_text
from analysis.report.route_sheet import RouteSheet
from analysis.report.shapes import lonlat

CREATOR = "Safer Walks"


def route_gpx(sheet: RouteSheet, *, made_at: dt.datetime) -> bytes:
    """Write a route as GPX 1.1.

    Parameters
    ----------
    sheet : RouteSheet
        The route.
    made_at : datetime
        Written into the file; must know its time zone.

    Returns
    -------
    bytes
        UTF-8. A waypoint for the start, each stop and the end, named '1. Town hall', with why and
        what to look at; a track for the way.
    """
    found = gpxpy.gpx.GPX()
    found.creator = CREATOR
    found.name = plain_text(sheet.title)
    found.description = plain_text(" ".join(filter(None, (sheet.mark + ".", sheet.message))))
    found.time = made_at.astimezone(dt.UTC)
    for point in sheet.points:
        place = lonlat(_points((point.easting, point.northing)))[0]
        label = f"{point.label}. {point.name}" if point.label.isdigit() else point.name
        times = " to ".join(dict.fromkeys(filter(None, (point.arrive, point.leave))))
        said = "\n".join(filter(None, (times, point.why, *point.look_at)))
        found.waypoints.append(
            gpxpy.gpx.GPXWaypoint(
                latitude=place.y, longitude=place.x, name=plain_text(label),
                description=plain_text(said) or None,
                type="stop" if point.label.isdigit() else None,
            )
        )  # fmt: skip
    corners = shapely.get_coordinates(lonlat(_shapes(sheet.line))[0])
    track = gpxpy.gpx.GPXTrack(name=plain_text(sheet.title))
    track.segments.append(
        gpxpy.gpx.GPXTrackSegment([gpxpy.gpx.GPXTrackPoint(lat, lon) for lon, lat in corners])
    )
    found.tracks.append(track)
    return found.to_xml(version="1.1").encode("utf-8")


def _points(place: tuple[float, float]) -> np.ndarray:
    return np.array([shapely.Point(place)])


def _shapes(line: shapely.LineString) -> np.ndarray:
    return np.array([line])
