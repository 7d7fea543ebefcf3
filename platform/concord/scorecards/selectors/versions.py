"""Which dataset version a scorecard is about."""

from concord.scorecards.models import Scorecard


def version_of(scorecard: Scorecard) -> int | None:
    """Return the dataset version that is scored: the one named, else that of the first study that has one."""
    if scorecard.version_id:
        return int(scorecard.version_id)
    studies = scorecard.dimensions.filter(study__version__isnull=False)
    return studies.values_list("study__version_id", flat=True).first()
