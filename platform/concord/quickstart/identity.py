"""Who a child process runs as, and that it dies with its parent.

PostgreSQL refuses to run as root. Started by root, it runs as an ordinary account that keeps one capability: to
walk through folders that are closed to it (a checkout under /root is). It owns its data folder and nothing else.
"""

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from concord.quickstart.problems import CannotStart

PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
CAP_DAC_READ_SEARCH = 2
CAPABILITY_VERSION_3 = 0x20080522
ACCOUNTS = ("postgres", "nobody", "daemon")


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int


def account_for(folder: Path) -> Account | None:
    """The account to run PostgreSQL as, or None for "as we are". A folder that exists decides by its owner."""
    owner = folder.stat().st_uid if folder.exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner != os.geteuid():
            raise CannotStart(
                f"{folder} belongs to another account (uid {owner}); start Concord as the one who made it."
            )
        return None
    if owner:
        return Account(owner, folder.stat().st_gid)
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise CannotStart(
        "PostgreSQL does not run as root, and this machine has no account 'postgres' or 'nobody' to run it as."
    )


def in_child(account: Account | None = None, death: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """What `subprocess` shall do between fork and exec: change account, and ask for `death` when the parent dies."""
    parent = os.getpid()
    libc = ctypes.CDLL(
        None, use_errno=True
    )  # loaded before the fork: the child must not import or allocate much

    def prepare() -> None:
        # A shell starts background commands with these ignored, and a child would inherit that.
        for sign in {death, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM}:
            signal.signal(sign, signal.SIG_DFL)
        if account is not None:
            _become(libc, account)
        if sys.platform == "linux":
            # After the change of account, which would clear it.
            libc.prctl(PR_SET_PDEATHSIG, int(death), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return prepare


def _become(libc: ctypes.CDLL, account: Account) -> None:
    libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(account.gid, account.gid, account.gid)
    os.setresuid(account.uid, account.uid, account.uid)
    bit = 1 << CAP_DAC_READ_SEARCH
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(
        bit, bit, bit, 0, 0, 0
    )  # effective, permitted, inheritable; low and high words
    # Where the container has taken the capability away, the server simply runs without it.
    if libc.capset(header, sets) == 0:
        libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH, 0, 0)
