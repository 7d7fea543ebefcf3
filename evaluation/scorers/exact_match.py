"""Exact match with declared normalisation."""

from evaluation.scorers.base import NO_REFERENCE, Answer, Task, Verdict, accepted_texts, register
from evaluation.scorers.normalise import tidy


@register("exact_match", title="Exact match")
class ExactMatch:
    """1 where the answer equals one of the accepted references after the chosen normalisation, else 0."""

    ignore_case: bool = True
    ignore_punctuation: bool = False
    ignore_articles: bool = False
    ignore_spaces: bool = True

    def _tidy(self, text: str) -> str:
        return tidy(
            text,
            case=self.ignore_case,
            punctuation=self.ignore_punctuation,
            articles=self.ignore_articles,
            spaces=self.ignore_spaces,
        )

    def score(self, answer: Answer, task: Task) -> Verdict:
        accepted = {self._tidy(text) for text in accepted_texts(task.reference)}
        if not accepted:
            return NO_REFERENCE
        given = self._tidy(answer.text)
        return Verdict(value=float(given in accepted), raw=given)
