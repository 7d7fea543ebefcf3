"""From answers to figures: what is said of ratings, scores and timings, in one place for every page.

A study's page, a run's page, a scorecard, an export and a notebook call the same functions with the same arguments, so a
figure of the same answers, in the same scope and family, is the same number everywhere. NumPy, SciPy and
`concord.stats` only: no Django, so that every published figure can be recomputed from its columns.
"""
