"""What a run ran on: read from the machine, so that a timing can be understood years later."""

import platform
import socket
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

LIBRARIES = ("concord", "torch", "transformers", "tokenizers", "numpy", "httpx", "Pillow")


@cache
def machine() -> dict[str, Any]:
    """Machine, processor, memory, GPUs and library versions. Reads no environment variables and imports no torch."""
    import psutil

    return {
        "host": socket.gethostname(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "processor": _processor(),
        "cores": psutil.cpu_count(logical=False) or psutil.cpu_count(),
        "threads": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "gpus": gpus(),
        "libraries": {name: found for name in LIBRARIES if (found := _version(name))},
    }


def gpus() -> list[dict[str, Any]]:
    """NVIDIA devices by NVML; none where there is no driver."""
    try:
        import pynvml

        pynvml.nvmlInit()
    except Exception:  # no package, no driver, no device: all mean no GPU
        return []
    found = []
    try:
        for index in range(pynvml.nvmlDeviceGetCount()):
            handle = pynvml.nvmlDeviceGetHandleByIndex(index)
            memory = pynvml.nvmlDeviceGetMemoryInfo(handle).total
            found.append(
                {"name": _text(pynvml.nvmlDeviceGetName(handle)), "memory_gib": round(memory / 2**30, 1)}
            )
        driver = _text(pynvml.nvmlSystemGetDriverVersion())
        return [{**gpu, "driver": driver} for gpu in found]
    except pynvml.NVMLError:
        return found
    finally:
        with suppress(pynvml.NVMLError):
            pynvml.nvmlShutdown()


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
