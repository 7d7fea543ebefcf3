"""Who a child runs as: never as root, and never on a folder of somebody else."""

import os
import pwd
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from concord.quickstart import identity
from concord.quickstart.identity import Account, account_for, in_child
from concord.quickstart.problems import CannotStart


@pytest.fixture
def as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity.os, "geteuid", lambda: 0)


def known(monkeypatch: pytest.MonkeyPatch, accounts: dict[str, tuple[int, int]]) -> None:
    def named(name: str) -> Any:
        return SimpleNamespace(pw_uid=accounts[name][0], pw_gid=accounts[name][1])

    monkeypatch.setattr(pwd, "getpwnam", named)


@pytest.mark.usefixtures("as_root")
@pytest.mark.parametrize(
    ("accounts", "chosen"),
    [
        ({"postgres": (26, 27), "nobody": (99, 98)}, Account(26, 27)),
        ({"nobody": (99, 98), "daemon": (2, 3)}, Account(99, 98)),
        ({"daemon": (2, 3)}, Account(2, 3)),
    ],
)
def test_root_takes_the_first_ordinary_account_that_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, accounts: Any, chosen: Account
) -> None:
    known(monkeypatch, accounts)
    assert account_for(tmp_path / "new") == chosen


@pytest.mark.usefixtures("as_root")
def test_root_on_a_machine_without_such_an_account_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, {})
    with pytest.raises(CannotStart, match="does not run as root, and this machine has no account"):
        account_for(tmp_path / "new")


@pytest.mark.usefixtures("as_root")
def test_a_folder_of_roots_own_is_given_to_an_ordinary_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, {"postgres": (26, 27)})
    monkeypatch.setattr(Path, "stat", lambda self, **_: SimpleNamespace(st_uid=0, st_gid=0, st_mode=0o40700))
    assert account_for(tmp_path) == Account(26, 27)


def test_an_ordinary_account_runs_it_as_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity.os, "geteuid", lambda: tmp_path.stat().st_uid or 1000)
    assert account_for(tmp_path / "new") is None
    if tmp_path.stat().st_uid:
        assert account_for(tmp_path) is None


def test_a_child_hears_signals_that_its_parent_ignored() -> None:
    """A shell starts background commands deaf to SIGINT; PostgreSQL must hear it all the same."""
    script = "import signal; print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN, flush=True)"
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        deaf = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        hears = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True, preexec_fn=in_child()
        )
    finally:
        signal.signal(signal.SIGINT, before)
    assert (deaf.stdout, hears.stdout) == ("True\n", "False\n")


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel of Linux")
@pytest.mark.parametrize("death", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_child_asks_the_kernel_for_its_signal_of_death(death: signal.Signals) -> None:
    script = (
        "import ctypes; found = ctypes.c_int(); ctypes.CDLL(None).prctl(2, ctypes.byref(found), 0, 0, 0)\n"
        "print(found.value)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=in_child(death=death),
    )
    assert int(done.stdout) == death


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_child_of_root_is_somebody_else_in_no_further_group() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", "id -u; id -g; id -G"],
        capture_output=True, text=True, check=True, preexec_fn=in_child(Account(65534, 65533)), cwd="/",
    )  # fmt: skip
    assert done.stdout.split() == ["65534", "65533", "65533"]
