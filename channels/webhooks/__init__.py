"""Webhooks out: other programs hear that something happened to a case, and fetch the rest by the API.

``wanting`` writes down who is to hear of an entry, ``sending`` claims and sends it, ``posting`` is the only thing here
that opens a connection, to an address that ``addresses`` has checked.
"""
