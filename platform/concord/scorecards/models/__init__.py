"""The tables of the combined view."""

from concord.scorecards.models.scorecard import Dimension, Scorecard
from concord.scorecards.models.snapshot import Snapshot, SnapshotPicture

__all__ = ["Dimension", "Scorecard", "Snapshot", "SnapshotPicture"]
