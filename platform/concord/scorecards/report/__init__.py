"""A scorecard's report: evidence in, JSON out. No Django, so that a notebook can make it from the same arrays."""
