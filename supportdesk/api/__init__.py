"""The API as a whole: the packages' parts joined, described, and browsable."""
