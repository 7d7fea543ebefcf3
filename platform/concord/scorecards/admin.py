"""The tables in the administrators back office."""
