"""Importing, as far as it writes: staging, writing, undo, and the steps of a batch. Each app registers its writers."""
