"""Batches filled by length: what is padded together should be about equally long."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def by_length(
    items: Sequence[T], *, length: Callable[[T], int], size: int, budget: int = 1 << 16
) -> Iterator[list[T]]:
    """Longest first, so that a batch that does not fit in memory shows at once.

    At most `size` items and `budget` padded units a batch.
    """
    batch: list[T] = []
    widest = 0
    for item in sorted(items, key=length, reverse=True):
        widest = widest or max(1, length(item))
        if batch and (len(batch) >= size or widest * (len(batch) + 1) > budget):
            yield batch
            batch, widest = [], max(1, length(item))
        batch.append(item)
    if batch:
        yield batch
