"""The import engine: one for every kind of record. Each app registers what it can take in (see `registry`)."""
