"""Routes of walks: the streets as a network to walk on, stops worth most, and when one is where.

Pure: frames and points in BNG metres in, minutes out. `analysis.jobs.route` brings the workspace.
"""
