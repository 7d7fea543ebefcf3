"""Token F1 as in SQuAD."""

from collections import Counter

from evaluation.scorers.base import NO_REFERENCE, Answer, Task, Verdict, accepted_texts, register
from evaluation.scorers.normalise import squad


@register("token_f1", title="Token F1", binary=False)
class TokenF1:
    """The best overlap of words with an accepted reference: F1 of precision and recall.

    As in the SQuAD evaluation script (Rajpurkar et al. 2016).
    """

    def score(self, answer: Answer, task: Task) -> Verdict:
        accepted = accepted_texts(task.reference)
        if not accepted:
            return NO_REFERENCE
        return Verdict(value=max(token_f1(answer.text, text) for text in accepted))


def token_f1(answer: str, reference: str) -> float:
    """F1 of the two bags of words after SQuAD normalisation; 1 where both are empty, 0 where one is."""
    given, wanted = squad(answer).split(), squad(reference).split()
    if not given or not wanted:
        return float(given == wanted)
    shared = sum((Counter(given) & Counter(wanted)).values())
    return 2 * shared / (len(given) + len(wanted))
