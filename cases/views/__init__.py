"""Doors of the staff: read what was sent, call one verb, answer."""
