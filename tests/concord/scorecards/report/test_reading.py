"""A dimension as it is read: whose figures lead, what is missing, and who comes first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from concord.estimates.enums import Choice, Scope
from concord.estimates.figure import Figure
from concord.estimates.joint import Joint
from concord.scorecards.evidence import Evidence
from concord.scorecards.report.reading import _side, contrasts_of, read
from concord.scorecards.report.scorecard import compute
from tests.concord.estimates.answers import dimension, mean, rate, ratings, scores, target

OUTPUTS = [(s, e) for s in (1, 2) for e in range(400)]


def judged(share: int, noise: float = 0.3, choice: Choice = Choice.DRAWN) -> Any:
    """People judge every `share`-th output, the machine all of them and nearly as people do: it has much to add."""
    rng = np.random.default_rng(1)
    truth = {(s, e): 3.0 + 0.3 * s + rng.normal(0, 1) for s, e in OUTPUTS}
    people = ratings([(s, e, 0, v + rng.normal(0, 0.1)) for (s, e), v in truth.items() if e % share == 0])
    machine = scores([(s, e, v + 0.5 + rng.normal(0, noise)) for (s, e), v in truth.items()])
    return dimension(mean(label_names={}), people, machine, target=target(OUTPUTS), choice=choice)


def test_both_together_lead_where_the_machine_adds_much() -> None:
    found = read(judged(5), (1, 2))
    assert (found.side, found.why_not_joint) == ("joint", "")
    assert found.joint is not None
    assert found.human is not None
    for system in (1, 2):
        both, alone = found.joint[system].figure, found.human[system]
        assert both.high - both.low < 0.7 * (alone.high - alone.low)
        assert both.n == alone.n == 80
        assert both.more["machine_error"] == pytest.approx(0.5, abs=0.15)
        assert both.more["unlabelled"] == 320
        assert found.joint[system].gain == pytest.approx(both.more["effective_n"] / 80)
        assert found.joint[system].gain > 2
    assert found.order == (2, 1)
    [gap] = contrasts_of(found, baseline=None, block=0)
    assert gap.figure.estimator == "joint.joint_difference"
    assert gap.figure.value == pytest.approx(
        found.joint[1].figure.value - found.joint[2].figure.value, abs=0.05
    )


def test_a_scorecard_says_the_least_gain_of_its_systems() -> None:
    systems = (1, 2)
    card = compute(Evidence(systems=systems, names={1: "Ada", 2: "Bob"}, dimensions=(judged(5),)))[
        "dimensions"
    ][0]
    found = read(judged(5), systems)
    assert found.joint is not None
    assert card["joint_gain"] == pytest.approx(min(one.gain for one in found.joint.values()))
    assert [cell["joint"]["leads"] for cell in card["cells"]] == [True, True]
    assert card["ranked_by"]["what"] == "joint"


def test_people_lead_where_nobody_can_show_that_outputs_were_drawn_at_random() -> None:
    systems, names = (1, 2), {1: "Ada", 2: "Bob"}
    unknown, declared, drawn = (
        compute(Evidence(systems=systems, names=names, dimensions=(judged(5, choice=choice),)))
        for choice in (Choice.UNKNOWN, Choice.DECLARED, Choice.DRAWN)
    )
    sides = [card["dimensions"][0]["standing"]["side"] for card in (unknown, declared, drawn)]
    assert sides == ["human", "joint", "joint"]
    assert unknown["dimensions"][0]["choice"] == {"how": "unknown", "why": ""}
    assert "not known to be drawn at random" in unknown["dimensions"][0]["why_not_joint"]
    assert "nobody can show that the outputs people judged were drawn at random: " in unknown["limits"][-1]
    said = "times as many rated outputs; that these were drawn at random is declared, not recorded)"
    assert said in declared["sentence"]["answer"]
    assert "at random" not in drawn["sentence"]["answer"]
    assert "the outputs that people judged were drawn at random: " in drawn["limits"][-1]


def test_people_lead_where_the_machine_has_nothing_to_add_or_judged_too_little() -> None:
    every = read(judged(1), (1, 2))
    assert every.side == "human"
    assert (
        every.why_not_joint
        == "people judged all outputs that the machine judged, so the machine has nothing to add"
    )
    few = read(judged(21), (1, 2))
    assert not few.why_not_joint.startswith("people and machine both judged")
    fewer = read(judged(22), (1, 2))
    assert (
        fewer.why_not_joint
        == "people and machine both judged 19 outputs; 20 are needed to correct the machine"
    )


def test_what_nobody_said_anything_about_is_counted_per_system_and_side() -> None:
    people = ratings([(1, e, 0, 1.0 + e % 2) for e in range(6)] + [(2, e, 0, 2.0) for e in range(3)])
    machine = scores([(1, e, 1.0) for e in range(10)] + [(2, 0, float("nan"))])
    outputs = target([(s, e) for s in (1, 2) for e in range(10)])
    found = read(dimension(rate(), people, machine, target=outputs), (1, 2))
    assert found.human is not None
    assert found.automatic is not None
    assert [dict(found.human[s].omitted) for s in (1, 2)] == [{"unrated outputs": 4}, {"unrated outputs": 7}]
    assert dict(found.automatic[1].omitted) == {}
    assert dict(found.automatic[2].omitted) == {"unscored outputs": 9, "unparsed": 1}


def test_one_side_alone_is_the_side_that_is_read() -> None:
    rows = [(s, e, float(s)) for s in (1, 2) for e in range(10)]
    machine = read(dimension(mean(), None, scores(rows)), (1, 2))
    assert (machine.side, machine.human, machine.joint, machine.people) == ("automatic", None, None, None)
    assert machine.question.scope == Scope.EXAMPLES
    people = read(dimension(mean(), ratings([(s, e, 0, v) for s, e, v in rows])), (1, 2))
    assert (people.side, people.automatic, people.machine) == ("human", None, None)
    silent = read(dimension(mean(), ratings([]), scores(rows)), (1, 2))
    assert silent.side == "automatic", "people were asked and said nothing"
    assert silent.order == (2, 1)
    assert len(contrasts_of(silent, baseline=None, block=0)) == 1
    assert contrasts_of(read(dimension(mean(), ratings([])), (1, 2)), baseline=None, block=0) == []


def test_the_commonest_reason_against_both_together_is_told() -> None:
    def joint(why: str) -> Joint:
        return Joint(figure=Figure(), leads=not why, why_not=why)

    reasons = {1: joint("too few"), 2: joint("wider"), 3: joint(""), 4: joint("wider")}
    people = {1: Figure(value=0.5)}
    assert _side(people, None, reasons) == ("human", "wider")
    assert _side(None, people, reasons) == ("automatic", "wider")
    assert _side(people, people, {1: joint("too few"), 2: joint("wider")}) == (
        "human",
        "too few",
    )  # the first of two
    assert _side(people, people, {1: joint("")}) == ("joint", "")
    assert _side(people, people, None) == ("human", "")
