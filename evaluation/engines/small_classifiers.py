"""Small image classifiers trained on the spot: real torch systems for a demonstration or a test, with no download.

Three of different strength, so that there is something to compare: a linear map seen few examples, a multilayer
perceptron, and a small convolutional network. Each is saved as an exported program, the format that the `torch` engine loads.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn


@dataclass(frozen=True)
class Recipe:
    """How one classifier is made: how many of the examples it sees, and for how many passes."""

    name: str
    examples: int
    passes: int
    learning_rate: float


RECIPES = (
    Recipe("linear", examples=120, passes=40, learning_rate=0.01),
    Recipe("perceptron", examples=400, passes=40, learning_rate=0.01),
    Recipe("convolutional", examples=800, passes=30, learning_rate=0.005),
)


def _network(name: str, side: int, classes: int) -> nn.Module:
    if name == "linear":
        return nn.Sequential(nn.Flatten(), nn.Linear(side * side, classes))
    if name == "perceptron":
        return nn.Sequential(nn.Flatten(), nn.Linear(side * side, 48), nn.ReLU(), nn.Linear(48, classes))
    half = side // 2
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * half * half, classes),
    )


def train(
    recipe: Recipe, images: NDArray[np.float32], labels: NDArray[np.int64], folder: Path, *, seed: int = 0
) -> Path:
    """Train by `recipe` and save `<name>.pt2` in `folder`; returns its path.

    `images` is (n, side, side) in [0, 1]; `labels` is (n,) from 0. The program takes float32 (batch, 1, side, side) and
    returns logits (batch, classes). The same seed gives the same program on the same machine.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # threads cost more than they bring at this size, above all on a busy machine
    side, classes = images.shape[1], int(labels.max()) + 1
    inputs = torch.from_numpy(images[: recipe.examples, None].copy())
    targets = torch.from_numpy(labels[: recipe.examples].copy())
    network = _network(recipe.name, side, classes)
    optimiser = torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    for _ in range(recipe.passes):
        for batch in torch.split(torch.randperm(len(inputs)), 32):
            optimiser.zero_grad()
            torch.autograd.backward(nn.functional.cross_entropy(network(inputs[batch]), targets[batch]))
            optimiser.step()
    return _export(network.eval(), side, folder / f"{recipe.name}.pt2")


def _export(network: nn.Module, side: int, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    sample = torch.zeros(2, 1, side, side)
    program = torch.export.export(
        network, (sample,), dynamic_shapes=({0: torch.export.Dim("batch", min=1, max=4096)},)
    )
    torch.export.save(program, path)
    return path


def predict(path: Path, images: NDArray[np.float32]) -> NDArray[np.int64]:
    """The labels (n,) that a saved program gives to images (n, side, side) in [0, 1]."""
    program = torch.export.load(path).module()
    with torch.inference_mode():
        return program(torch.from_numpy(images[:, None].copy())).argmax(1).numpy()  # type: ignore[no-any-return]
