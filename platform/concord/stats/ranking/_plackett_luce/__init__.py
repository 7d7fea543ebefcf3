"""The Plackett-Luce fit, and one-sided bounds for who always or never came first."""
