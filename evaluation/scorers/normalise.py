"""How two texts are made comparable. Each step is named, so that a benchmark says which it used."""

import re
import string
import unicodedata

ARTICLES = re.compile(r"\b(a|an|the)\b")
SPACES = re.compile(r"\s+")
ASCII_PUNCTUATION = set(string.punctuation)


def squad(text: str) -> str:
    """The SQuAD v1.1 evaluation script's normalisation: lower case, no ASCII punctuation, no English articles, single spaces."""
    lowered = "".join(character for character in text.lower() if character not in ASCII_PUNCTUATION)
    return SPACES.sub(" ", ARTICLES.sub(" ", lowered)).strip()


def tidy(text: str, *, case: bool, punctuation: bool, articles: bool, spaces: bool) -> str:
    """`text` in Unicode NFC, with the named differences removed (True means: remove this difference)."""
    text = unicodedata.normalize("NFC", text)
    if case:
        text = text.casefold()
    if punctuation:
        text = "".join(c for c in text if not unicodedata.category(c).startswith("P"))
    if articles:
        text = ARTICLES.sub(" ", text)
    return SPACES.sub(" ", text).strip() if spaces else text
