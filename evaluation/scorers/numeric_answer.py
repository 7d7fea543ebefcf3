"""A final number, as in grade-school mathematics."""

import re
from decimal import Decimal, InvalidOperation

from evaluation.scorers.base import NO_REFERENCE, Answer, Task, Verdict, accepted_texts, register

MARKED = re.compile(r"####\s*[$€£]?\s*(-?[$€£]?[0-9][0-9,]*(?:\.[0-9]+)?|-?\.[0-9]+)")
NUMBER = re.compile(
    r"(?<![\w.,])-?[$€£]?(?:[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+)(?!\w)|(?<![\w.])-?[0-9]+(?:\.[0-9]+)?"
)


@register("numeric_answer", title="Numeric answer")
class NumericAnswer:
    """1 where the final number equals the reference: the one after the last "####", else the last in the text.

    Thousands separators and currency signs are ignored.
    """

    tolerance: float = 0.0
    marked_only: bool = False

    def score(self, answer: Answer, task: Task) -> Verdict:
        right = [
            number for text in accepted_texts(task.reference) if (number := final_number(text)) is not None
        ]
        if not right:
            return NO_REFERENCE
        given = final_number(answer.text, marked_only=self.marked_only)
        if given is None:
            return Verdict(value=0.0)
        hit = any(abs(given - number) <= Decimal(str(self.tolerance)) for number in right)
        return Verdict(value=float(hit), raw=str(given))


def final_number(text: str, *, marked_only: bool = False) -> Decimal | None:
    """The number after the last "####", else (unless `marked_only`) the last number; None where there is none."""
    found = MARKED.findall(text)
    if not found and not marked_only:
        found = NUMBER.findall(text)
    return _read(found[-1]) if found else None


def _read(text: str) -> Decimal | None:
    try:
        return Decimal(re.sub(r"[,$€£\s]", "", text))
    except InvalidOperation:
        return None
