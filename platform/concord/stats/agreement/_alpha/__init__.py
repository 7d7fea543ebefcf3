"""Krippendorff's alpha in parts: its terms and how they are built, its intervals, and its result."""
