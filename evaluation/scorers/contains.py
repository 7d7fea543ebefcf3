"""Whether the reference occurs in the answer."""

import re

from evaluation.scorers.base import NO_REFERENCE, Answer, Task, Verdict, accepted_texts, register
from evaluation.scorers.normalise import tidy


@register("contains", title="Contains the reference")
class Contains:
    """1 where one of the accepted references occurs in the answer, as whole words unless told otherwise."""

    ignore_case: bool = True
    whole_words: bool = True

    def score(self, answer: Answer, task: Task) -> Verdict:
        accepted = [self._tidy(text) for text in accepted_texts(task.reference)]
        if not any(accepted):
            return NO_REFERENCE
        given = self._tidy(answer.text)
        found = next((text for text in accepted if text and self._occurs(text, given)), None)
        return Verdict(value=float(found is not None), raw=found or "")

    def _tidy(self, text: str) -> str:
        return tidy(text, case=self.ignore_case, punctuation=False, articles=False, spaces=True)

    def _occurs(self, wanted: str, text: str) -> bool:
        if not self.whole_words:
            return wanted in text
        return re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", text) is not None
