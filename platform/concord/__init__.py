"""Concord: people and machines judge AI systems; both verdicts become one number."""
