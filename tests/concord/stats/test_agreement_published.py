"""Published tables and worked examples of agreement, and figures that R's psych prints."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats.agreement import (
    alpha_without_each_rater,
    cohen_kappa,
    conger_kappa,
    distances,
    fleiss_kappa,
    gwet_ac,
    icc,
    kendall_w,
    krippendorff_alpha,
    percent_agreement,
)

NAN = np.nan
# Gwet's twelve subjects and four raters, also Krippendorff's (2011) table in section C.
TWELVE = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
)


def long_form(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rater, unit = np.indices(np.shape(matrix))
    return unit.ravel(), rater.ravel(), np.asarray(matrix).ravel()


def pairs(table: list[list[int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two raters whose joint counts are the table."""
    row, column = (np.repeat(i.ravel(), np.ravel(table)) for i in np.indices(np.shape(table)))
    return long_form(np.stack([row, column]))


def test_krippendorffs_two_observers_with_binary_and_with_nominal_data() -> None:
    """Krippendorff (2011), sections A and B: alpha .095 and .692."""
    meg, owen = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    binary = krippendorff_alpha(*long_form(np.array([meg, owen])), level="nominal")
    assert binary.value == pytest.approx(0.095, abs=5e-4)
    assert binary.observed * binary.n_ratings == pytest.approx(8)  # o_01 + o_10
    ben, gerry = "aabbdcccedda", "babbbccceddd"
    letters = np.array([[ord(c) for c in who] for who in (ben, gerry)])
    assert krippendorff_alpha(*long_form(letters), level="nominal").value == pytest.approx(0.692, abs=5e-4)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_two_values_have_one_alpha_for_every_level_but_ratio_scale(level: str) -> None:
    """With two values every distance is a multiple of the nominal one."""
    meg, owen = [1, 2, 1, 1, 1, 1, 1, 1, 2, 1], [2, 2, 2, 1, 1, 2, 1, 1, 1, 1]
    value = krippendorff_alpha(*long_form(np.array([meg, owen])), level=level).value
    assert value == pytest.approx(0.0952380952, abs=1e-9)


@pytest.mark.parametrize(
    ("function", "weights", "value", "error"),
    [
        (gwet_ac, None, 0.77544, 0.14295),
        (fleiss_kappa, None, 0.76117, 0.15302),
        (gwet_ac, "bipolar", 0.90037, 0.10582),
    ],
)
def test_gwets_table_as_irrcacs_pages_print_it(function, weights, value: float, error: float) -> None:
    result = function(*long_form(TWELVE), weights=weights)
    assert result.value == pytest.approx(value, abs=6e-6)
    assert result.standard_error == pytest.approx(error, abs=6e-6)
    assert percent_agreement(*long_form(TWELVE)).value == pytest.approx(0.81818, abs=5e-6)


@pytest.mark.parametrize(
    ("table", "kappa"),
    [
        ([[20, 5], [10, 15]], 0.4),
        ([[45, 15], [25, 15]], 0.1304),
        ([[25, 35], [5, 35]], 0.2593),
    ],
)
def test_textbook_tables_of_cohens_kappa(table, kappa: float) -> None:
    """The grant proposals, and the two tables of 60 % agreement each whose kappas differ."""
    assert cohen_kappa(*pairs(table)).value == pytest.approx(kappa, abs=5e-5)


def test_fleiss_levin_and_paiks_diagnoses() -> None:
    """Fleiss, Levin & Paik (2003), table 18.1: kappa .68 with standard error .087."""
    result = cohen_kappa(*pairs([[75, 1, 4], [5, 4, 1], [0, 0, 10]]))
    assert result.value == pytest.approx(0.68, abs=5e-3)
    assert result.standard_error == pytest.approx(0.087, abs=1e-3)


def test_siegels_executives() -> None:
    """Siegel (1956), p. 231: three executives rank six applicants; W = .16."""
    ranks = [[1, 6, 3, 2, 5, 4], [1, 5, 6, 4, 2, 3], [6, 3, 2, 5, 4, 1]]
    result = kendall_w(*long_form(np.array(ranks)))
    assert result.value == pytest.approx(0.16, abs=5e-3)
    assert result.value == pytest.approx(25.5 / (9 * (6**3 - 6) / 12))


SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
SECOND = [[3, 4, 3], [5, 6, 6], [2, 2, 1], [7, 9, 8], [4, 4, 6], [8, 7, 9], [5, 5, 4]]
# R 4, psych::ICC(x, lmer = FALSE)$results, ten digits: value, lower, upper.
PSYCH = {
    "ICC(1,1)": ((0.1657417684, -0.13293232487, 0.7225600623), (0.8859728507, 0.6645372475, 0.9770577243)),
    "ICC(2,1)": ((0.2897637795, 0.01878651337, 0.7610843696), (0.8857142857, 0.6598269040, 0.9770915168)),
    "ICC(3,1)": ((0.7148407148, 0.34246476503, 0.9458582600), (0.8797297297, 0.6320813309, 0.9760234273)),
    "ICC(1,k)": ((0.4427971337, -0.88444215524, 0.9124154203), (0.9588638590, 0.8559673582, 0.9922337918)),
    "ICC(2,k)": ((0.6200505476, 0.07113681530, 0.9272320402), (0.9587628866, 0.8533517826, 0.9922454083)),
    "ICC(3,k)": ((0.9093155424, 0.67567471382, 0.9858916782), (0.9564152791, 0.8375034289, 0.9918779837)),
}


@pytest.mark.parametrize("form", PSYCH)
def test_icc_and_its_f_intervals_against_psych(form: str) -> None:
    for table, golden in zip((SHROUT_FLEISS, SECOND), PSYCH[form], strict=True):
        result = icc(*long_form(np.array(table, dtype=float).T), form=form, interval="satterthwaite")
        assert (result.value, result.low, result.high) == pytest.approx(golden, abs=1e-9)


@pytest.mark.parametrize("form", PSYCH)
def test_icc_against_the_mean_squares_of_random_tables(form: str, rng: np.random.Generator) -> None:
    """Shrout and Fleiss' own formulas, on 200 complete tables."""
    for _ in range(200):
        n, k = int(rng.integers(2, 15)), int(rng.integers(2, 7))
        y = rng.normal(size=(n, 1)) * rng.uniform(0, 3) + rng.normal(size=(1, k)) + rng.normal(size=(n, k))
        y = y * 10.0 ** int(rng.integers(-8, 9)) + rng.choice([0, 50])
        centre = y.mean()
        bms = k * np.square(y.mean(axis=1) - centre).sum() / (n - 1)
        jms = n * np.square(y.mean(axis=0) - centre).sum() / (k - 1)
        wms = np.square(y - y.mean(axis=1, keepdims=True)).sum() / (n * (k - 1))
        ems = (wms * n * (k - 1) - jms * (k - 1)) / ((n - 1) * (k - 1))
        expected = {
            "ICC(1,1)": (bms - wms) / (bms + (k - 1) * wms),
            "ICC(2,1)": (bms - ems) / (bms + (k - 1) * ems + k * (jms - ems) / n),
            "ICC(3,1)": (bms - ems) / (bms + (k - 1) * ems),
            "ICC(1,k)": (bms - wms) / bms,
            "ICC(2,k)": (bms - ems) / (bms + (jms - ems) / n),
            "ICC(3,k)": (bms - ems) / bms,
        }[form]
        result = icc(*long_form(y.T), form=form)
        rounding = 1e-9 + 1e-13 * (np.abs(y).max() / y.std()) ** 2
        if result.defined and abs(expected) < 1e3:
            assert result.value == pytest.approx(expected, abs=rounding, rel=rounding)


def test_bipolar_and_circular_scales_by_hand() -> None:
    """Krippendorff's circular distance: hours 23 and 1 are as near as 11 and 13."""
    near = krippendorff_alpha(
        *long_form(np.array([[23, 5, 11, 17], [1, 5, 13, 17]])), level=distances.angular(24)
    )
    turned = krippendorff_alpha(
        *long_form(np.array([[5, 11, 17, 23], [7, 11, 19, 23]])), level=distances.angular(24)
    )
    assert near.value == pytest.approx(turned.value, abs=1e-12)
    values = np.arange(1.0, 6.0)
    apart = np.square(values[:, None] - values)
    ends = (values[:, None] + values - 2) * (10 - values[:, None] - values)
    bipolar = np.divide(apart, ends, out=np.zeros_like(apart), where=ends > 0)
    weighted = gwet_ac(*long_form(TWELVE), weights=1 - bipolar / bipolar.max())
    assert weighted.value == pytest.approx(gwet_ac(*long_form(TWELVE), weights="bipolar").value, abs=1e-12)
    assert krippendorff_alpha(*long_form(TWELVE), level=bipolar).defined


def test_leaving_out_the_third_observer_helps_most() -> None:
    """Krippendorff's third observer is the odd one out."""
    result = alpha_without_each_rater(*long_form(TWELVE), level="nominal")
    assert int(np.argmax(result.change)) == 2
    again = krippendorff_alpha(*long_form(np.delete(TWELVE, 2, axis=0)), level="nominal").value
    assert result.alpha[2] == pytest.approx(again, abs=1e-12)


# The three coders of the encyclopedia's article on alpha, also the reference package's example; * is missing.
THREE_CODERS = ["*****34121133*3", "1*213343*******", "**21344*21133*4"]


def coded(rows: list[str]) -> np.ndarray:
    return np.array([[NAN if c == "*" else float(c) for c in row] for row in rows])


@pytest.mark.parametrize(("level", "alpha"), [("nominal", 0.691), ("interval", 0.811)])
def test_three_coders_and_fifteen_units(level: str, alpha: float) -> None:
    assert krippendorff_alpha(*long_form(coded(THREE_CODERS)), level=level).value == pytest.approx(
        alpha, abs=5e-4
    )


# Fleiss (1971) as the data set `diagnoses` of R's irr has it: six psychiatrists (rows), thirty patients; depression 1,
# personality disorder 2, schizophrenia 3, neurosis 4, other 5.
DIAGNOSES = [
    "422521311511212311215221121215",
    "423521311542242311235421421235",
    "423523334544244311435444421435",
    "453543334544344341455454421435",
    "453543534544344351455454425435",
    "455543544544345552455454545435",
]


def test_fleiss_diagnoses_by_category_and_as_conger_corrects_them() -> None:
    """Fleiss (1971): .430, and .245, .245, .520, .471, .566 by category; irr's exact kappa (Conger 1980): .442."""
    table = coded(DIAGNOSES)
    assert fleiss_kappa(*long_form(table)).value == pytest.approx(0.430, abs=5e-4)
    assert conger_kappa(*long_form(table)).value == pytest.approx(0.442, abs=5e-4)
    by_category = [fleiss_kappa(*long_form(table == c)).value for c in range(1, 6)]
    assert by_category == pytest.approx([0.245, 0.245, 0.520, 0.471, 0.566], abs=5e-4)


# The data set `anxiety` of R's irr: three raters, twenty people.
ANXIETY = coded(["33345523522615221243", "36462424332333221334", "21443216111233113322"])
ANXIETY_ICC = {  # psych::ICC(anxiety, lmer = FALSE); irr prints .198 and -.039 to .494 for ICC(2,1)
    "ICC(1,1)": (0.175022381379, -0.0774465748655, 0.484336093819),
    "ICC(2,1)": (0.197998259356, -0.0389106260932, 0.493573945972),
    "ICC(3,1)": (0.216049382716, -0.0462578853236, 0.522259078396),
    "ICC(1,k)": (0.388925729443, -0.2749234898787, 0.738065123580),
    "ICC(2,k)": (0.425498753117, -0.1265827027095, 0.745149288545),
    "ICC(3,k)": (0.452586206897, -0.1529212866541, 0.766330800234),
}


@pytest.mark.parametrize("form", ANXIETY_ICC)
def test_reliability_of_anxiety_ratings(form: str) -> None:
    result = icc(*long_form(ANXIETY), form=form, interval="satterthwaite")
    assert (result.value, result.low, result.high) == pytest.approx(ANXIETY_ICC[form], abs=1e-10)


def test_concordance_of_anxiety_ratings() -> None:
    """irr prints Wt = .54, chi-squared(19) = 30.8, p = .0429; the digits are those of friedman.test in R."""
    result = kendall_w(*long_form(ANXIETY))
    assert result.value == pytest.approx(0.54, abs=5e-3)
    assert (result.statistic, result.p_value) == pytest.approx((30.76044193, 0.0428834731), abs=1e-8)


def test_weighted_kappa_of_six_grades() -> None:
    """Wollschlaeger, "Grundlagen der Datenanalyse mit R": irr's weights "equal" give .316; unweighted three classes .429."""
    grades = [
        [5, 8, 1, 2, 4, 2],
        [3, 5, 3, 5, 5, 0],
        [1, 2, 6, 11, 2, 1],
        [0, 1, 5, 4, 3, 3],
        [0, 0, 1, 2, 5, 2],
        [0, 0, 1, 2, 1, 4],
    ]
    assert cohen_kappa(*pairs(grades), weights="linear").value == pytest.approx(0.316, abs=5e-4)
    plain = cohen_kappa(*pairs([[53, 5, 2], [11, 14, 5], [1, 6, 3]]))
    assert plain.value == pytest.approx(0.429, abs=5e-4)


def test_congers_kappa_as_irrcacs_pages_print_it() -> None:
    """.76282 with standard error .14917; there the third rater, not the second, is alone with the last subject."""
    table = TWELVE.copy()
    table[[1, 2], 11] = table[[2, 1], 11]
    result = conger_kappa(*long_form(table))
    assert result.value == pytest.approx(0.76282, abs=6e-6)
    assert result.standard_error == pytest.approx(0.14917, abs=6e-6)


WINNIPEG = [[38, 5, 0, 1], [33, 11, 3, 0], [10, 14, 5, 6], [3, 7, 3, 10]]
NEW_ORLEANS = [[5, 3, 0, 0], [3, 11, 4, 0], [2, 13, 3, 4], [1, 2, 4, 14]]
COUPLES = [[7, 7, 2, 3], [2, 8, 3, 7], [1, 5, 4, 9], [2, 8, 9, 14]]
PATHOLOGISTS = [[22, 2, 2, 0], [5, 7, 14, 0], [0, 2, 36, 0], [0, 1, 17, 10]]


@pytest.mark.parametrize(
    ("table", "weights", "kappa", "error"),
    [
        (WINNIPEG, None, 0.2079, 0.05046),
        (NEW_ORLEANS, None, 0.2965, 0.07850),
        (WINNIPEG, "linear", 0.3797, None),
        (NEW_ORLEANS, "linear", 0.4773, None),
        (COUPLES, None, 0.1293, 0.06860),
        (COUPLES, "linear", 0.2374, 0.07832),
        (PATHOLOGISTS, None, 0.493, 0.057),
    ],
)
def test_tables_of_landis_and_koch_hout_and_agresti(
    table, weights, kappa: float, error: float | None
) -> None:
    """Two neurologists (Landis & Koch 1977) and couples (Hout et al. 1987) as R's vcd prints them; Agresti's pathologists."""
    result = cohen_kappa(*pairs(table), weights=weights)
    assert result.value == pytest.approx(kappa, abs=6e-5 if kappa != 0.493 else 5e-4)
    if error is not None:
        assert result.standard_error == pytest.approx(error, abs=6e-6 if error != 0.057 else 5e-4)


@pytest.mark.parametrize(
    ("table", "function", "published"),
    [
        ([[21, 12, 0, 0], [4, 17, 1, 0], [3, 9, 15, 2], [0, 0, 0, 1]], cohen_kappa, 0.47),
        ([[22, 2], [4, 11]], cohen_kappa, 0.67),
        ([[40, 9], [6, 45]], cohen_kappa, 0.70),
        ([[80, 10], [5, 5]], cohen_kappa, 0.32),
        ([[118, 5], [2, 0]], cohen_kappa, -0.0234),
        ([[118, 5], [2, 0]], gwet_ac, 0.9408),
        ([[20, 20], [10, 50]], cohen_kappa, 0.348),
        ([[20, 20], [10, 50]], fleiss_kappa, 0.341),
        ([[46, 6, 0], [0, 32, 0], [0, 6, 10]], cohen_kappa, 0.8013),
        ([[46, 6, 0], [0, 32, 0], [0, 6, 10]], fleiss_kappa, 0.7995),
    ],
)
def test_tables_of_the_literature_on_kappa(table, function, published: float) -> None:
    """Altman's (1991) mammograms; Sim & Wright (2005); Feinstein & Cicchetti's (1990) two paradoxes; Gwet's (2002) of 125
    subjects; Artstein & Poesio's (2008) dialogue acts, whose pi is Fleiss' kappa of two coders."""
    digits = len(str(published).partition(".")[2])
    assert function(*pairs(table)).value == pytest.approx(published, abs=0.5 * 10 ** -max(digits, 2))


@pytest.mark.parametrize(
    ("function", "value", "error"),
    [(conger_kappa, 0.7964094, 0.05891072), (gwet_ac, 0.8493305, 0.04321747)],
)
def test_two_abstractors_as_irrcacs_tables_print_them(function, value: float, error: float) -> None:
    """irrCAC's cont3x3abstractors; its functions of tables divide by n where those of ratings divide by n - 1."""
    result = function(*pairs([[13, 0, 0], [0, 20, 7], [0, 4, 56]]))
    assert result.value == pytest.approx(value, abs=6e-8)
    assert result.standard_error * np.sqrt(99 / 100) == pytest.approx(error, abs=6e-9)
