"""Who a process is, and who works beside it: whether another one still lives, who tells."""

import os
import sys
from functools import cache
from pathlib import Path


def n_started() -> int:
    """Processes that torchrun started to share this work; 1 without it."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_first() -> bool:
    """Whether this is the process that tells of shared work: the first, or the only one."""
    return os.environ.get("RANK", "0") == "0"


def this_process() -> str:
    """A token that names this process and no other, now or after a restart of the machine.

    It holds the process id, the moment of the process' start, the boot of the machine, and the
    namespace that the process id counts in (containers), joined by "-".
    """
    pid = os.getpid()
    return f"{pid}-{_started(pid)}-{_boot()}-{_namespace()}"


def is_alive(token: str) -> bool:
    """Whether the process of this token still runs.

    A process in a container that cannot be seen from here counts as alive. A token that makes no
    sense belongs to nobody.
    """
    parts = token.split("-")
    if len(parts) != 4 or not parts[0].isdigit():
        return False
    pid, started, boot, namespace = parts
    if boot != _boot():
        return False
    if namespace != _namespace():
        return True
    return _started(int(pid)) == started


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _QUERY_LIMITED_INFORMATION = 0x1000
    _STILL_ACTIVE = 259

    def _started(pid: int) -> str:
        """Creation time of a running process as FILETIME in hex, "" where there is none."""
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.OpenProcess.restype = wintypes.HANDLE
        kernel.OpenProcess.argtypes = (wintypes.DWORD, wintypes.BOOL, wintypes.DWORD)
        kernel.GetExitCodeProcess.argtypes = (wintypes.HANDLE, wintypes.LPDWORD)
        kernel.GetProcessTimes.argtypes = (
            wintypes.HANDLE,
            *[ctypes.POINTER(wintypes.FILETIME)] * 4,
        )
        kernel.CloseHandle.argtypes = (wintypes.HANDLE,)
        handle = kernel.OpenProcess(_QUERY_LIMITED_INFORMATION, False, pid)
        if not handle:
            return ""
        try:
            code = wintypes.DWORD()
            times = [wintypes.FILETIME() for _ in range(4)]
            if (
                not kernel.GetExitCodeProcess(handle, ctypes.byref(code))
                or code.value != _STILL_ACTIVE
                or not kernel.GetProcessTimes(handle, *map(ctypes.byref, times))
            ):
                return ""
            return f"{times[0].dwHighDateTime:08x}{times[0].dwLowDateTime:08x}"
        finally:
            kernel.CloseHandle(handle)

    def _boot() -> str:
        # The creation time above is absolute: it tells processes of two boots apart by itself.
        return "windows"

    def _namespace() -> str:
        return "0"

else:

    def _started(pid: int) -> str:
        """Clock ticks from boot to start of a running process, "" where there is none.

        Field 22 of proc(5)'s stat; the name in field 2 may hold blanks and brackets.
        """
        try:
            fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            return ""
        return "" if fields[0] in (b"Z", b"X") else fields[19].decode()

    @cache
    def _boot() -> str:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii")[:8]

    @cache
    def _namespace() -> str:
        return str(os.stat("/proc/self/ns/pid").st_ino)
