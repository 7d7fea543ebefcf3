"""Which systems meet which, and who stands first: a balanced order of pairs."""

from collections.abc import Sequence


def rounds(n_systems: int) -> list[tuple[int, int]]:
    """All pairs of `n_systems` in round-robin order (the circle method): any stretch of it meets every system equally often.

    Each pair is written with the smaller number first.
    """
    seats: list[int] = list(range(n_systems)) + ([-1] if n_systems % 2 else [])
    pairs: list[tuple[int, int]] = []
    for _ in range(len(seats) - 1):
        half = len(seats) // 2
        meeting = zip(seats[:half], reversed(seats[half:]), strict=True)
        pairs += [(min(one, two), max(one, two)) for one, two in meeting if -1 not in (one, two)]
        seats = [seats[0], seats[-1], *seats[1:-1]]
    return pairs


def shown_second_first(one: int, two: int) -> bool:
    """Whether the pair starts swapped: over all pairs each system then stands first in half of its meetings, give or take one."""
    return (one + two) % 2 == 0


def pair_columns(systems: Sequence[int]) -> tuple[list[int], list[int], list[bool]]:
    """The pairs of these system ids in balanced order, as columns: first id, second id, starts swapped."""
    order = rounds(len(systems))
    return (
        [systems[one] for one, _ in order],
        [systems[two] for _, two in order],
        [shown_second_first(one, two) for one, two in order],
    )
