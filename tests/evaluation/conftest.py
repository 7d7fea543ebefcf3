"""What the stories of the automatic side are told with: datasets, systems, and engines made on the spot."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

WORDS = [
    *[
        "the",
        "a",
        "cat",
        "dog",
        "sat",
        "on",
        "mat",
        "ran",
        "to",
        "house",
        "is",
        "red",
        "blue",
        "green",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
    ],
    *[
        "yes",
        "no",
        "paris",
        "rome",
        "what",
        "capital",
        "of",
        "france",
        "answer",
        "question",
        ":",
        ".",
        ",",
        "?",
    ],
]


class Endpoint(ThreadingHTTPServer):
    """Answers each request with the next step of `script`; the last step repeats."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[tuple[Any, ...]] = [("stream", ["hello"])]
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.stopping = threading.Event()
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some of the stories are about."""


class Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def log_message(self, *_: Any) -> None: ...

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.bodies.append(body)
            self.server.keys.append(self.headers.get("Authorization", ""))
            step = self.server.script.pop(0) if len(self.server.script) > 1 else self.server.script[0]
        getattr(self, f"_{step[0]}")(*step[1:])

    def _head(self, status: int, kind: str, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def _stream(self, parts: list[str], usage: tuple[int, int] = (5, 2)) -> None:
        self._head(200, "text/event-stream")
        for part in parts:
            self._event({"choices": [{"index": 0, "delta": {"content": part}}]})
        self._event({"choices": [], "usage": {"prompt_tokens": usage[0], "completion_tokens": usage[1]}})
        self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, value: Any) -> None:
        self.wfile.write(b"data: " + json.dumps(value).encode() + b"\n\n")
        self.wfile.flush()

    def _whole(self, text: str) -> None:
        self._head(200, "application/json")
        self.wfile.write(
            json.dumps({"choices": [{"message": {"content": text}}], "usage": {"prompt_tokens": 1}}).encode()
        )

    def _status(self, status: int, message: str = "no", **headers: str) -> None:
        self._head(status, "application/json", **headers)
        self.wfile.write(json.dumps({"error": {"message": message}}).encode())

    def _whole_error(self, message: str) -> None:
        self._head(200, "application/json")
        self.wfile.write(json.dumps({"error": {"message": message}}).encode())

    def _redirect(self, to: str) -> None:
        self._head(302, "text/plain", Location=to)

    def _moved(self, status: int, to: str) -> None:
        self._head(status, "text/plain", Location=to)

    def _hang(self) -> None:
        self._head(200, "text/event-stream")
        self.wfile.flush()
        self.server.stopping.wait(20)

    def _drip(self) -> None:
        """A byte now and then: no single read ever times out."""
        self._head(200, "text/event-stream")
        while not self.server.stopping.wait(0.1):
            self.wfile.write(b":")
            self.wfile.flush()

    def _garbage(self) -> None:
        self._head(200, "text/event-stream")
        self.wfile.write(b"data: {not json\n\n")

    def _huge(self) -> None:
        self._head(200, "text/event-stream")
        for _ in range(40):
            self._event({"choices": [{"delta": {"content": "x" * 500_000}}]})


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random two-layer GPT-2 with a word tokenizer, saved as a transformers folder."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    vocabulary = {word: index for index, word in enumerate(["<pad>", "<eos>", "<unk>", *WORDS])}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>"
    )
    torch.manual_seed(7)
    config = GPT2Config(
        vocab_size=len(vocabulary),
        n_positions=64,
        n_embd=32,
        n_layer=2,
        n_head=2,
        bos_token_id=1,
        eos_token_id=1,
    )
    model = GPT2LMHeadModel(config)
    # Sharper than a fresh network, so that two choices do not differ by rounding alone.
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3)
    model.save_pretrained(folder, safe_serialization=True)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def make_dataset(workspace: Any) -> Callable[..., Any]:
    """A dataset version from a list of examples given as keyword dictionaries."""
    from concord.catalog.models import Dataset, DatasetVersion, Example

    def make(examples: list[dict[str, Any]], name: str = "Questions") -> Any:
        dataset = Dataset.objects.create(workspace=workspace, name=name)
        version = DatasetVersion.objects.create(
            dataset=dataset, examples_count=len(examples), digest="d" * 64
        )
        Example.objects.bulk_create(
            Example(
                version=version,
                key=example.get("key", f"e{index}"),
                position=example.get("position", index),
                content=example.get(
                    "content", [{"type": "text", "text": example.get("prompt", f"question {index}")}]
                ),
                choices=example.get("choices"),
                reference=example.get("reference"),
                slices=example.get("slices", {}),
            )
            for index, example in enumerate(examples)
        )
        return version

    return make


@pytest.fixture
def make_system(workspace: Any) -> Callable[..., Any]:
    from concord.catalog.models import System

    def make(kind: str, name: str = "", **config: Any) -> Any:
        prices = config.pop("prices", {})
        return System.objects.create(
            workspace=workspace, name=name or f"a {kind} system", kind=kind, config=config, prices=prices
        )

    return make


@pytest.fixture
def scripted_engine() -> Iterator[Callable[..., Any]]:
    """Puts an engine that answers by a function in the place of transformers: prompt -> text, or an exception to fail with."""
    from evaluation.engines import base, warm

    former = base.kinds()["transformers"]

    def install(answer: Callable[[str], str], *, group: int = 4) -> Any:
        class Scripted(base.Engine):
            asked: list[int] = []
            loads = 0

            def load(self) -> None:
                type(self).loads += 1

            def describe(self) -> dict[str, Any]:
                return {"device": "none"}

            def generate(self, requests: Any, sampling: Any) -> base.Replies:
                for first in range(0, len(requests), group):
                    yield [self._reply(request) for request in requests[first : first + group]]

            def _reply(self, request: base.Request) -> base.Reply:
                self.asked.append(request.id)
                watch = base.Stopwatch()
                try:
                    text = answer(request.prompt)
                except ValueError as error:
                    return base.Reply(id=request.id, error=str(error))
                return base.Reply(
                    id=request.id,
                    text=text,
                    input_tokens=len(request.prompt.split()),
                    output_tokens=len(text.split()),
                    **watch.stop(),
                )

        warm.forget()
        base.replace("transformers", Scripted)
        return Scripted

    yield install
    base.replace("transformers", former)
    warm.forget()


@pytest.fixture
def endpoint() -> Iterator[Any]:
    """An OpenAI-compatible server on the loopback; `script` is what it does, request by request (the last one repeats)."""
    server = Endpoint()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.stopping.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def benchmark(designer: Any, workspace: Any, make_dataset: Callable[..., Any]) -> Any:
    from evaluation.services.benchmarks import create_benchmark
    from tests.evaluation.capitals import capitals

    return create_benchmark(
        actor=designer, workspace=workspace, name="Capitals", version=make_dataset(capitals())
    )


@pytest.fixture
def planned(designer: Any, workspace: Any, make_dataset: Any, make_system: Any) -> Callable[..., Any]:
    """`planned(5, scorers=..., state="running", **options)`: a run on so many examples, one shard an example."""
    from evaluation.models import Run
    from evaluation.services.benchmarks import create_benchmark
    from evaluation.services.planning import plan_run
    from tests.evaluation.capitals import capitals

    def make(
        examples: Any = 5, *, state: str = "running", system: Any = None, name: str = "B", **given: Any
    ) -> Any:
        rows = capitals(examples) if isinstance(examples, int) else examples
        benchmark = given.pop("benchmark", None) or create_benchmark(
            actor=designer,
            workspace=workspace,
            name=name,
            version=make_dataset(rows, f"Data of {name}"),
            epochs=given.pop("epochs", 1),
            scorers=given.pop("scorers", None),
            task=given.pop("task", "generate"),
        )
        system = system or make_system("transformers", f"system of {name}", path="x")
        run = plan_run(actor=designer, benchmark=benchmark, system=system, options={"shard_size": 1, **given})
        Run.objects.filter(pk=run.pk).update(state=state)
        run.refresh_from_db()
        return run

    return make


@pytest.fixture
def answer() -> Callable[..., Any]:
    """`answer(run, position, text, score=1.0)`: an output of the run, scored by its first scorer."""
    from concord.catalog.models import Example, Output
    from evaluation.models import Score

    def write(run: Any, position: int, text: str = "x", *, score: Any = "none", epoch: int = 1) -> Any:
        example = Example.objects.get(version=run.benchmark.version_id, position=position)
        made = Output.objects.create(
            output_set_id=run.answers_set_id, system=run.system, example=example, text=text, epoch=epoch
        )
        if score != "none":
            spec = run.settings["scorers"][0]
            Score.objects.create(
                scorer_id=spec["scorer_id"], criterion_id=spec["criterion_id"], output=made, value=score
            )
        return made

    return write
