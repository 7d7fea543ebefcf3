"""When a sample hardly holds what would move agreement: said in the same words of alpha and of the kappas."""

from __future__ import annotations

_ENOUGH = 10  # units that differ from the commonest answers
SMALL = 30  # units with fewer of which Student's t is wide enough for kappas, and nothing is added to their upper end
NO_DISSENT = "no unit disagrees: the lower end is that with half a unit more, in which one rater differs."


def hardly_any_differ(n: int, commonest: int) -> tuple[str, ...]:
    """Return a warning where ``commonest`` of n units got the same answers: too few others to tell what more would say."""
    if n - commonest >= _ENOUGH or 2 * commonest < n:
        return ()
    few = f"only {n - commonest} of {n} units differ from the commonest answers"
    return (f"{few}: too few to tell what more of them would say.",)
