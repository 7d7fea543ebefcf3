"""Any OpenAI-compatible chat endpoint: streamed, retried within bounds, private addresses refused unless allowed."""

import base64
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

import httpx

from concord.core.origins import BadAddress, origin_of
from evaluation.engines.addresses import PrivateAddress, client
from evaluation.engines.base import (
    Access,
    Engine,
    EngineError,
    Message,
    Replies,
    Reply,
    Request,
    Sampling,
    Stopwatch,
    register,
)
from evaluation.engines.openai_stream import BadReply, Completion, error_text, limited, read
from evaluation.redaction import Redactor

RETRIED = {408, 409, 425, 429, 500, 502, 503, 504, 529}
MAX_WAIT = 20.0
MAX_ERROR = 330  # what a server says of an error is told to about 300 characters
MUST_ALLOW = "an administrator must allow it first"
LIMIT_NAMES = ("max_tokens", "max_completion_tokens")
OWN = {"model", "messages", "stream", "stream_options", "n", *LIMIT_NAMES}


class Refused(Exception):
    """The server said no. `again` says whether the same request may succeed later, `wait` the seconds it asked for."""

    def __init__(self, message: str, *, again: bool, wait: float = 0.0) -> None:
        super().__init__(message)
        self.again, self.wait = again, wait


@register("openai")
class OpenAIEngine(Engine):
    def __init__(self, config: dict[str, Any], access: Access = Access()) -> None:  # noqa: B008  (frozen)
        super().__init__(config, access)
        keys = (access.key, *access.hidden)
        self._answers, self._errors = Redactor(keys), Redactor(keys, shortest=4)
        self.tries = max(1, min(8, int(config.get("tries", 4))))
        self.backoff = float(config.get("backoff_s", 1.0))

    def load(self) -> None:
        base = str(self.config.get("base_url") or "")
        try:
            origin_of(base)
        except BadAddress as error:
            raise EngineError(f"The endpoint's base_url cannot be called: {error}.") from error
        if not self.config.get("model"):
            raise EngineError("The endpoint needs the name of a model.")
        self.limit_s = max(0.1, min(600.0, float(self.config.get("timeout_s", 60))))
        self.connections = max(1, min(64, int(self.config.get("concurrency", 4))))
        # Newer servers call it max_completion_tokens, and refuse the older name.
        self.limit_name = str(self.config.get("max_tokens_name", "max_tokens"))
        if self.limit_name not in LIMIT_NAMES:
            raise EngineError(f"max_tokens_name is one of {', '.join(LIMIT_NAMES)}, not {self.limit_name!r}.")
        timeout = httpx.Timeout(self.limit_s, connect=min(10.0, self.limit_s))
        self.http = client(
            allow_private=self.access.allow_private,
            allowed=self.access.allowed,
            timeout=timeout,
            connections=self.connections,
        )
        self.url = base.rstrip("/") + "/chat/completions"

    def describe(self) -> dict[str, Any]:
        return {
            "endpoint": self.url,
            "model": self.config["model"],
            "concurrency": self.connections,
            "streamed": True,
        }

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Replies:
        with ThreadPoolExecutor(max_workers=self.connections, thread_name_prefix="openai") as pool:
            waiting = [pool.submit(self._ask, request, sampling) for request in requests]
            try:
                for future in as_completed(waiting):
                    yield [future.result()]
            finally:
                # The run was paused or lost: what is in flight ends, what has not begun never does.
                for future in waiting:
                    future.cancel()

    def _ask(self, request: Request, sampling: Sampling) -> Reply:
        """One reply, whatever the server does."""
        error, again = "", True
        for attempt in range(self.tries):
            watch = Stopwatch()
            try:
                completion = self._once(request, sampling, watch)
            except PrivateAddress as refused:
                return self._no(request, f"{refused}; {MUST_ALLOW}", final=True, private=refused.found)
            except Refused as refused:
                error, again, wait = str(refused), refused.again, refused.wait
            except BadReply as bad:
                error, wait = str(bad), 0.0
            except httpx.TimeoutException:
                error, wait = f"no answer within {self.limit_s:g} s", 0.0
            except httpx.HTTPError as failed:
                error, wait = f"the connection failed: {str(failed) or type(failed).__name__}", 0.0
            # Whatever else a client raises (an address or a text that it cannot encode) ends this example, not the run's job.
            except Exception as failed:
                return self._no(
                    request, f"it could not be asked: {type(failed).__name__}: {failed}", final=True
                )
            else:
                return self._reply(request, completion, watch)
            if not again or attempt == self.tries - 1:
                break
            time.sleep(self._pause(attempt, wait))
        return self._no(request, error, final=not again)

    def _once(self, request: Request, sampling: Sampling, watch: Stopwatch) -> Completion:
        deadline = time.monotonic() + self.limit_s
        headers = {"Accept": "text/event-stream, application/json"}
        if self.access.key:
            headers["Authorization"] = f"Bearer {self.access.key}"
        with self.http.stream(
            "POST", self.url, json=self._body(request, sampling), headers=headers
        ) as response:
            chunks = _until(response.iter_bytes(), deadline)
            if response.status_code != 200:
                raise self._refusal(response, chunks)
            streamed = "json" not in response.headers.get("content-type", "")
            return read(chunks, streamed=streamed, on_first=watch.first_token)

    def _body(self, request: Request, sampling: Sampling) -> dict[str, Any]:
        extra = {key: value for key, value in dict(self.config.get("extra") or {}).items() if key not in OWN}
        body: dict[str, Any] = {
            **extra,
            "model": self.config["model"],
            "messages": [_message(m) for m in request.messages]
            or [{"role": "user", "content": request.prompt}],
            self.limit_name: sampling.max_tokens,
            "stream": True,
        }
        if self.config.get("usage", True):
            body["stream_options"] = {"include_usage": True}
        if self.config.get("sampling", True):
            body |= {"temperature": sampling.temperature, "top_p": sampling.top_p, "seed": sampling.seed}
            if sampling.stop:
                body["stop"] = list(sampling.stop)
        return body

    def _refusal(self, response: httpx.Response, chunks: Any) -> Refused:
        status = response.status_code
        if 300 <= status < 400:
            return Refused("the endpoint redirects elsewhere, which is not followed", again=False)
        try:
            said = httpx.Response(200, content=b"".join(limited(chunks, 1 << 16))).json()
            detail = ": " + error_text(said) if isinstance(said, dict) else ""
        except (ValueError, BadReply):
            detail = ""
        wait = _seconds(response.headers.get("retry-after", ""))
        return Refused(f"the server answered {status}{detail}", again=status in RETRIED, wait=wait)

    def _pause(self, attempt: int, asked: float) -> float:
        own: float = self.backoff * 2**attempt * (0.5 + random.random() / 2)  # noqa: S311  (not a secret)
        return min(MAX_WAIT, max(asked, own))

    def _reply(self, request: Request, completion: Completion, watch: Stopwatch) -> Reply:
        times, found = watch.stop(), self._answers.redact(completion.text)
        return Reply(
            id=request.id,
            text=found.text,
            redacted=found.count,
            input_tokens=completion.input_tokens,
            output_tokens=completion.output_tokens,
            **times,
        )

    def _no(self, request: Request, error: str, *, final: bool, private: tuple[str, ...] = ()) -> Reply:
        """No answer, and why. The sentence is cut only here, after keys were taken out: half a key would not be recognised."""
        said = self._errors.redact(error).text[:MAX_ERROR]
        return Reply(id=request.id, error=said, final=final, private=private)


def _until(chunks: Any, deadline: float) -> Any:
    """Chunks until the deadline: httpx times each read, so a server that drips a byte a second would hold us for ever."""
    for chunk in chunks:
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the answer took too long")
        yield chunk


def _message(message: Message) -> dict[str, Any]:
    if not message.images:
        return {"role": message.role, "content": message.text}
    parts: list[dict[str, Any]] = [{"type": "text", "text": message.text}]
    for media_type, data in message.images:
        url = f"data:{media_type};base64,{base64.b64encode(data).decode()}"
        parts.append({"type": "image_url", "image_url": {"url": url}})
    return {"role": message.role, "content": parts}


def _seconds(text: str) -> float:
    try:
        return max(0.0, float(text))
    except ValueError:
        return 0.0
