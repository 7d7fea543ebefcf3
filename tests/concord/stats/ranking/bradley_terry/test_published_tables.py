"""Strengths as the literature and golden files print them."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats.ranking import bradley_terry
from tests.concord.stats.ranking.votes import from_wins

# American League 1987 (Agresti 2002, table 10.10): wins of the row over the column, of Milwaukee, Detroit, Toronto, New York,
# Boston, Cleveland and Baltimore; below, wins of the home team and wins of the visitors, by pair.
WINS = np.array(
    [
        [0, 7, 9, 7, 7, 9, 11],
        [6, 0, 7, 5, 11, 9, 9],
        [4, 6, 0, 7, 7, 8, 12],
        [6, 8, 6, 0, 6, 7, 10],
        [6, 2, 6, 7, 0, 7, 12],
        [4, 4, 5, 6, 6, 0, 6],
        [2, 4, 1, 3, 1, 7, 0],
    ]
)


def test_agrestis_baseball_against_the_published_table() -> None:
    """Strengths against Baltimore: 1.58, 1.44, 1.29, 1.25, 1.11, .68, 0 (standard errors .34 .34 .34 .34 .34 .34)."""
    result = bradley_terry(*from_wins(WINS), n_systems=7)
    against_last = result.log_strengths - result.log_strengths[6]
    assert against_last == pytest.approx([1.581, 1.436, 1.294, 1.248, 1.108, 0.684, 0.0], abs=6e-4)
    assert result.win_probability(0, 4) == pytest.approx(0.62, abs=5e-3)


def test_a_team_alone_against_the_closed_form() -> None:
    result = bradley_terry([0] * 8 + [1] * 2, [1] * 8 + [0] * 2, [1.0] * 10, n_systems=2)
    assert result.log_strengths[0] - result.log_strengths[1] == pytest.approx(np.log(4))
    assert result.difference(0, 1).standard_error == pytest.approx(np.sqrt(1 / 8 + 1 / 2) * np.sqrt(10 / 9))


OUTCOME = {"left": 1.0, "right": 0.0, "tie": 0.5}


@pytest.mark.real_data
def test_llmfao_bradley_terry_against_evalicas_golden_file(llmfao: dict[str, np.ndarray]) -> None:
    result = bradley_terry(llmfao["left"], llmfao["right"], llmfao["outcome"], n_systems=59)
    golden = llmfao["bradley_terry"]
    assert result.strengths == pytest.approx(golden / golden.sum(), abs=1e-9)
    assert result.n == 8931


Table = list[tuple[int, int, int, int, int]]  # first, second, wins of the first, ties, wins of the second


def expanded(table: Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return one vote for every count of the table."""
    rows = np.array(table)
    times = rows[:, 2:].ravel()
    left, right = (np.repeat(np.repeat(rows[:, k], 3), times) for k in (0, 1))
    return left, right, np.repeat(np.tile([1.0, 0.5, 0.0], len(rows)), times)


def test_citations_of_statistics_journals() -> None:
    """Stigler (1994), as in Agresti, Categorical Data Analysis: a citation is a win of the cited journal.

    Biometrika 0, Communications in Statistics -2.949, JASA -.480, JRSS-B .269.
    """
    cited = np.array([[714, 730, 498, 221], [33, 425, 68, 17], [320, 813, 1072, 142], [284, 276, 325, 188]])
    table = [(i, j, int(cited[i, j]), 0, int(cited[j, i])) for i in range(4) for j in range(i)]
    result = bradley_terry(*expanded(table), n_systems=4)
    expected = [0.0, -2.949072496844, -0.479569769752, 0.268954055819]
    assert result.log_strengths - result.log_strengths[0] == pytest.approx(expected, abs=1e-9)


AT_HOME = {
    0: [(1, 4, 3), (2, 4, 2), (3, 4, 3), (4, 6, 1), (5, 4, 2), (6, 6, 0)],
    1: [(0, 3, 3), (2, 4, 2), (3, 4, 3), (4, 6, 0), (5, 6, 1), (6, 4, 3)],
    2: [(0, 2, 5), (1, 4, 3), (3, 2, 4), (4, 4, 3), (5, 4, 2), (6, 6, 0)],
    3: [(0, 3, 3), (1, 5, 1), (2, 2, 5), (4, 4, 3), (5, 4, 2), (6, 6, 1)],
    4: [(0, 5, 1), (1, 2, 5), (2, 3, 3), (3, 4, 2), (5, 5, 2), (6, 6, 0)],
    5: [(0, 2, 5), (1, 3, 3), (2, 3, 4), (3, 4, 3), (4, 4, 2), (6, 2, 4)],
    6: [(0, 2, 5), (1, 1, 5), (2, 1, 6), (3, 2, 4), (4, 1, 6), (5, 3, 4)],
}


def test_baseball_with_home_advantage() -> None:
    """Agresti's home advantage of .302 (standard error .131); the rest from BradleyTerry2 in R."""
    table = [(home, away, w, 0, v) for home, rows in AT_HOME.items() for away, w, v in rows]
    votes = expanded(table)
    result = bradley_terry(*votes, n_systems=7, covariates=np.ones(len(votes[0])))
    assert result.coefficients == pytest.approx([0.302260655528], abs=1e-9)
    assert result.coefficient_standard_error == pytest.approx([0.131], abs=4e-3)  # sandwich beside model
    expected = [
        1.619554993578,
        1.475357213586,
        1.327110398072,
        1.281340403276,
        1.143802653297,
        0.704694456900,
    ]
    assert result.log_strengths[:6] - result.log_strengths[6] == pytest.approx(expected, abs=1e-9)
    plain = bradley_terry(*votes, n_systems=7)
    without = [1.581355876655, 1.436408431806, 1.294485123905, 1.247617845135, 1.107697705372, 0.683852769153]
    assert plain.log_strengths[:6] - plain.log_strengths[6] == pytest.approx(without, abs=1e-9)


# Dittrich, Hatzinger & Katzenbeisser (1998): 303 students prefer management schools (Barcelona, London, Milano, Paris,
# St. Gallen, Stockholm), ties allowed.
SCHOOLS: Table = [
    (1, 0, 217, 19, 67),
    (2, 0, 104, 67, 132),
    (3, 0, 157, 37, 109),
    (4, 0, 144, 25, 134),
    (1, 2, 221, 26, 56),
    (3, 2, 121, 32, 59),
    (1, 3, 186, 26, 91),
    (1, 4, 208, 22, 73),
    (2, 4, 135, 28, 140),
    (3, 4, 165, 19, 119),
    (0, 5, 172, 41, 90),
    (1, 5, 250, 19, 34),
    (2, 5, 157, 46, 100),
    (3, 5, 203, 30, 70),
    (4, 5, 155, 50, 98),
]
# Springall (1973): which of nine drinks tastes stronger.
FLAVOURS: Table = [
    (1, 2, 2, 7, 16), (1, 3, 0, 1, 21), (1, 4, 5, 10, 10), (1, 5, 2, 7, 15), (1, 6, 0, 2, 22), (1, 7, 12, 9, 3),
    (1, 8, 13, 5, 9), (1, 9, 10, 3, 12), (2, 3, 6, 5, 11), (2, 4, 17, 7, 2), (2, 5, 9, 8, 6), (2, 6, 8, 6, 12),
    (2, 7, 24, 0, 2), (2, 8, 16, 5, 3), (2, 9, 15, 7, 2), (3, 4, 22, 4, 2), (3, 5, 14, 5, 4), (3, 6, 11, 7, 4),
    (3, 7, 24, 3, 1), (3, 8, 22, 3, 0), (3, 9, 17, 6, 2), (4, 5, 3, 9, 14), (4, 6, 2, 4, 18), (4, 7, 12, 5, 6),
    (4, 8, 10, 6, 6), (4, 9, 8, 11, 9), (5, 6, 5, 9, 11), (5, 7, 20, 2, 0), (5, 8, 15, 5, 2), (5, 9, 13, 9, 5),
    (6, 7, 27, 0, 1), (6, 8, 19, 5, 1), (6, 9, 18, 2, 2), (7, 8, 2, 8, 13), (7, 9, 2, 5, 21), (8, 9, 6, 8, 8),
]  # fmt: skip
# Kousgaard (1984): which of eight sound fields is preferred, over three instruments.
SOUNDS: Table = [
    (1, 0, 8, 6, 6), (2, 0, 14, 4, 2), (3, 0, 13, 2, 5), (4, 0, 11, 4, 5), (5, 0, 13, 4, 3), (6, 0, 14, 3, 3),
    (7, 0, 14, 5, 1), (2, 1, 14, 3, 3), (3, 1, 11, 8, 1), (4, 1, 17, 2, 1), (5, 1, 12, 5, 3), (6, 1, 15, 4, 1),
    (7, 1, 16, 2, 2), (3, 2, 8, 4, 8), (4, 2, 6, 4, 10), (5, 2, 8, 5, 7), (6, 2, 7, 7, 6), (7, 2, 15, 1, 4),
    (4, 3, 7, 5, 8), (5, 3, 9, 6, 5), (6, 3, 13, 5, 2), (7, 3, 7, 8, 5), (5, 4, 9, 4, 7), (6, 4, 8, 5, 7),
    (7, 4, 8, 4, 8), (6, 5, 10, 5, 5), (7, 5, 7, 4, 9), (7, 6, 5, 8, 7),
]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "ties", "strengths", "log_tie", "log_likelihood"),
    [
        (SCHOOLS, "half", [0.537905597314, 1.597479654030, 0.387767142413, 0.906445266935, 0.525066644284], None, None),
        (
            SCHOOLS,
            "davidson",
            [0.61293242713, 1.82280191724, 0.44197213213, 1.03253381905, 0.59832205064],
            -1.31717975004,
            -3964.3781195448,
        ),
        (
            SCHOOLS,
            "rao-kupper",
            [0.53074210082, 1.62985254265, 0.38826673713, 0.91254436635, 0.51564397369],
            0.25092339489,
            -3960.7424900042,
        ),
        (
            FLAVOURS,
            "davidson",
            [-0.6074383, 1.6657912, 2.6833116, -0.2098279, 1.2873511, 2.2354090, -1.8889050, -0.6123362],
            -0.1443917,
            -732.06725544822,
        ),
        (
            FLAVOURS,
            "rao-kupper",
            [-0.4740245, 1.2000481, 1.9519265, -0.1551558, 0.9137333, 1.6541491, -1.4371279, -0.4645617],
            0.6970931,
            -730.004361475,
        ),
        (
            SOUNDS,
            "davidson",
            [-1.8745457, -2.1010553, -0.4098094, -0.6292829, -0.4098094, -0.2439798, 0.1738492],
            -0.3832670,
            -541.46578822917,
        ),
    ],
)  # fmt: skip
def test_published_tables_with_ties(
    table: Table, ties: str, strengths: list[float], log_tie: float | None, log_likelihood: float | None
) -> None:
    """R: half-wins by BradleyTerry2, the models of ties by optim and nlm on their likelihoods (good to about 1e-6)."""
    first = min(row[0] for row in table + [(b, a, *rest) for a, b, *rest in table])
    shifted = [(a - first, b - first, *rest) for a, b, *rest in table]
    n = max(max(row[:2]) for row in shifted) + 1
    result = bradley_terry(*expanded(shifted), n_systems=n, ties=ties)
    assert result.log_strengths[:-1] - result.log_strengths[-1] == pytest.approx(strengths, abs=3e-6)
    if log_tie is not None:
        assert np.log(result.tie_parameter) == pytest.approx(log_tie, abs=3e-6)
        assert result.log_likelihood == pytest.approx(log_likelihood, abs=1e-8)


def test_sound_fields_with_half_wins() -> None:
    """BradleyTerry2 in R gives these strengths beside field 000."""
    result = bradley_terry(*expanded(SOUNDS), n_systems=8)
    expected = [-0.164104538, 1.076031139, 0.913830869, 1.076031139, 1.198593465, 1.506895871, 1.378757178]
    assert result.log_strengths[1:] - result.log_strengths[0] == pytest.approx(expected, abs=1e-8)


def test_a_round_robin_by_its_closed_form() -> None:
    """Zermelo (1929): where only two meet, strengths are to each other as their wins; Ford (1957): a ring is symmetric."""
    ring = bradley_terry([0, 1, 2], [1, 2, 0], [1, 1, 1], n_systems=3)
    assert ring.log_strengths == pytest.approx([0, 0, 0], abs=1e-12)
    two = bradley_terry([0] * 7, [1] * 7, [1, 1, 1, 1, 1, 0, 0], n_systems=2)
    assert two.strengths == pytest.approx([5 / 7, 2 / 7], abs=1e-12)


# Davidson (1970), table 4: six chocolate puddings, preferred, not told apart, not preferred.
PUDDINGS: Table = [
    (0, 1, 19, 16, 22), (0, 2, 16, 12, 19), (1, 2, 19, 10, 19), (0, 3, 18, 13, 23), (1, 3, 23, 9, 19), (2, 3, 19, 15, 20),
    (0, 4, 13, 18, 19), (1, 4, 16, 12, 20), (2, 4, 16, 17, 15), (3, 4, 17, 16, 14), (0, 5, 18, 12, 21), (1, 5, 22, 12, 20),
    (2, 5, 13, 10, 18), (3, 5, 14, 18, 19), (4, 5, 11, 12, 21),
]  # fmt: skip


def test_davidsons_puddings() -> None:
    """Davidson printed .139, .173, .162, .165, .159, .202 and nu = .747; the digits are of a general optimiser."""
    result = bradley_terry(*expanded(PUDDINGS), n_systems=6, ties="davidson")
    printed = [0.139, 0.173, 0.162, 0.165, 0.159, 0.202]
    assert result.strengths == pytest.approx(printed, abs=5.5e-4)
    assert result.tie_parameter == pytest.approx(0.7468230, abs=1e-6)
    assert result.log_likelihood == pytest.approx(-809.7095100903, abs=1e-8)


def test_women_at_tennis() -> None:
    """Agresti, Categorical Data Analysis: Seles, Graf, Sabatini, Navratilova, Sanchez in 1989 and 1990; BradleyTerry2 in R."""
    won = [[0, 2, 1, 3, 2], [3, 0, 6, 3, 7], [0, 3, 0, 1, 3], [3, 0, 2, 0, 3], [0, 1, 2, 1, 0]]
    table = [(i, j, won[i][j], 0, won[j][i]) for i in range(5) for j in range(i)]
    result = bradley_terry(*expanded(table), n_systems=5)
    expected = [0.0, 0.399639623955, -0.802289694222, -0.445637886839, -1.533143937473]
    assert result.log_strengths - result.log_strengths[0] == pytest.approx(expected, abs=1e-9)


# psychotools in R: how many of 192 respondents prefer the first of each pair, by second and first.
PARTIES = [119, 25, 23, 38, 34, 124, 69, 76, 128, 125, 83, 70, 137, 134, 106]
NAMES = [87, 103, 112, 125, 129, 106, 140, 146, 129, 127, 109, 120, 103, 95, 73]


def preferred(wins: list[int]) -> Table:
    pair = [(i, j) for j in range(1, 6) for i in range(j)]
    return [(i, j, won, 0, 192 - won) for (i, j), won in zip(pair, wins, strict=True)]


def test_german_parties_of_2009() -> None:
    """None, Linke, Gruene, SPD, CDU/CSU, FDP: worth(btmodel(...)) and its log-likelihood."""
    result = bradley_terry(*expanded(preferred(PARTIES)), n_systems=6)
    worth = [0.0767747649, 0.0603624773, 0.3658388851, 0.2520270263, 0.1332274651, 0.1117693814]
    assert result.strengths == pytest.approx(worth, abs=1e-9)
    assert result.log_likelihood == pytest.approx(-1716.80732183, abs=1e-7)


def test_first_names() -> None:
    """Tim, Lucas, Michael, Robin, Benedikt beside Julius: coef(btmodel(...))."""
    result = bradley_terry(*expanded(preferred(NAMES)), n_systems=6)
    names = [0.3750857971616, 0.5532784821200, 0.1686988756782, -0.0791816785704, -0.6002191028803]
    assert result.log_strengths[:5] - result.log_strengths[5] == pytest.approx(names, abs=1e-9)
