"""Some two hundred ordinary problems of the last sixty days, so that lists look like a real Tuesday.

``problems`` are the words, ``courses`` what becomes of a problem, ``making`` draws and tells them, each by itself.
"""
