"""Secrets that are shown once: random, long, and kept as a hash only."""

import hashlib
import re

from concord.accounts.services.secrets import digest, new_secret


def test_a_digest_is_the_sha_256_of_the_secret_against_published_value() -> None:
    # FIPS 180-2, appendix B.1: SHA-256 of "abc"
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert digest("ü") == hashlib.sha256(b"\xc3\xbc").hexdigest()


def test_secrets_are_of_256_bits_and_never_twice_the_same() -> None:
    made = [new_secret("con_") for _ in range(200)]
    assert len(set(made)) == 200
    # 32 bytes are 43 letters of base64; all may stand in an address.
    assert all(re.fullmatch(r"con_[A-Za-z0-9_-]{43}", secret) for secret in made)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", new_secret())
    letters = {letter for secret in made for letter in secret[4:]}
    assert len(letters) == 64
