"""One scope for all systems of a comparison; what cannot be had is said."""

import pytest

from concord.estimates.enums import Scope
from concord.estimates.observations import observe
from concord.estimates.scopes import settle
from tests.concord.estimates.answers import mean, ratings

OTHERS, THESE = Scope.OTHER_RATERS, Scope.THESE_RATERS


def settled(raters: dict[int, tuple[int, ...]], wanted: Scope) -> tuple[Scope, list[str]]:
    rows = [(system, e, r, 3.0) for system, known in raters.items() for e in range(5) for r in known]
    scope, notes = settle(observe(ratings(rows), mean()), tuple(raters), wanted)
    return scope, [note.code for note in notes]


@pytest.mark.parametrize("raters", [3, 4, 5, 12])
@pytest.mark.parametrize("wanted", [THESE, OTHERS])
def test_the_scope_is_what_was_asked_for_however_many_raters_there_are(raters: int, wanted: Scope) -> None:
    assert settled(dict.fromkeys((1, 2), tuple(range(raters))), wanted) == (wanted, [])


@pytest.mark.parametrize("one_system", [(0,), (-1,), (0, 1), (-1, 0, 1, 2)])
def test_where_one_system_cannot_speak_of_others_none_does_and_a_note_says_so(
    one_system: tuple[int, ...],
) -> None:
    assert settled({1: (0, 1, 2), 2: one_system}, OTHERS) == (THESE, ["these_raters_only"])


def test_a_system_that_nobody_judged_does_not_count() -> None:
    assert settled({1: (0, 1, 2), 2: ()}, OTHERS) == (OTHERS, [])
