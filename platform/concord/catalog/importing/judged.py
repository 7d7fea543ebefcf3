"""What an answer is about: one output of a system, or the outputs of two side by side."""

from typing import Any

from concord.catalog.importing.fields import Field, Reject
from concord.catalog.importing.records import Record
from concord.catalog.importing.systems import FULL_NAME, LEFT_VERSION, RIGHT_VERSION, VERSION, full_name

SIDES = ("left_system", "right_system")
JUDGED_FIELDS = (
    Field("system", required=False, max_length=FULL_NAME, synonyms=("system", "model")),
    VERSION,
    Field(
        "left_system",
        required=False,
        max_length=FULL_NAME,
        synonyms=("left", "model_a", "system_a", "left_system"),
    ),
    LEFT_VERSION,
    Field(
        "right_system",
        required=False,
        max_length=FULL_NAME,
        synonyms=("right", "model_b", "system_b", "right_system"),
    ),
    RIGHT_VERSION,
)


class Judged(Record):
    """Base of the kinds that hold answers about outputs. A name and a version in one cell find an output as well."""

    @property
    def pairwise(self) -> bool:
        return not self.bound.isdisjoint(SIDES)

    def problems_of_sides(self) -> list[str]:
        """What is wrong with the systems that the mapping's entry names."""
        bound = self.bound.intersection(SIDES)
        if len(bound) == 1:
            return [f"{self._noun} of pairs need both left_system and right_system."]
        if not bound and "system" not in self.bound:
            return [f"{self._noun} need a system, or left_system and right_system."]
        if bound and "system" in self.bound:
            return [f"{self._noun} are of one system or of a pair, not of both."]
        return []

    @property
    def _noun(self) -> str:
        return self.kind.capitalize()

    def systems(self, row: dict[str, Any]) -> tuple[str, str | None]:
        """Return the full name of the line's system, or of both of its systems."""
        sides = SIDES if self.pairwise else ("system",)
        for side in sides:
            if not row.get(side):
                raise Reject(side, "is empty")
        names = [full_name(row[side], row.get(f"{side}_version")) for side in sides]
        if not self.pairwise:
            return names[0], None
        if names[0] == names[1]:
            raise Reject("right_system", "is the same system as on the left")
        return names[0], names[1]
