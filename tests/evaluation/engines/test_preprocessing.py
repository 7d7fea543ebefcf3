"""From an example to a tensor and from a tensor to a label, worked out by hand."""

import io
import math
from typing import Any

import numpy as np
import pytest
from PIL import Image

from evaluation.engines import EngineError, Request, preprocessing
from evaluation.engines.preprocessing import BadInput, Input, Outcome


def picture(pixels: list[list[Any]], mode: str = "L") -> bytes:
    kept = io.BytesIO()
    Image.fromarray(np.array(pixels, dtype=np.uint8), mode=mode).save(kept, "PNG")
    return kept.getvalue()


GREY = picture([[0, 51, 102], [153, 204, 255]])
COLOURED = picture([[[255, 0, 51], [0, 102, 0]]], "RGB")


def array(config: dict[str, Any], **request: Any) -> Any:
    return Input.read(config).array(Request(id=1, **request))


def test_a_grey_image_becomes_shares_of_white_row_by_row() -> None:
    made = array({"size": [2, 3]}, image=GREY)
    assert (made.shape, made.dtype) == ((1, 2, 3), np.float32)
    assert made[0] == pytest.approx(np.array([[0, 0.2, 0.4], [0.6, 0.8, 1.0]]))


@pytest.mark.parametrize(
    ("layout", "shape", "values"),
    [
        ("NCHW", (3, 1, 2), [1, 0, 0, 0.4, 0.2, 0]),
        ("NHWC", (1, 2, 3), [1, 0, 0.2, 0, 0.4, 0]),
        ("flat", (6,), [1, 0, 0.2, 0, 0.4, 0]),
    ],
)
def test_layouts_of_a_coloured_image(layout: str, shape: tuple[int, ...], values: list[float]) -> None:
    made = array({"size": [1, 2], "channels": 3, "layout": layout}, image=COLOURED)
    assert made.shape == shape
    assert made.ravel() == pytest.approx(np.array(values))


def test_scale_then_mean_then_std_channel_by_channel() -> None:
    config = {"size": [1, 2], "channels": 3, "scale": 2, "mean": [10, 0, 2], "std": [5, 1, 10]}
    made = array(config, image=COLOURED)
    assert made.ravel() == pytest.approx(np.array([100, -2, 0, 204, 10, -0.2]))


def test_a_coloured_image_is_made_grey_and_a_grey_one_coloured_as_declared() -> None:
    # ITU-R 601: 299/1000 red + 587/1000 green + 114/1000 blue.
    made = array({"size": [1, 2], "scale": 1}, image=COLOURED)
    assert made.ravel() == pytest.approx([0.299 * 255 + 0.114 * 51, 0.587 * 102], abs=0.6)
    assert array({"size": [2, 3], "channels": 3}, image=GREY)[:, 1, 2] == pytest.approx([1, 1, 1])


def test_resizing_takes_the_nearest_pixel_where_it_is_told_to() -> None:
    image = picture([[0, 255]])
    assert array({"size": [2, 4], "resize": "nearest"}, image=image)[0].tolist() == [[0, 0, 1, 1]] * 2
    smooth = array({"size": [1, 4]}, image=image)[0, 0]
    assert smooth[0] < smooth[1] < smooth[2] < smooth[3]
    with pytest.raises(BadInput, match="the image is 1 x 2, not 2 x 1"):
        array({"size": [2, 1], "resize": "none"}, image=image)
    assert array({"size": [1, 2], "resize": "none"}, image=image).shape == (1, 1, 2)


@pytest.mark.parametrize(
    ("image", "said"),
    [(None, "no image"), (b"", "no image"), (b"GIF89a", "cannot be read"), (GREY[:40], "be read")],
)
def test_what_is_no_image_is_told(image: bytes | None, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        array({"size": [2, 3]}, image=image)


def test_an_image_of_the_largest_size_is_read_and_a_larger_one_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preprocessing, "MAX_PIXELS", 6)
    assert array({"size": [2, 3]}, image=GREY).shape == (1, 2, 3)
    monkeypatch.setattr(preprocessing, "MAX_PIXELS", 5)
    with pytest.raises(BadInput, match="more than 5 pixels"):
        array({"size": [2, 3]}, image=GREY)


@pytest.mark.parametrize(
    ("text", "config", "values"),
    [
        ("1, 2, 3", {}, [1, 2, 3]),
        ("  [1, 2, 3]", {}, [1, 2, 3]),
        ("[[1, 2], [3, 4]]", {"size": [4]}, [1, 2, 3, 4]),
        ("1, 2, 3, 4", {"size": [2, 2]}, [[1, 2], [3, 4]]),
        ("1, 3", {"mean": 1, "std": 2}, [0, 1]),
        ("1, 3", {"scale": 10}, [10, 30]),
        ("7", {"size": 1}, [7]),
    ],
)
def test_numbers_by_hand(text: str, config: dict[str, Any], values: Any) -> None:
    assert array({"kind": "numbers", **config}, prompt=text).tolist() == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("one, two", "not a list of numbers"),
        ("[1, 2", "not a list of numbers"),
        ("[[1], [2, 3]]", "not a list of numbers"),
        ("1, 2", "has 2 numbers, not 3"),
        ("", "has 0 numbers, not 3"),
    ],
)
def test_what_are_no_numbers_is_told(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        array({"kind": "numbers", "size": [3]}, prompt=text)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"size": [2, 2], "colour": 1}, "unknown entry 'colour'"),
        ({"size": [2, 2], "kind": "sound"}, "kind 'sound'"),
        ({"size": [2, 2], "layout": "HWC"}, "layout 'HWC'"),
        ({"size": [2, 2], "dtype": "int8"}, "dtype 'int8'"),
        ({"size": [2, 2], "resize": "cubic"}, "resize 'cubic'"),
        ({}, "needs a size"),
        ({"size": [2]}, "needs a size"),
        ({"size": [2, 2], "channels": 2}, "needs a size"),
        ({"size": [2, 0]}, "above 0"),
        ({"size": [2, 1.5]}, "whole numbers"),
        ({"size": [2, 2], "std": [1, 0]}, "std must not be 0"),
    ],
)
def test_a_declaration_that_cannot_be_followed_is_refused(config: dict[str, Any], said: str) -> None:
    with pytest.raises(EngineError, match=said):
        Input.read(config)


def test_logits_become_probabilities_and_the_largest_is_the_label() -> None:
    outcome = Outcome.read({"labels": ["cat", "dog", 3]})
    index, weights = outcome.read_row(np.array([0.0, math.log(3), 0.0]))
    assert (index, outcome.label(index), outcome.label(2)) == (1, "dog", "3")
    assert weights == pytest.approx((0.2, 0.6, 0.2))
    index, weights = outcome.read_row(np.array([1000.0, 1000.0, -1000.0]))
    assert (index, weights) == (0, pytest.approx((0.5, 0.5, 0)))


def test_probabilities_and_indices_are_taken_as_they_are() -> None:
    assert Outcome.read({"kind": "probabilities"}).read_row(np.array([[0.25], [0.75]])) == (1, (0.25, 0.75))
    assert Outcome.read({"kind": "index"}).read_row(np.float32(2.0)) == (2, ())
    assert Outcome.read({}).label(5) == "5"


@pytest.mark.parametrize(
    ("config", "row", "said"),
    [
        ({"labels": ["a", "b"]}, [1.0], "1 values for 2 labels"),
        ({}, [1.0, math.nan], "not finite"),
        ({"kind": "probabilities"}, [1.0, math.inf], "not finite"),
        ({"kind": "index"}, [math.nan], "not finite"),
        ({"kind": "index"}, [], "no value"),
        ({}, [], "no value"),
    ],
)
def test_a_row_that_means_nothing_is_told(config: dict[str, Any], row: list[float], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        Outcome.read(config).read_row(np.array(row))


@pytest.mark.parametrize("index", [-1, 2])
def test_a_label_that_is_not_declared_is_told(index: int) -> None:
    with pytest.raises(BadInput, match=f"label {index} of 2"):
        Outcome.read({"labels": ["a", "b"]}).label(index)


@pytest.mark.parametrize(("config", "said"), [({"label": []}, "'label'"), ({"kind": "logit"}, "'logit'")])
def test_a_declared_outcome_is_one_of_three(config: dict[str, Any], said: str) -> None:
    with pytest.raises(EngineError, match=said):
        Outcome.read(config)
