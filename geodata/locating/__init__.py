"""Find places by the words of a report: postcode, UPRN, street, junction, station.

Only open gazetteers that lie in the workspace are asked, never a service outside. Nothing is
guessed: what could be two places, or is too large to be one, waits for a person, who pins it once.
"""
