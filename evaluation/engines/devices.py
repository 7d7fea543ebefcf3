"""Which device and precision a local model gets."""

from typing import Any

from evaluation.engines.base import EngineError


def device_for(config: dict[str, Any]) -> Any:
    """The torch device that the system names; "auto" takes the first GPU where there is one."""
    import torch

    wanted = str(config.get("device", "auto"))
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    if wanted.startswith("cuda") and not torch.cuda.is_available():
        raise EngineError(
            f"This system wants the device {wanted!r}, and this worker has no GPU; send the run to the gpu queue."
        )
    try:
        return torch.device(wanted)
    except RuntimeError:
        raise EngineError(f"There is no device called {wanted!r}; use auto, cpu, cuda or cuda:0.") from None


def wait_for(device: Any) -> None:
    """Wait for the device to finish: without this a GPU's clock stops before its work does."""
    if device.type == "cuda":
        import torch

        torch.cuda.synchronize(device)
