"""The catalog's choices and the words that figures depend on are the same."""

import pytest

from concord.catalog import states
from concord.estimates import enums
from concord.scorecards import states as scorecard_states


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        (states.Direction, enums.Direction),
        (states.Level, enums.Level),
        (states.CriterionKind, enums.Kind),
        (scorecard_states.Estimand, enums.Estimand),
    ],
)
def test_choices_mirror_the_plain_enums(choices: type, words: type) -> None:
    assert [(one.name, one.value) for one in choices] == [(one.name, one.value) for one in words]


def test_a_scorecard_may_have_every_scope_that_people_can_have() -> None:
    scopes = {one.value for one in enums.Scope} - {enums.Scope.EXAMPLES.value}
    assert {one.value for one in scorecard_states.Scope} == scopes
