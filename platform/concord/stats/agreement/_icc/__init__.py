"""Sums of squares of intraclass correlations, and their intervals."""
