"""Keeps child processes running: starts them in order, restarts what dies, stops all in the reverse order."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from concord.quickstart.identity import in_child
from concord.quickstart.problems import CannotStart

FIRST_PAUSE, LONGEST_PAUSE, HEALTHY_AFTER = 1.0, 30.0, 60.0


class Child(Protocol):
    """Something that runs as our child process."""

    name: str
    process: subprocess.Popen[bytes] | None

    def start(self) -> None: ...

    def stop(self) -> None: ...


@dataclass
class Program:
    """A command as a child. `patience` is how long it may take to end on SIGTERM; then `firmly`, then SIGKILL."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log: Path | None = None
    patience: float = 10
    firmly: signal.Signals = signal.SIGQUIT
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        out = self.log.open("ab") if self.log else None
        try:
            # Its own session: Ctrl-C reaches only the supervisor, which then stops things in order.
            self.process = subprocess.Popen(  # noqa: S603
                list(self.command), stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.folder,
                env={**os.environ, **self.environment}, preexec_fn=in_child(death=self.firmly), start_new_session=True,
            )  # fmt: skip
        finally:
            if out:
                out.close()

    def stop(self) -> None:
        process = self.process
        if process is None or process.poll() is not None:
            return
        for sign, patience in ((signal.SIGTERM, self.patience), (self.firmly, 3.0)):
            process.send_signal(sign)
            try:
                process.wait(patience)
                return
            except subprocess.TimeoutExpired:
                continue
        # The whole session, so that no grandchild is left holding a socket or a lease.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(5)


class Supervisor:
    """Owns children. `say` receives one sentence for each thing that people should know."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.children: list[Child] = []
        self.stopping = threading.Event()
        self._passing: list[Program] = []
        self._pauses: dict[str, float] = {}
        self._due: dict[str, float] = {}
        self._began: dict[str, float] = {}

    def add(self, child: Child) -> None:
        """Start a child and keep it running from now on. Raises `CannotStart`."""
        child.start()
        self.children.append(child)
        self._began[child.name] = time.monotonic()

    def add_once(self, program: "Program") -> None:
        """Start a program that ends by itself; it is stopped with the others, and not started again."""
        program.start()
        self._passing.append(program)

    def watch(self, interval: float = 0.3) -> None:
        """Until `stopping` is set: restart what has died, each time after a longer pause."""
        while not self.stopping.wait(interval):
            for child in self.children:
                self._tend(child)

    def stop(self) -> None:
        """Stop every child, last started first; workers and web side by side, as they are told at the same moment."""
        self.stopping.set()
        programs = [*self._passing, *(child for child in self.children if isinstance(child, Program))]
        threads = [threading.Thread(target=child.stop) for child in programs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for child in reversed(self.children):
            if child not in programs:
                child.stop()

    def _tend(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is not None and child.process.poll() is None:
            if now - self._began[child.name] > HEALTHY_AFTER:
                self._pauses.pop(child.name, None)
            return
        if child.name not in self._due:
            pause = self._pauses.get(child.name, FIRST_PAUSE)
            self._pauses[child.name], self._due[child.name] = min(pause * 2, LONGEST_PAUSE), now + pause
            code = child.process.returncode if child.process else "?"
            self.say(f"The {child.name} ended unexpectedly ({code}); starting it again in {pause:.0f} s.")
        elif now >= self._due[child.name]:
            del self._due[child.name]
            self._began[child.name] = now
            try:
                child.start()
            except CannotStart as error:
                self.say(str(error))
