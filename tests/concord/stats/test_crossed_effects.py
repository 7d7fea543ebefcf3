"""The crossed mixed model: against R's lme4 and lmerTest, against exact identities of complete designs, and on odd designs."""

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

PARTS = {"example": 0.6, "rater": 0.4, "system_example": 0.4, "system_rater": 0.3, "noise": 0.5}


def study(
    seed: int, shape: tuple[int, int, int] = (3, 12, 5), kept: float = 1.0, **parts: float
) -> dict[str, np.ndarray]:
    """Return answers of raters to systems on examples, some of them missing; the truth of system s is s / 10."""
    rng, sd = np.random.default_rng(seed), {**PARTS, **parts}
    s, i, r = (index.ravel() for index in np.indices(shape))
    y = s / 10 + rng.normal(0, sd["example"], shape[1])[i] + rng.normal(0, sd["rater"], shape[2])[r]
    y = y + rng.normal(0, sd["system_example"], shape[:2])[s, i]
    y = y + rng.normal(0, sd["system_rater"], (shape[0], shape[2]))[s, r] + rng.normal(0, sd["noise"], len(s))
    some = rng.random(len(s)) < kept
    return {"values": y[some], "systems": s[some], "examples": i[some], "raters": r[some]}


# --- against R -----------------------------------------------------------------------------------------------------------------


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


# --- against plain matrices ----------------------------------------------------------------------------------------------------


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
