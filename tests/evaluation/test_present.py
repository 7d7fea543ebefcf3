"""Tables of figures: the decimals of a column agree, and what was not measured is said."""

from types import SimpleNamespace
from typing import Any

from concord.estimates.formatting import estimate_parts, in_column
from concord.stats import Estimate
from evaluation.web.present import compared_lines, slice_lines


def figure(value: float | None, low: float | None = None, high: float | None = None, n: int = 50) -> Any:
    shown = float("nan") if value is None else value
    return Estimate(
        value=shown,
        low=low,
        high=high,
        confidence=0.95,
        n=n,
        method="m",
        undefined="few" if value is None else "",
    )


def latency(**percentiles: Any) -> Any:
    return SimpleNamespace(
        percentiles=percentiles, tokens_per_second=figure(12.5, 11.0, 14.0), largest_batch=4
    )


def compared(name: str, score: Any, timed: Any = None, *, is_share: bool = True) -> Any:
    scores = [SimpleNamespace(title="Exact match", estimate=score, is_share=is_share)]
    return SimpleNamespace(run=name, summary=SimpleNamespace(accuracies=scores, latency=timed))


def texts(cells: list[Any], scale: str) -> list[str]:
    return [estimate_parts(one, scale=scale).value.replace("\u00a0", " ") for one in cells]


def test_latencies_of_a_column_have_the_decimals_of_its_middle_interval() -> None:
    rows = [
        compared(
            "a", figure(0.9, 0.8, 0.95), latency(p50=figure(1.36, 1.33, 1.40), p99=figure(9.0, 6.0, 14.0))
        ),
        compared(
            "b", figure(0.9, 0.8, 0.95), latency(p50=figure(1.033, 1.015, 1.052), p99=figure(3.1, 1.7, 4.4))
        ),
        compared(
            "c", figure(0.9, 0.8, 0.95), latency(p50=figure(0.92, 0.89, 0.96), p99=figure(1.5, 1.4, 3.3))
        ),
    ]
    lines = compared_lines(rows)
    assert texts([line.percentiles[0] for line in lines], "ms") == ["1.36 ms", "1.03 ms", "0.92 ms"]
    assert texts([line.percentiles[1] for line in lines], "ms") == ["9.0 ms", "3.1 ms", "1.5 ms"]
    assert [line.largest_batch for line in lines] == [4, 4, 4]


def test_shares_are_percent_and_other_scores_are_not() -> None:
    share, mean = figure(0.25, 0.15, 0.35), figure(2.5, 1.5, 3.5)
    assert compared_lines([compared("a", share)])[0].scores[0].scale == "percent"
    assert compared_lines([compared("a", mean, is_share=False)])[0].scores[0].scale == ""


def test_a_run_that_was_not_timed_has_no_latencies_beside_one_that_was() -> None:
    timed, untimed = compared_lines([
        compared("a", figure(0.5, 0.4, 0.6), latency(p50=figure(2.0, 1.0, 3.0))),
        compared("b", figure(0.4, 0.3, 0.5)),
    ])  # fmt: skip
    assert len(timed.percentiles) == 1
    assert untimed.percentiles == []
    assert untimed.tokens_per_second is None
    assert untimed.largest_batch is None
    assert compared_lines([]) == []


def test_a_percentile_that_cannot_be_said_keeps_its_reason() -> None:
    line = compared_lines([compared("a", figure(0.5, 0.4, 0.6), latency(p99=figure(None, n=7)))])[0]
    assert line.percentiles[0] is not None
    assert (line.percentiles[0]["undefined"], line.percentiles[0]["n"]) == ("few", 7)
    assert estimate_parts(line.percentiles[0]).undefined == "few"


def test_a_figure_that_is_not_a_number_is_none_of_a_column() -> None:
    line = compared_lines([compared("a", figure(0.5, 0.4, 0.6), latency(p99=figure(None, n=7)))])[0]
    assert line.percentiles[0] is not None
    assert line.percentiles[0]["value"] is None


def test_tokens_are_a_column_only_where_some_run_counted_them() -> None:
    def counts(tokens: Any) -> bool:
        timed = latency(p50=figure(2.0, 1.0, 3.0))
        timed.tokens_per_second = tokens
        return compared_lines([compared("a", figure(0.5, 0.4, 0.6), timed)])[0].counts_tokens

    assert counts(figure(12.5, 11.0, 14.0))
    assert not counts(figure(None))
    assert not compared_lines([compared("a", figure(0.5, 0.4, 0.6))])[0].counts_tokens


def test_slices_of_a_run_agree_in_their_decimals() -> None:
    rows = [
        SimpleNamespace(name="disputed", value="no", estimate=figure(0.991, 0.982, 0.996)),
        SimpleNamespace(name="disputed", value="yes", estimate=figure(0.21, 0.14, 0.29)),
        SimpleNamespace(name="disputed", value="unsure", estimate=figure(0.5, 0.4, 0.6)),
    ]
    found: Any = SimpleNamespace(accuracies=[SimpleNamespace(is_share=True)], slices=rows)
    lines = slice_lines(found)
    assert texts([line.estimate for line in lines], "percent") == ["99 %", "21 %", "50 %"]
    assert [line.value for line in lines] == ["no", "yes", "unsure"]


def test_a_column_keeps_its_gaps_and_leaves_the_figures_alone() -> None:
    first = figure(0.5, 0.45, 0.55)
    printed = in_column([first, None])
    assert printed[1] is None
    assert printed[0] is not None
    assert set(printed[0]) == {"value", "low", "high", "n", "undefined", "digits"}
    assert not hasattr(first, "digits")
