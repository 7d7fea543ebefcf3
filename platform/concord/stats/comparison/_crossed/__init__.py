"""Crossed effects in parts: the terms of the model, its fit, and its result."""
