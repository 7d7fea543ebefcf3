"""How long a call takes, and how far the resident memory rises above what held its input."""

from __future__ import annotations

import gc
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ENOUGH = 0.5  # seconds: what takes longer is not repeated to find its best time


def resident(field: str) -> float:
    """Return VmRSS (now) or VmHWM (the peak) of this process in MiB."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024


def measured(run: Callable[[], Any], repeats: int, *, enough: float = float("inf")) -> dict[str, Any]:
    """Run so often, or until it has taken long enough; return what came out last, with the best and the median time."""
    gc.collect()
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    times: list[float] = []
    result: Any = None
    while len(times) < repeats and sum(times) < enough:
        start, worked = time.perf_counter(), time.process_time()
        result = run()
        # Processor time where others were in the way; elapsed time where threads of ours shared the work.
        times.append(min(time.perf_counter() - start, time.process_time() - worked))
    return {
        "result": result,
        "seconds": min(times),
        "median_seconds": sorted(times)[len(times) // 2],
        "added_mib": max(resident("VmHWM") - before, 0.0),
    }


def in_a_child(run: Callable[[], Any]) -> dict[str, Any]:
    """Return the best of three times and the memory of a call in a child process, or why it failed."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            found = measured(run, 3, enough=ENOUGH)
            del found["result"]
        except Exception as error:  # the child must not go on as a second parent
            found = {"failed": f"{type(error).__name__}: {error}"}
        os.write(writing, json.dumps(found).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    answer: dict[str, Any] = json.loads(text or '{"failed": "the process was ended"}')
    return answer
