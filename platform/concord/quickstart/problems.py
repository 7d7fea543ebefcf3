"""What keeps the embedded servers from starting, said in one sentence."""


class CannotStart(Exception):
    """A sentence for the person at the keyboard; commands print it and exit with code 2."""
