"""The Bradley-Terry fit in parts: the fit of one linked group, its intervals, one-sided bounds, and its result."""
