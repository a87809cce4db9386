"""Taking out for good what a person wrote or what is written about them.

``texts`` is the list of every place where such words stand, ``verbs`` takes them out, ``again`` does it once more after
a backup was restored, ``views`` are the administrator's two pages.
"""
