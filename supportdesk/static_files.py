"""Where style sheets, scripts and icons are: every page names twenty, and for a running process none of them moves."""

from __future__ import annotations

from functools import cache

from whitenoise.storage import CompressedManifestStaticFilesStorage


class KnownByHeart(CompressedManifestStaticFilesStorage):
    """Whitenoise's, each file under a name with its hash. That name is looked up once, not on every page."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.url = cache(self.url)
