"""The tables of the catalog."""

from concord.catalog.models.criterion import Criterion
from concord.catalog.models.dataset import Dataset, DatasetVersion, Example
from concord.catalog.models.imports import ImportBatch, ImportRejection, SavedMapping
from concord.catalog.models.output import Output, OutputSet
from concord.catalog.models.system import System

__all__ = [
    "Criterion",
    "Dataset",
    "DatasetVersion",
    "Example",
    "ImportBatch",
    "ImportRejection",
    "Output",
    "OutputSet",
    "SavedMapping",
    "System",
]
