"""The programme planner: a named place, a date and a time for every event that lacks one.

Frames in, frames out. `wishes` says what may be asked for, `assignment` what a plan is and which
wishes it breaks, `model` finds the best plan and proves it, `words` says it all.
"""
