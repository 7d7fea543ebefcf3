"""Secrets that are shown once: only their SHA-256 is ever stored.

They are 256 random bits, so a plain hash is enough: there is nothing to guess, and a lookup costs one index read.
"""

import hashlib
import secrets


def new_secret(prefix: str = "") -> str:
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
