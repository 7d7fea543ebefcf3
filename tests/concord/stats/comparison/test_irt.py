"""The two-parameter logistic model: published items, identification, and simulated answers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError, comparison
from concord.stats.comparison import irt_2pl

# Bock & Lieberman (1970), LSAT section 6: frequencies of the 32 answer patterns 00000 ... 11111.
LSAT6 = [
    3,
    6,
    2,
    11,
    1,
    1,
    3,
    4,
    1,
    8,
    0,
    16,
    0,
    3,
    2,
    15,
    10,
    29,
    14,
    81,
    3,
    28,
    15,
    80,
    16,
    56,
    21,
    173,
    11,
    61,
    28,
    298,
]


def test_lsat6_against_the_published_two_parameter_fit() -> None:
    """R's ltm vignette (Rizopoulos 2006): discriminations, difficulties and log-likelihood -2466.65."""
    assert sum(LSAT6) == 1000
    patterns = np.repeat(np.arange(32), LSAT6)
    answers = (patterns[:, None] >> np.array([4, 3, 2, 1, 0])) & 1
    person, item = np.indices(answers.shape)
    result = irt_2pl(person.ravel(), item.ravel(), answers.ravel())
    assert result.discrimination == pytest.approx([0.825, 0.723, 0.890, 0.689, 0.658], abs=2e-3)
    assert result.difficulty == pytest.approx([-3.360, -1.370, -0.280, -1.866, -3.124], abs=5e-3)
    assert result.log_likelihood == pytest.approx(-2466.65, abs=0.02)
    assert result.converged


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ([(0, 1)], [0, 0, 0, 0, 0]),  # one association for two discriminations
        ([(0, 1), (1, 2)], [0, 0, 0, 0, 0]),
        ([(0, 1), (1, 2), (0, 2)], [1, 1, 1, 0, 0]),  # a ring of three pairs
        ([(0, 1), (1, 2), (2, 3), (0, 3)], [0, 0, 0, 0, 0]),  # a ring of four
        ([(0, 1, 2), (3, 4)], [1, 1, 1, 0, 0]),
        ([(0, 1, 2), (2, 3), (3, 4)], [1, 1, 1, 1, 1]),
    ],
)
def test_items_have_parameters_where_their_associations_tell_them_apart_against_the_rank(
    asked: list[tuple[int, ...]], known: list[int]
) -> None:
    """The chances of all patterns, as functions of the parameters, have full rank exactly there (for rings of four nearly)."""
    items = sorted({item for group in asked for item in group if known[item]})
    both = [group for group in asked if set(group) <= set(items)]
    if items:
        assert smallest_of_jacobian(both, items) > 1e-2
    else:
        assert smallest_of_jacobian(asked, sorted({item for group in asked for item in group})) < 1e-4
    rng = np.random.default_rng(5)
    group = rng.integers(len(asked), size=900)
    person = np.concatenate([[p] * len(asked[g]) for p, g in enumerate(group)])
    item = np.concatenate([asked[g] for g in group])
    right = rng.random(len(item)) < 1 / (1 + np.exp(-rng.normal(size=900)[person]))
    found = irt_2pl(person, item, right)
    assert np.isfinite(found.discrimination).tolist() == [bool(known[i]) for i in found.item_codes]
    assert bool(found.undefined) == (not any(known))
    assert any("not answered together" in note for note in found.notes) == (
        len(items) < len(found.item_codes)
    )


def smallest_of_jacobian(asked: list[tuple[int, ...]], items: list[int]) -> float:
    """The smallest singular value over the largest, of the chances of patterns by slopes and intercepts."""
    x = np.linspace(-7, 7, 201)
    weight = np.exp(-x * x / 2) / np.exp(-x * x / 2).sum()
    rng, n = np.random.default_rng(0), len(items)

    def chances(parameter: np.ndarray) -> np.ndarray:
        one = 1 / (1 + np.exp(-(parameter[:n, None] * x + parameter[n:, None])))
        found = []
        for group in asked:
            for pattern in np.ndindex(*[2] * len(group)):
                each = [
                    one[items.index(i)] if yes else 1 - one[items.index(i)]
                    for i, yes in zip(group, pattern, strict=True)
                ]
                found.append(float(np.prod(each, axis=0) @ weight))
        return np.array(found)

    at = np.concatenate([rng.uniform(0.6, 1.5, n), rng.normal(0, 0.7, n)])
    slope = [(chances(at + 1e-5 * e) - chances(at - 1e-5 * e)) / 2e-5 for e in np.eye(2 * n)]
    values = np.linalg.svd(np.array(slope), compute_uv=False)
    return float(values[-1] / values[0])


def test_irt_without_an_answer_and_with_solved_items() -> None:
    assert irt_2pl([0, 1], [0, 0], [1, 0]).undefined
    person, item = np.indices((60, 4))
    answers = np.random.default_rng(1).integers(0, 2, size=(60, 4))
    answers[:, 3] = 1
    result = irt_2pl(person.ravel(), item.ravel(), answers.ravel())
    assert np.isnan(result.difficulty[3])
    assert result.notes
    with pytest.raises(InputError):
        irt_2pl([0], [0], [2])


# Bock & Lieberman (1970), LSAT section 7: frequencies of the 32 answer patterns 00000 ... 11111.
LSAT7 = [
    12, 19, 1, 7, 3, 19, 3, 17, 10, 5, 3, 7, 7, 23, 8, 28, 7, 39, 11, 34, 14, 51, 15, 90, 6, 25, 7, 35, 18, 136, 32, 308,
]  # fmt: skip


def test_lsat7_against_mirt() -> None:
    """R: mirt(expand.table(LSAT7), 1): slopes, intercepts, and the log-likelihood of -2658.805."""
    answers = (np.repeat(np.arange(32), LSAT7)[:, None] >> np.array([4, 3, 2, 1, 0])) & 1
    person, item = (i.ravel() for i in np.indices(answers.shape))
    found = comparison.irt_2pl(person, item, answers.ravel())
    assert found.discrimination == pytest.approx([0.988, 1.081, 1.706, 0.765, 0.736], abs=2e-3)
    assert found.intercept == pytest.approx([1.856, 0.808, 1.804, 0.486, 1.855], abs=2e-3)
    assert found.log_likelihood == pytest.approx(-2658.805, abs=2e-3)


def test_errors_of_lsat6_against_gradients_by_finite_differences() -> None:
    """The sum over persons of the outer products of their scores, inverted; the likelihoods by a fine grid of abilities."""
    answers = (np.repeat(np.arange(32), LSAT6)[:, None] >> np.array([4, 3, 2, 1, 0])) & 1
    person, item = np.indices(answers.shape)
    found = irt_2pl(person.ravel(), item.ravel(), answers.ravel(), confidence=0.9)
    x = np.linspace(-8, 8, 801)
    weight = np.exp(-x * x / 2) / np.exp(-x * x / 2).sum()
    pattern = (np.arange(32)[:, None] >> np.array([4, 3, 2, 1, 0])) & 1

    def log_likelihoods(parameter: np.ndarray) -> np.ndarray:
        one = 1 / (1 + np.exp(-(parameter[:5, None] * x + parameter[5:, None])))
        each = np.where(pattern[:, :, None] == 1, one, 1 - one)
        return np.log(each.prod(axis=1) @ weight)

    at = np.concatenate([found.discrimination, found.intercept])
    score = np.stack(
        [(log_likelihoods(at + 1e-5 * e) - log_likelihoods(at - 1e-5 * e)) / 2e-5 for e in np.eye(10)]
    )
    error = np.sqrt(np.diag(np.linalg.inv(score * np.array(LSAT6) @ score.T)))
    assert found.intercept_error == pytest.approx(error[5:], rel=1e-4)
    z = stats.norm.isf(0.05)
    assert found.discrimination_high - found.discrimination == pytest.approx(z * error[:5], rel=1e-4)
    assert found.discrimination - found.discrimination_low == pytest.approx(z * error[:5], rel=1e-4)
    assert log_likelihoods(at) @ LSAT6 == pytest.approx(found.log_likelihood, abs=1e-6)


def test_the_least_and_the_most_nodes() -> None:
    person, item = (each.ravel() for each in np.indices((60, 4)))
    answers = np.random.default_rng(1).integers(0, 2, size=240)
    assert irt_2pl(person, item, answers, n_nodes=5).n == 240
    for n_nodes, reason in ((4, "n_nodes must be at least 5"), (10_001, "n_nodes must be at most 10,000")):
        with pytest.raises(InputError, match=reason):
            irt_2pl(person, item, answers, n_nodes=n_nodes)
