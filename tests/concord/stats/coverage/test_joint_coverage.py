"""Simulated coverage of the intervals of concord.stats.joint. Slow: ``pytest -m slow -s`` prints the table."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import joint
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval, truth_of

pytestmark = pytest.mark.slow
STRENGTH = np.array([0.8, 0.2, -0.3, -0.7])


def judged(rng: np.random.Generator, truth: np.ndarray, kind: str) -> np.ndarray:
    """Return a machine's predictions that are good, useless, the opposite of right, perfect or constant."""
    noise = rng.normal(size=len(truth))
    return {
        "good": truth + 0.5 + 0.6 * truth.std() * noise,
        "useless": 2 * noise,
        "opposite": -truth + 0.6 * noise,
        "perfect": truth.copy(),
        "constant": np.full(len(truth), 0.5),
    }[kind]


def powered(kind: str, ratio: float = 20, skewed: bool = False, **options) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> Interval:
        total = n + int(ratio * n)
        truth = rng.gamma(3, size=total) if skewed else rng.normal(3, 1, size=total)
        machine = judged(rng, truth, kind)
        return interval(joint.prediction_powered_mean(truth[:n], machine[:n], machine[n:], **options), 3.0)

    return draw


def verdicts(
    rng: np.random.Generator, n: int, share: float, accuracy: float
) -> tuple[np.ndarray, np.ndarray]:
    label = (rng.random(n) < share).astype(float)
    return label, np.where(rng.random(n) < accuracy, label, 1 - label)


def binary(share: float, accuracy: float, ratio: float = 10, rate: bool = False) -> Draw:
    call = joint.prediction_powered_win_rate if rate else joint.prediction_powered_mean

    def draw(rng: np.random.Generator, n: int) -> Interval:
        y, f = verdicts(rng, n + int(ratio * n), share, accuracy)
        return interval(call(y[:n], f[:n], f[n:]), share)

    return draw


def difference(binary: bool) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> Interval:
        total, common = 11 * n, rng.normal(size=11 * n)
        y = [common + shift + 0.7 * rng.normal(size=total) for shift in (0.3, 0.0)]
        truth = 0.3
        if binary:
            y = [(part > 0).astype(float) for part in y]
            truth = truth_of("binary difference", _binary_difference)
        f = [
            np.where(rng.random(total) < 0.85, part, 1 - part) if binary else judged(rng, part, "good")
            for part in y
        ]
        found = joint.prediction_powered_difference(
            *(part[:n] for part in y), *(part[:n] for part in f), *(part[n:] for part in f)
        )
        return interval(found, truth)

    return draw


def _binary_difference() -> float:
    rng = np.random.default_rng(1)
    common = rng.normal(size=4_000_000)
    a, b = (common + shift + 0.7 * rng.normal(size=len(common)) > 0 for shift in (0.3, 0.0))
    return float(a.mean() - b.mean())


def clustered(shared: bool, rate: bool = False) -> Draw:
    """Documents of 2 to 13 items; labels on whole documents, or here and there in all of them."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        documents = n if shared else 4 * n
        document = np.repeat(np.arange(documents), rng.integers(2, 14, size=documents))
        y = (rng.normal(size=documents)[document] + rng.normal(size=len(document))) / np.sqrt(2)
        f = y + 0.4 * rng.normal(size=documents)[document] + 0.6 * rng.normal(size=len(document))
        if rate:
            y, f = (y > 0).astype(float), 1 / (1 + np.exp(-2 * f))
        labelled = rng.random(len(document)) < 0.3 if shared else document < n
        call = joint.prediction_powered_win_rate if rate else joint.prediction_powered_mean
        found = call(
            y[labelled],
            f[labelled],
            f[~labelled],
            clusters=document[labelled],
            unlabelled_clusters=document[~labelled],
        )
        return interval(found, 0.5 if rate else 0.0)

    return draw


def by_chance(rate: bool = False, **options) -> Draw:
    """Items are labelled by chances that follow a prediction whose error depends on it too; n is the mean count of labels."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        y = rng.normal(size=5 * n)
        f = y + 0.2 * y**2 + 0.5 * rng.normal(size=len(y))
        keen = 0.4 + 1 / (1 + np.exp(-f))
        chance = np.clip(0.2 * keen / keen.mean(), 0.02, 0.95)
        if rate:
            y, f = (y > 0).astype(float), 1 / (1 + np.exp(-2 * f))
        drawn = rng.random(len(y)) < chance
        call = joint.prediction_powered_win_rate if rate else joint.prediction_powered_mean
        found = call(y[drawn], f[drawn], f[~drawn], propensities=chance[drawn], **options)
        return interval(found, 0.5 if rate else 0.0)

    return draw


def stratified(binary: bool) -> Draw:
    """Three strata of unlike size, labelled equally often."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        stratum = rng.choice(3, size=20 * n, p=[0.6, 0.3, 0.1])
        if binary:
            y, f = verdicts(rng, len(stratum), 0.5, 0.85)
            y = np.where(stratum == 2, 1 - y * (rng.random(len(y)) < 0.4), y)
            truth = 0.5 * 0.9 + 0.8 * 0.1
        else:
            y = stratum + rng.gamma(2, size=len(stratum))
            f, truth = y + 0.4 * stratum + rng.normal(size=len(y)), 0.5 + 2.0
        chosen = np.concatenate([np.flatnonzero(stratum == h)[: n // 3] for h in range(3)])
        rest = np.setdiff1d(np.arange(len(stratum)), chosen)
        return interval(
            joint.prediction_powered_stratified(
                y[chosen], f[chosen], stratum[chosen], f[rest], stratum[rest]
            ),
            truth,
        )

    return draw


def stratified_clusters(crossing: bool) -> Draw:
    """Documents of 2 to 13 items: each in one language and labelled whole, or crossing all three and labelled here and there."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        documents = n if crossing else 5 * n
        document = np.repeat(np.arange(documents), rng.integers(2, 14, size=documents))
        language = rng.choice(3, size=documents, p=[0.5, 0.3, 0.2])
        language[:n] = np.arange(n) % 3
        stratum = rng.choice(3, size=len(document), p=[0.5, 0.3, 0.2]) if crossing else language[document]
        y = stratum + rng.normal(size=documents)[document] + rng.normal(size=len(document))
        f = y + 0.3 * stratum + 0.7 * rng.normal(size=len(document))
        drawn = rng.random(len(document)) < 0.3 if crossing else document < n
        found = joint.prediction_powered_stratified(
            y[drawn],
            f[drawn],
            stratum[drawn],
            f[~drawn],
            stratum[~drawn],
            clusters=document[drawn],
            unlabelled_clusters=document[~drawn],
            shares=None if crossing else {0: 0.5, 1: 0.3, 2: 0.2},
        )
        return interval(found, 0.7)

    return draw


def stratified_by_chance(rng: np.random.Generator, n: int) -> Interval:
    """Chances follow the stratum and a prediction whose error depends on it too; n is the mean count of labels."""
    stratum = rng.choice(3, size=10 * n, p=[0.5, 0.3, 0.2])
    own = rng.normal(size=10 * n)
    f = stratum + own + 0.2 * own**2 + 0.5 * rng.normal(size=10 * n)
    keen = (0.4 + 1 / (1 + np.exp(stratum - f))) * np.array([0.7, 1.2, 1.5])[stratum]
    chance = np.clip(0.1 * keen / keen.mean(), 0.01, 0.95)
    drawn = rng.random(10 * n) < chance
    y = stratum + own
    found = joint.prediction_powered_stratified(
        y[drawn], f[drawn], stratum[drawn], f[~drawn], stratum[~drawn], propensities=chance[drawn]
    )
    return interval(found, 0.7)


def contests(rng: np.random.Generator, rater: np.ndarray | None, n: int) -> tuple[np.ndarray, ...]:
    left = rng.integers(4, size=n)
    right = (left + rng.integers(1, 4, size=n)) % 4
    taste = STRENGTH if rater is None else STRENGTH + 0.8 * rng.normal(size=(int(rater.max()) + 1, 4))
    own = taste if rater is None else taste[rater]
    lead = (own[left] - own[right]) if rater is None else own[np.arange(n), left] - own[np.arange(n), right]
    outcome = (rng.random(n) < 1 / (1 + np.exp(-lead))).astype(float)
    return left, right, outcome


def strengths(accuracy: float) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> Interval:
        left, right, outcome = contests(rng, None, 9 * n)
        judge = np.where(rng.random(9 * n) < accuracy, outcome, 1 - outcome)
        found = joint.prediction_powered_bradley_terry(
            left[:n], right[:n], outcome[:n], judge[:n], left[n:], right[n:], judge[n:], n_systems=4
        )
        return float(found.low[0]), float(found.high[0]), 0.8

    return draw


def strengths_one_way(rng: np.random.Generator, n: int) -> Interval:
    """A judge who, where it errs, always prefers the system of the lower code, which is the better one."""
    left, right, outcome = contests(rng, None, 10 * n)
    judge = np.where(rng.random(10 * n) < 0.85, outcome, (left < right).astype(float))
    found = joint.prediction_powered_bradley_terry(
        left[:n], right[:n], outcome[:n], judge[:n], left[n:], right[n:], judge[n:], n_systems=4
    )
    return float(found.low[0]), float(found.high[0]), 0.8


def strengths_clustered(rng: np.random.Generator, n: int) -> Interval:
    """Raters with tastes of their own; the judge decides other comparisons, each on its own."""
    from concord.stats.ranking import bradley_terry

    def average() -> float:
        rater = np.repeat(np.arange(60_000), 12)
        votes = contests(np.random.default_rng(1), rater, len(rater))
        return float(bradley_terry(*votes, n_systems=4).log_strengths[0])

    truth = truth_of("clustered strengths, even pairs", average)
    sizes = rng.integers(4, 29, size=n)
    rater = np.repeat(np.arange(5 * n), np.concatenate([sizes, rng.integers(4, 29, size=4 * n)]))
    left, right, outcome = contests(rng, rater, len(rater))
    judge = np.where(rng.random(len(rater)) < 0.85, outcome, 1 - outcome)
    k = int(sizes.sum())
    found = joint.prediction_powered_bradley_terry(
        left[:k],
        right[:k],
        outcome[:k],
        judge[:k],
        left[k:],
        right[k:],
        judge[k:],
        n_systems=4,
        clusters=rater[:k],
        unlabelled_clusters=rater[k:],
    )
    return float(found.low[0]), float(found.high[0]), truth


def strengths_by_chance(paired: bool) -> Draw:
    """People see comparisons by chances that follow judge and pair, or one system's pairs more often; it is judged best, too."""

    def judge(rng: np.random.Generator, left: np.ndarray, right: np.ndarray, won: np.ndarray) -> np.ndarray:
        right_in = np.where(np.minimum(left, right) == 0, 0.9, 0.75)
        return np.where(rng.random(len(won)) < right_in, won, 1 - won)

    def by_item(rng: np.random.Generator, n: int) -> Interval:
        left, right, won = contests(rng, None, 10 * n)
        said = judge(rng, left, right, won)
        keen = 0.4 + 1.2 * (np.minimum(left, right) == 0) + 0.8 * said
        chance = np.clip(0.1 * keen / keen.mean(), 0.01, 0.95)
        drawn = rng.random(10 * n) < chance
        found = joint.prediction_powered_bradley_terry(
            *(x[drawn] for x in (left, right, won, said)),
            *(x[~drawn] for x in (left, right, said)),
            n_systems=4,
            propensities=chance[drawn],
        )
        return float(found.low[0]), float(found.high[0]), 0.8

    def by_pair(rng: np.random.Generator, n: int) -> Interval:
        left, right, won = contests(rng, None, 12 * n)  # of the first quarter people see a third
        said = judge(rng, left, right, won)
        rest = slice(3 * n, None)
        chance = np.where(np.minimum(left, right) == 0, 0.5, 0.5 / 3)[: 3 * n]
        kept = np.flatnonzero(rng.random(3 * n) < chance)
        found = joint.prediction_powered_bradley_terry(
            *(x[kept] for x in (left, right, won, said)),
            left[rest],
            right[rest],
            said[rest],
            n_systems=4,
            weights=1 / chance[kept],
        )
        return float(found.low[0]), float(found.high[0]), 0.8

    return by_pair if paired else by_item


def rogan_gladen(rng: np.random.Generator, n: int) -> Interval:
    p = rng.uniform(0.1, 0.9)
    apparent = p * 0.85 + (1 - p) * 0.1
    found = joint.rogan_gladen(
        int(rng.binomial(10 * n, apparent)),
        10 * n,
        sensitivity=(int(rng.binomial(n, 0.85)), n),
        specificity=(int(rng.binomial(n, 0.9)), n),
    )
    return interval(found, p)


def near_one(judges: int, two: bool = False) -> Draw:
    """Systems that are right in 95 of 100 cases; judges in 85, or 90, 80 and 70."""

    def said(rng: np.random.Generator, y: np.ndarray) -> np.ndarray:
        chances = (0.85,) if judges == 1 else (0.9, 0.8, 0.7)
        return np.stack([np.where(rng.random(len(y)) < p, y, 1 - y) for p in chances], axis=1)

    def draw(rng: np.random.Generator, n: int) -> Interval:
        hard, parts = rng.normal(size=11 * n), []
        for _ in range(2 if two else 1):
            y = ((hard + rng.normal(size=11 * n)) / np.sqrt(2) < 1.6448536).astype(float)
            parts.append((y, said(rng, y)))
        if not two:
            [(y, f)] = parts
            return interval(joint.prediction_powered_mean(y[:n], f[:n], f[n:]), 0.95)
        found = joint.prediction_powered_difference(
            *(y[:n] for y, _ in parts), *(f[:n] for _, f in parts), *(f[n:] for _, f in parts)
        )
        return interval(found, 0.0)

    return draw


def figure(two: bool, raters: str, bounds: tuple[float, float] | None = None) -> Draw:
    """n examples rated by 2 of 12 raters, each with a taste of their own for every system; partly shared by both systems."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        m, parts = 6 * n, []
        hard, severity = rng.normal(0, 0.7, m), rng.normal(0, 0.4, 12)
        for first, level in ((0, 3.3), (n // 3, 3.0)):
            quality = level + hard + rng.normal(0, 0.5, m)
            taste = severity + rng.normal(0, 0.3, 12)
            rated = np.repeat(np.arange(first, first + n), 2)
            rater = (rated + np.tile([0, 5], n)) % 12
            f = quality + rng.normal(0, 0.4, m)
            parts.append(
                joint.Judged(
                    predictions=f,
                    ratings=quality[rated] + taste[rater] + rng.normal(0, 0.3, 2 * n),
                    rated=rated,
                    raters=rater,
                    examples=np.arange(m),
                )
            )
        if two:
            return interval(joint.joint_difference(*parts, raters=raters, bounds=bounds), 0.3)
        return interval(joint.joint_level(parts[0], raters=raters, bounds=bounds), 3.3)

    return draw


def position(by_rater: bool) -> Draw:
    """A judge that takes the first place in .2 of the pairs, whatever is in it, and the better answer else."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        prompt = np.repeat(np.arange(n), rng.integers(2, 8, size=n)) if by_rater else np.arange(n)
        hasty = rng.beta(1, 4, size=n)[prompt]
        better = rng.random(len(prompt)) < 0.7
        fickle = rng.random(len(prompt)) < hasty
        found = joint.position_bias(
            np.where(fickle, 1.0, better),
            np.where(fickle, 1.0, ~better),
            clusters=prompt if by_rater else None,
        )
        return interval(found, 0.1)

    return draw


def length(by_prompt: bool) -> Draw:
    """The judge's chance rises by .06 per unit of a skewed difference in length, people's does not."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        prompt = np.repeat(np.arange(n), rng.integers(1, 8, size=n)) if by_prompt else np.arange(n)
        x = np.clip(rng.exponential(1.5, size=len(prompt)) - rng.exponential(1.0, size=len(prompt)), -5, 5)
        own = rng.normal(size=n)[prompt] * 0.1
        people = (rng.random(len(prompt)) < np.clip(0.5 + own, 0, 1)).astype(float)
        judge = (rng.random(len(prompt)) < np.clip(0.5 + 0.06 * x, 0, 1)).astype(float)
        return interval(joint.length_bias(judge, x, people, clusters=prompt if by_prompt else None), 0.06)

    return draw


def own_outputs(by_example: bool) -> Draw:
    """One output in six is the judge's own, and is overrated by .4 with an error twice as large."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        example = np.repeat(np.arange(n), 6) if by_example else np.arange(n)
        own = (np.arange(len(example)) % 6 == 0).astype(int)
        people = rng.normal(size=len(example))
        error = rng.normal(size=len(example)) * (1 + own) + 0.5 * rng.normal(size=n)[example]
        found = joint.self_preference(
            people + error + 0.4 * own, people, own, clusters=example if by_example else None
        )
        return interval(found, 0.4)

    return draw


FEW_LABELS = "errs on the wide side with few labels"
BOUNDED = "errors not yet seen are added to few labels of 0 and 1: errs on the wide side"
DISCRETE = "few failures come in steps: may hold more than it says"
CASES = [
    Case("prediction_powered_mean", powered("good", skewed=True), (20, 80, 500)),
    Case("prediction_powered_mean, good machine", powered("good"), (10, 50, 400)),
    Case("prediction_powered_mean, useless machine", powered("useless"), (8, 50, 400)),
    Case("prediction_powered_mean, opposite machine", powered("opposite"), (8, 50, 400)),
    Case("prediction_powered_mean, perfect machine", powered("perfect"), (8, 50, 400)),
    Case("prediction_powered_mean, constant machine", powered("constant"), (8, 50, 400)),
    Case("prediction_powered_mean, weight 1", powered("good", lam=1.0), (8, 50, 400)),
    Case("prediction_powered_mean, fewer unlabelled", powered("good", ratio=0.4), (10, 50, 400)),
    Case(
        "prediction_powered_mean, textbook",
        powered("good", small_sample=False),
        (20, 80, 400),
        "small_sample=False: no t, nothing for fitting the weight, a little too narrow",
        0.90,
    ),
    Case("prediction_powered_mean, binary", binary(0.5, 0.8), (20, 80, 500), BOUNDED, ceiling=0.995),
    Case(
        "prediction_powered_mean, binary, good machine",
        binary(0.8, 0.95),
        (20, 80, 500),
        BOUNDED,
        ceiling=1.0,
    ),
    Case(
        "prediction_powered_mean, binary, fewer unlabelled",
        binary(0.7, 0.8, ratio=0.5),
        (20, 80, 500),
        BOUNDED,
        ceiling=0.985,
    ),
    Case("prediction_powered_mean, clustered", clustered(shared=False), (15, 50, 200)),
    Case("prediction_powered_mean, clusters on both sides", clustered(shared=True), (15, 50, 200)),
    Case("prediction_powered_mean, known chances", by_chance(), (20, 80, 500)),
    Case("prediction_powered_mean, known chances, weight 1", by_chance(lam=1.0), (20, 80, 500), FEW_LABELS),
    Case("prediction_powered_difference", difference(binary=False), (12, 50, 400)),
    Case("prediction_powered_difference, binary", difference(binary=True), (20, 80, 400)),
    Case("prediction_powered_win_rate", binary(0.6, 0.8, rate=True), (20, 80, 500), BOUNDED, ceiling=0.985),
    Case("prediction_powered_win_rate, clustered", clustered(shared=True, rate=True), (15, 50, 200)),
    Case("prediction_powered_win_rate, known chances", by_chance(rate=True), (30, 100, 500), BOUNDED),
    Case("prediction_powered_stratified", stratified(binary=False), (24, 90, 450)),
    Case("prediction_powered_stratified, binary", stratified(binary=True), (36, 90, 450), FEW_LABELS),
    Case("prediction_powered_stratified, clustered", stratified_clusters(crossing=False), (15, 50, 200)),
    Case(
        "prediction_powered_stratified, clusters across strata",
        stratified_clusters(crossing=True),
        (15, 50, 200),
    ),
    Case("prediction_powered_stratified, known chances", stratified_by_chance, (36, 90, 450)),
    Case(
        "prediction_powered_mean, 95 % right, one judge", near_one(1), (30, 100, 300), DISCRETE, ceiling=0.985
    ),
    Case(
        "prediction_powered_mean, 95 % right, three judges",
        near_one(3),
        (30, 100, 300),
        DISCRETE,
        ceiling=0.985,
    ),
    Case(
        "prediction_powered_difference, 95 % right, one judge",
        near_one(1, two=True),
        (30, 100, 300),
        DISCRETE,
        ceiling=0.985,
    ),
    Case(
        "prediction_powered_difference, 95 % right, three judges",
        near_one(3, two=True),
        (30, 100, 300),
        DISCRETE,
        ceiling=0.985,
    ),
    Case("joint_level, other raters", figure(two=False, raters="sample"), (24, 60, 240)),
    Case("joint_difference, other raters", figure(two=True, raters="sample"), (24, 60, 240)),
    Case("prediction_powered_bradley_terry", strengths(0.85), (60, 150, 400)),
    Case("prediction_powered_bradley_terry, useless judge", strengths(0.5), (60, 150, 400)),
    Case(
        "prediction_powered_bradley_terry, judge errs one way",
        strengths_one_way,
        (60, 150, 400),
        "few votes may hold none of its errors: too narrow",
        0.86,
    ),
    Case("prediction_powered_bradley_terry, by rater", strengths_clustered, (15, 40, 100)),
    Case("prediction_powered_bradley_terry, known chances", strengths_by_chance(False), (60, 150, 400)),
    Case("prediction_powered_bradley_terry, weighted pairs", strengths_by_chance(True), (60, 150, 400)),
    Case("rogan_gladen", rogan_gladen, (25, 80, 400), ceiling=0.985, known="errs on the wide side"),
    Case("position_bias", position(by_rater=False), (20, 80, 500), BOUNDED, ceiling=0.985),
    Case("position_bias, clustered", position(by_rater=True), (15, 50, 300)),
    Case("length_bias", length(by_prompt=False), (15, 60, 400)),
    Case("length_bias, clustered", length(by_prompt=True), (12, 40, 200)),
    Case("self_preference", own_outputs(by_example=False), (36, 100, 600)),
    Case("self_preference, clustered", own_outputs(by_example=True), (12, 40, 200)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
