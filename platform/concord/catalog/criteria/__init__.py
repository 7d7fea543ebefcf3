"""Criteria as they are defined: by an object that may start from a template. Made into rows by a service."""
