"""The torch engine: programs that load, files that must not, and the declared way from image to label."""

import io
import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from evaluation.engines import EngineError, Reply, Request, Sampling, create
from evaluation.engines.preprocessing import Input, Outcome

IMAGE = {"kind": "image", "size": [4, 4], "channels": 1, "scale": 1 / 255}


def network() -> Any:
    """Votes for the quadrant (of 2 x 2) with the most light."""
    import torch

    model = torch.nn.Sequential(torch.nn.AvgPool2d(2), torch.nn.Flatten())
    return model.eval()


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    import torch

    batch = torch.export.Dim("batch")
    program = torch.export.export(network(), (torch.zeros(2, 1, 4, 4),), dynamic_shapes=({0: batch},))
    torch.export.save(program, tmp_path / "quadrants.pt2")
    return tmp_path / "quadrants.pt2"


@pytest.fixture
def scripted(tmp_path: Path) -> Path:
    import torch

    torch.jit.trace(network(), torch.zeros(2, 1, 4, 4)).save(str(tmp_path / "quadrants.pt"))
    return tmp_path / "quadrants.pt"


def png(pixels: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.asarray(pixels, dtype=np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def quadrant(index: int) -> bytes:
    pixels = np.zeros((4, 4))
    pixels[2 * (index // 2) : 2 * (index // 2) + 2, 2 * (index % 2) : 2 * (index % 2) + 2] = 255
    return png(pixels)


def classify(path: Path, requests: list[Request], batch_size: int = 3, **config: Any) -> dict[int, Reply]:
    config = {"input": IMAGE, "output": {"labels": ["nw", "ne", "sw", "se"]}, "device": "cpu", **config}
    engine = create("torch", {"path": str(path), **config})
    engine.load()
    return {r.id: r for group in engine.classify(requests, Sampling(batch_size=batch_size)) for r in group}


@pytest.mark.parametrize("form", ["exported", "scripted"])
def test_both_forms_classify_images(form: str, request: pytest.FixtureRequest) -> None:
    replies = classify(request.getfixturevalue(form), [Request(id=i, image=quadrant(i)) for i in range(4)])
    assert [replies[i].text for i in range(4)] == ["nw", "ne", "sw", "se"]
    assert [replies[i].choice for i in range(4)] == [0, 1, 2, 3]
    # logits (1, 0, 0, 0): softmax e / (e + 3)
    assert replies[0].weights == pytest.approx([np.e / (np.e + 3)] + [1 / (np.e + 3)] * 3)
    assert replies[0].batch_size == 3
    assert replies[3].batch_size == 1


def test_one_broken_image_does_not_spoil_the_batch(exported: Path) -> None:
    replies = classify(
        exported,
        [Request(id=1, image=b"not an image"), Request(id=2, image=None), Request(id=3, image=quadrant(2))],
    )
    assert "cannot be read" in replies[1].error
    assert "no image" in replies[2].error
    assert replies[1].final
    assert replies[3].text == "sw"


def test_labels_that_do_not_fit_the_program_are_an_error_not_a_guess(exported: Path) -> None:
    replies = classify(exported, [Request(id=1, image=quadrant(0))], output={"labels": ["a", "b"]})
    assert replies[1].error == "the program gave 4 values for 2 labels"


class Evil:
    def __reduce__(self) -> Any:
        return (Path.touch, (Path("/tmp/concord-was-run"),))


def repacked(path: Path, change: Any) -> Path:
    """The archive with entries changed by `change(name, data) -> data`."""
    made = path.with_name("changed.pt2")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as new:
        for entry in old.namelist():
            new.writestr(entry, change(entry.partition("/")[2], old.read(entry)))
    return made


def refusal(path: Path) -> str:
    with pytest.raises(EngineError) as caught:
        create("torch", {"path": str(path), "input": IMAGE}).load()
    assert not Path("/tmp/concord-was-run").exists()
    return str(caught.value)


def test_pickles_are_refused_whatever_they_are_called(tmp_path: Path) -> None:
    import torch

    torch.save(network(), tmp_path / "module.pt2")
    assert "is a pickle" in refusal(tmp_path / "module.pt2")
    torch.save(network().state_dict(), tmp_path / "weights.pt")
    assert "is a pickle" in refusal(tmp_path / "weights.pt")
    (tmp_path / "bare.pt").write_bytes(pickle.dumps(Evil()))
    assert "neither" in refusal(tmp_path / "bare.pt")
    assert "no model file" in refusal(tmp_path / "absent.pt2")


def test_an_exported_program_with_a_pickle_inside_is_refused(exported: Path) -> None:
    def in_sample_inputs(name: str, data: bytes) -> bytes:
        return pickle.dumps(Evil()) if name.startswith("data/sample_inputs/") else data

    def in_constants(name: str, data: bytes) -> bytes:
        if not name.endswith("constants_config.json"):
            return data
        return json.dumps(
            {"config": {"x": {"path_name": "opaque_obj_0", "is_param": False, "use_pickle": True}}}
        ).encode()

    assert "sample inputs" in refusal(repacked(exported, in_sample_inputs))
    assert "pickled object" in refusal(repacked(exported, in_constants))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("target", "torch.serialization.os.system"),
        ("expr_str", "__import__('os')"),
        ("name", "x):\n import os"),
    ],
)
def test_an_exported_program_that_reaches_beyond_tensors_is_refused(
    exported: Path, key: str, value: str
) -> None:
    def poisoned(name: str, data: bytes) -> bytes:
        if not name.startswith("models/"):
            return data
        program = json.loads(data)
        poison(program)
        return json.dumps(program).encode()

    def poison(node: Any) -> bool:
        if isinstance(node, dict) and isinstance(node.get(key), str):
            node[key] = value
            return True
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        return any(poison(child) for child in children)

    assert "unsafe" in (said := refusal(repacked(exported, poisoned))) or "no tensor operation" in said


def test_pre_processing_by_hand() -> None:
    pixels = [[0, 255], [51, 102]]
    request = Request(id=1, image=png(pixels))
    how = Input.read({"size": [2, 2], "mean": [0.5], "std": [0.25]})
    assert how.array(request) == pytest.approx(np.array([[[-2, 2], [-1.2, -0.4]]]), abs=1e-6)
    flat = Input.read({"size": [2, 2], "scale": 1.0, "layout": "flat"})
    assert flat.array(request).tolist() == [0, 255, 51, 102]
    colour = Image.new("RGB", (3, 2), (10, 20, 30))
    stream = io.BytesIO()
    colour.save(stream, "PNG")
    channels = Input.read(
        {"size": [2, 3], "channels": 3, "scale": 1.0, "mean": [10, 10, 10], "std": [1, 2, 4]}
    )
    assert channels.array(Request(id=1, image=stream.getvalue()))[:, 0, 0].tolist() == [0, 5, 5]
    last = Input.read({"size": [2, 3], "channels": 3, "scale": 1.0, "layout": "NHWC"})
    assert last.array(Request(id=1, image=stream.getvalue())).shape == (2, 3, 3)
    numbers = Input.read({"kind": "numbers", "size": [2, 2]})
    assert numbers.array(Request(id=1, prompt="1, 2, 3, 4.5")).tolist() == [[1, 2], [3, 4.5]]


def test_an_image_of_another_size_is_resized_or_refused_as_declared(exported: Path) -> None:
    large = png(np.kron(np.array([[0, 255], [0, 0]]), np.ones((8, 8))))
    assert classify(exported, [Request(id=1, image=large)])[1].text == "ne"
    refused = classify(exported, [Request(id=1, image=large)], input={**IMAGE, "resize": "none"})[1]
    assert refused.error == "the image is 16 x 16, not 4 x 4"


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"size": [4]}, "size of"),
        ({"size": [4, 4], "std": [0]}, "std must not be 0"),
        ({"size": [4, 4], "layout": "CHWN"}, "layout"),
        ({"size": [4, 4], "crop": 3}, "unknown entry 'crop'"),
    ],
)
def test_a_bad_declaration_is_refused_by_name(config: dict[str, Any], said: str) -> None:
    with pytest.raises(EngineError, match=said):
        Input.read(config)


def test_post_processing_by_hand() -> None:
    assert Outcome.read({"kind": "index", "labels": ["a", "b"]}).label(1) == "b"
    index, weights = Outcome.read({"kind": "probabilities"}).read_row(np.array([0.2, 0.7, 0.1]))
    assert (index, weights) == (1, (0.2, 0.7, 0.1))
    index, weights = Outcome.read({"kind": "logits"}).read_row(np.array([1000.0, 1000.0]))
    assert weights == (0.5, 0.5)
