"""Roles: an order of what they may do, and one table that decides."""

from itertools import product

import pytest

from concord.accounts.states import ALLOWED, ROLE_MEANS, Action, Role, covers, lands_in_studies, roles_for

ROLES = [str(role) for role in Role]
# Written out a second time, by action: who may give, change, see, read, judge.
WHO = {
    "manage": ["owner"],
    "design": ["owner", "designer"],
    "review": ["owner", "designer", "reviewer"],
    "read": ["owner", "designer", "reviewer", "viewer"],
    "rate": ["owner", "designer", "reviewer", "rater"],
}


@pytest.mark.parametrize("action", [str(action) for action in Action])
def test_each_action_is_for_these_roles_and_no_others(action: str) -> None:
    assert roles_for(action) == WHO[action]
    for role in ROLES:
        assert (action in ALLOWED[role]) == (role in WHO[action])


def test_an_action_that_nobody_declared_is_nobodys() -> None:
    assert roles_for("delete everything") == []


@pytest.mark.parametrize(("role", "other"), list(product(ROLES, ROLES)))
def test_one_role_covers_another_where_it_may_do_all_of_its_actions(role: str, other: str) -> None:
    needed = {action for action, who in WHO.items() if other in who}
    had = {action for action, who in WHO.items() if role in who}
    assert covers(role, other) == (needed <= had)


def test_a_rater_and_a_viewer_are_not_above_each_other() -> None:
    assert not covers("rater", "viewer")
    assert not covers("viewer", "rater")


@pytest.mark.parametrize(
    ("roles", "studies"),
    [
        (["rater"], True),
        (["rater", "rater"], True),
        (["rater", "viewer"], False),
        (["viewer"], False),
        (["owner"], False),
        ([], True),
    ],
)
def test_who_only_rates_lands_in_studies(roles: list[str], studies: bool) -> None:
    assert lands_in_studies(roles) == studies


def test_every_role_and_every_action_is_explained() -> None:
    assert set(ROLE_MEANS) == set(ROLES) == set(ALLOWED)
    assert len(set(ROLE_MEANS.values())) == len(ROLES)
    assert all(action.label and action.label != action.value for action in Action)
