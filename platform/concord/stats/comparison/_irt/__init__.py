"""The two-parameter logistic model: its fit, and which parameters the answers can tell apart."""
