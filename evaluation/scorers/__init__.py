"""How an answer becomes a number. Importing this package registers every scorer."""

from evaluation.scorers import choice, contains, exact_match, numeric_answer, token_f1  # noqa: F401
from evaluation.scorers.base import Answer, Scorer, Task, Verdict, create, methods, register

__all__ = ["Answer", "Scorer", "Task", "Verdict", "create", "methods", "register"]
