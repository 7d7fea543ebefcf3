"""Crossed effects against lme4, lmerTest, statsmodels, plain matrices and balanced closed forms."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from concord.stats import comparison
from concord.stats.comparison._mixed import reml
from concord.stats.comparison._mixed.layout import Fixed, layout
from concord.stats.comparison._mixed.likelihood import average_information, inverse, solve
from concord.stats.comparison._mixed.traces import first_traces, second_traces
from tests.concord.stats.comparison.crossed_effects.study import generalized_least_squares, study

PARTS = {"example": 0.6, "rater": 0.4, "system_example": 0.4, "system_rater": 0.3, "noise": 0.5}


@pytest.fixture(scope="module")
def mixed_models(shared_data: Path) -> Path:
    folder = shared_data / "mixed_models"
    if not folder.is_dir():
        pytest.skip(f"the fits of R are not here: {folder}")
    return folder


def columns(path: Path) -> dict[str, np.ndarray]:
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def numbered(names: np.ndarray) -> np.ndarray:
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["made_4x30x5", "made_4x30x5_missing"])
def test_all_figures_against_lmertest(mixed_models: Path, name: str) -> None:
    table, expected = (
        columns(mixed_models / f"{name}.csv"),
        json.loads((mixed_models / "fits.json").read_text())[name],
    )
    who = {f"{name}s": table[name].astype(int) for name in ("system", "example", "rater")}
    found = comparison.crossed_effects(table["y"].astype(float), **who)
    assert found.log_likelihood == pytest.approx(expected["reml"], abs=1e-5)
    pairs, rows = found.pairs(), expected["pairs_satterthwaite"]
    assert pairs.values == pytest.approx([row["estimate"] for row in rows], abs=1e-4)
    assert pairs.standard_errors == pytest.approx([row["SE"] for row in rows], rel=1e-3)
    assert pairs.df == pytest.approx([row["df"] for row in rows], rel=2e-3)
    assert pairs.p_values == pytest.approx([row["p.value"] for row in rows], rel=5e-3)
    assert pairs.low == pytest.approx([row["lower.CL"] for row in rows], abs=1e-3)
    assert pairs.high == pytest.approx([row["upper.CL"] for row in rows], abs=1e-3)
    assert found.means[0] == pytest.approx(expected["fixed"][0]["Estimate"], abs=1e-4)
    assert found.standard_errors[0] == pytest.approx(expected["fixed"][0]["Std. Error"], rel=1e-3)
    assert found.df[0] == pytest.approx(expected["fixed"][0]["df"], rel=2e-3)
    parts = {
        part["grp"].replace(":", "_").replace("Residual", "noise"): part["vcov"]
        for part in expected["variances"]
    }
    assert dict(found.variances) == pytest.approx(parts, rel=2e-3)
    assert found.severity == pytest.approx(list(expected["blup_first"]["rater"].values()), abs=1e-4)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["penicillin", "insteval_400"])
def test_other_models_of_the_engine_against_lmer(mixed_models: Path, name: str) -> None:
    table, expected = (
        columns(mixed_models / f"{name}.csv"),
        json.loads((mixed_models / "fits.json").read_text())[name],
    )
    if name == "penicillin":
        y, group, outer = table["diameter"].astype(float), numbered(table["plate"]), numbered(table["sample"])
        fixed, order = Fixed(np.zeros(len(y), dtype=np.int64), np.ones((1, 1))), ("plate", "sample")
    else:
        y, group, outer = table["y"].astype(float), numbered(table["d"]), numbered(table["s"])
        fixed, order = (
            Fixed(table["service"].astype(np.int64), np.array([[1.0, 0.0], [1.0, 1.0]])),
            ("d", "s"),
        )
    data, _ = layout((y - y.mean()) / y.std(), fixed, group, group, (outer,))
    found = reml.fit(reml.start(data, (0, 1, 3)), (0, 1, 3))
    solved, q = found.solved, data.n_outer
    covariance = inverse(solved)[q:, q:] * y.var()
    effects = solved.effects[q:] * y.std() + np.eye(len(covariance))[0] * y.mean()
    likelihood = -solved.deviance / 2 - (len(y) - len(effects)) * np.log(y.std())
    assert likelihood == pytest.approx(expected["reml"], abs=1e-4)
    assert effects == pytest.approx([row["Estimate"] for row in expected["fixed"]], abs=1e-4)
    assert np.sqrt(np.diag(covariance)) == pytest.approx(
        [row["Std. Error"] for row in expected["fixed"]], rel=1e-3
    )
    parts = {part["grp"]: part["vcov"] for part in expected["variances"]}
    assert solved.phi[[0, 1, 3]] * y.var() == pytest.approx(
        [parts["Residual"], *(parts[name] for name in order)], rel=2e-3
    )
    names = dict(zip(table["sample" if name == "penicillin" else "s"], outer, strict=True))
    for level, told in expected["blup_first"][order[1]].items():
        assert solved.effects[names[level]] * y.std() == pytest.approx(told, abs=1e-3)


def dense(data: Any, phi: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Return V, P and the parts of V, one row for each merged row (of weight 1)."""
    n = len(data.y)
    levels = [data.codes(term) for term in range(1, data.n_terms)]
    parts = [np.eye(n), *((codes[:, None] == codes).astype(float) for codes in levels)]
    v = sum(f * part for f, part in zip(phi, parts, strict=True))
    x = np.asarray(data.turn[:, data.n_outer :])[data.base]
    inverse_v = np.linalg.inv(v)
    p = inverse_v - inverse_v @ x @ np.linalg.solve(x.T @ inverse_v @ x, x.T @ inverse_v)
    return v, p, parts


@pytest.mark.parametrize("sparse", [False, True])
def test_likelihood_slopes_and_information_against_plain_matrices(
    sparse: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sparse:
        monkeypatch.setattr("concord.stats.comparison._mixed.layout._DENSE", 0)
    rows = study(3, (3, 8, 4), kept=0.6)
    s, i, r = rows["systems"], rows["examples"], rows["raters"]
    cells = numbered(i * 3 + s), numbered(r * 3 + s)
    data, _ = layout(rows["values"], Fixed(s, np.eye(3)), i, cells[0], (r, cells[1]))
    terms, phi = (0, 1, 2, 3, 4), np.array([0.5, 0.7, 0.3, 0.2, 0.15])
    found = solve(data, phi)
    turn = data.turn.toarray() if sparse else data.turn
    v, p, parts = dense(data.__class__(**{**vars(data), "turn": turn}), phi)
    x = turn[:, data.n_outer :][data.base]
    y = data.y
    _, log_v = np.linalg.slogdet(v)
    _, log_c = np.linalg.slogdet(x.T @ np.linalg.solve(v, x))
    assert found.deviance == pytest.approx(
        (len(y) - 3) * np.log(2 * np.pi) + log_v + log_c + y @ p @ y, rel=1e-10
    )
    squares, average = average_information(found, terms)
    assert squares == pytest.approx([y @ p @ part @ p @ y for part in parts], rel=1e-9)
    assert average == pytest.approx(
        np.array([[y @ p @ a @ p @ b @ p @ y for b in parts] for a in parts]), rel=1e-9
    )
    assert first_traces(found, terms) == pytest.approx([np.trace(p @ part) for part in parts], rel=1e-9)
    assert second_traces(found, terms) == pytest.approx(
        np.array([[np.trace(p @ a @ p @ b) for b in parts] for a in parts]), rel=1e-8
    )


@pytest.mark.parametrize(
    "shape", [(3, 14, 5), (3, 5, 14)]
)  # examples are eliminated, and raters where they are more
def test_means_covariance_severity_and_influence_against_plain_matrices(shape: tuple[int, int, int]) -> None:
    rows = study(11, shape, kept=0.5)
    found = comparison.crossed_effects(**rows, influence=True)
    means, covariance = generalized_least_squares(rows, dict(found.variances))
    assert found.means == pytest.approx(means, abs=1e-8)
    assert found.covariance == pytest.approx(covariance, rel=1e-6)
    assert found.influence.shape == (len(rows["values"]), 3)
    assert found.influence.sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-10)
    # Leaving a weight's worth out: influence is weight times residual, and the weights of a system's mean sum to 1 over its rows.
    residual = rows["values"] - found.means[rows["systems"]]
    weights = found.influence / residual[:, None]
    sums = np.array([[weights[rows["systems"] == s, t].sum() for t in range(3)] for s in range(3)])
    assert sums == pytest.approx(np.eye(3), abs=1e-8)
    # The best predictor of a rater's level, and the spread of its error, from the joint covariance.
    s, i, r = rows["systems"], rows["examples"], rows["raters"]
    v = found.variances
    cov = v["noise"] * np.eye(len(s)) + v["example"] * (i[:, None] == i) + v["rater"] * (r[:, None] == r)
    cov += v["system_example"] * ((10 * i + s)[:, None] == 10 * i + s) + v["system_rater"] * (
        (10 * r + s)[:, None] == 10 * r + s
    )
    x, z = np.eye(3)[s], np.eye(r.max() + 1)[r]
    inverse_v = np.linalg.inv(cov)
    p = inverse_v - inverse_v @ x @ np.linalg.solve(x.T @ inverse_v @ x, x.T @ inverse_v)
    assert found.severity == pytest.approx(v["rater"] * z.T @ p @ rows["values"], abs=1e-7)
    error = np.sqrt(v["rater"] - v["rater"] ** 2 * np.diag(z.T @ p @ z))
    assert found.severity_errors == pytest.approx(error, rel=1e-5)


def mean_squares(table: np.ndarray) -> dict[str, float]:
    """Return the mean squares of a complete table (systems, examples, raters) by the usual sums."""
    s, e, r = table.shape
    by = {
        name: table.mean(axis=axes, keepdims=True)
        for name, axes in {"": (0, 1, 2), "s": (1, 2), "e": (0, 2), "r": (0, 1), "se": 2, "sr": 1}.items()
    }
    se = by["se"] - by["s"] - by["e"] + by[""]
    sr = by["sr"] - by["s"] - by["r"] + by[""]
    left = table - by["s"] - (by["e"] - by[""]) - (by["r"] - by[""]) - se - sr
    df = s * e * r - s - (e - 1) - (r - 1) - (s - 1) * (e - 1) - (s - 1) * (r - 1)
    return {
        "se": float(np.square(se).sum() * r / ((s - 1) * (e - 1))),
        "sr": float(np.square(sr).sum() * e / ((s - 1) * (r - 1))),
        "rest": float(np.square(left).sum() / df),
    }


def test_a_complete_design_has_the_variance_and_the_degrees_of_freedom_of_its_mean_squares() -> None:
    shape = (3, 10, 6)
    rows = study(2, shape)
    found = comparison.crossed_effects(**rows)
    ms, (s, e, r) = mean_squares(rows["values"].reshape(shape)), shape
    variance = 2 * (ms["se"] + ms["sr"] - ms["rest"]) / (e * r)
    dfs = {
        "se": (s - 1) * (e - 1),
        "sr": (s - 1) * (r - 1),
        "rest": s * e * r - s - (e - 1) - (r - 1) - (s - 1) * (e + r - 2),
    }
    df = (ms["se"] + ms["sr"] - ms["rest"]) ** 2 / sum(ms[name] ** 2 / dfs[name] for name in dfs)
    gap = found.difference(0, 1)
    y = rows["values"].reshape(shape)
    assert gap.value == pytest.approx(y[0].mean() - y[1].mean(), abs=1e-10)
    assert gap.standard_error == pytest.approx(np.sqrt(variance), rel=1e-6)
    assert gap.df == pytest.approx(df, rel=1e-4)
    assert gap.n == 10
    assert found.variances["system_rater"] == pytest.approx((ms["sr"] - ms["rest"]) / e, rel=1e-5)
    assert found.variances["noise"] == pytest.approx(ms["rest"], rel=1e-6)


def test_two_systems_and_one_rater_are_the_paired_t_test() -> None:
    rows = study(5, (2, 20, 1))
    found = comparison.crossed_effects(**rows)
    y = rows["values"].reshape(2, 20)
    paired = comparison.paired_difference(y[1], y[0])
    gap = found.difference(1, 0)
    assert (gap.value, gap.low, gap.high, gap.p_value) == pytest.approx(
        (paired.value, paired.low, paired.high, paired.p_value), rel=1e-6
    )
    assert gap.df == pytest.approx(19, rel=1e-4)
    assert gap.notes[0] == "one rater: the figures hold for this rater."
    assert not found.speaks_of_raters
    assert found.speaks_of_examples
    assert found.left_out == {
        "rater": "one level",
        "system_example": "same as noise",
        "system_rater": "taken up by the systems",
    }


def test_one_system_and_one_answer_an_example_is_the_plain_mean() -> None:
    y = np.random.default_rng(3).normal(size=25)
    found = comparison.crossed_effects(y, systems=[7] * 25, examples=range(25), raters=[0] * 25)
    plain = comparison.mean(y)
    assert (found.low[0], found.high[0], found.df[0]) == pytest.approx((plain.low, plain.high, 24), rel=1e-6)
    assert "nothing" not in " ".join(found.notes)


def test_fixed_raters_are_the_paired_t_test_of_the_examples_means() -> None:
    shape = (2, 25, 4)
    rows = study(9, shape)
    y = rows["values"].reshape(shape)
    paired = comparison.paired_difference(y[1].mean(axis=1), y[0].mean(axis=1))
    found = comparison.crossed_effects(**rows, raters_as="fixed")
    gap = found.difference(1, 0)
    assert (gap.value, gap.low, gap.high, gap.df) == pytest.approx(
        (paired.value, paired.low, paired.high, 24), rel=1e-4
    )
    assert found.severity == pytest.approx(y.mean(axis=(0, 1)) - y.mean(), abs=1e-8)
    assert found.severity.sum() == pytest.approx(0, abs=1e-10)
    assert not found.speaks_of_raters
    assert "these 4 raters" in gap.notes[0]


def test_fixed_raters_count_the_same_however_many_answers_they_gave() -> None:
    # Rater 0 answers twenty times and always two higher for system 1, rater 1 three times and sees no difference.
    rng = np.random.default_rng(1)
    example = np.concatenate([np.arange(20), [0, 1, 2]])
    rater = np.concatenate([np.zeros(20, dtype=int), np.ones(3, dtype=int)])
    noise = rng.normal(0, 0.01, (2, 23))
    values = np.concatenate([noise[0], np.where(rater == 0, 2.0, 0.0) + noise[1]])
    found = comparison.crossed_effects(
        values,
        systems=np.repeat([0, 1], 23),
        examples=np.tile(example, 2),
        raters=np.tile(rater, 2),
        raters_as="fixed",
    )
    assert found.difference(1, 0).value == pytest.approx(1.0, abs=0.03)


def test_variances_means_and_standard_errors_against_statsmodels() -> None:
    sm = pytest.importorskip("statsmodels.formula.api")
    pd = pytest.importorskip("pandas")
    rows = study(14, (2, 8, 5), kept=0.8)
    table = pd.DataFrame(
        {"y": rows["values"], "s": rows["systems"], "i": rows["examples"], "r": rows["raters"], "one": 1}
    )
    parts = {
        "example": "0 + C(i)",
        "rater": "0 + C(r)",
        "system_example": "0 + C(i):C(s)",
        "system_rater": "0 + C(r):C(s)",
    }
    other = sm.mixedlm("y ~ 0 + C(s)", table, groups="one", vc_formula=parts, re_formula="0").fit(reml=True)
    found = comparison.crossed_effects(**rows)
    assert found.means == pytest.approx(other.fe_params.to_numpy(), abs=1e-3)
    assert found.standard_errors == pytest.approx(other.bse_fe.to_numpy(), rel=5e-3)
    assert found.variances["noise"] == pytest.approx(other.scale, rel=0.01)
    for name, part in zip(other.model.exog_vc.names, other.vcomp, strict=True):
        assert found.variances[name] == pytest.approx(part, rel=0.02, abs=1e-4)
    assert found.log_likelihood >= other.llf - 1e-6
