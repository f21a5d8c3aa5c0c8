"""The servers that are measured: each a process of its own on a free local port, stopped at the end."""

import contextlib
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.wire import Connection, request

ROOT = Path(__file__).parent.parent
_PATIENCE = 60.0
_STEP = 0.003


@dataclass(frozen=True)
class Server:
    """A running server; `seconds` is what it took from its start to its first good answer."""

    port: int
    pid: int
    seconds: float

    @property
    def resident(self) -> int:
        """Bytes of memory that the process holds now (VmRSS)."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS"))

    @property
    def worked(self) -> float:
        """See `worked`."""
        return worked(self.pid)


@contextmanager
def running(*command: str, path: str, environment: dict[str, str] | None = None) -> Iterator[Server]:
    """Starts Python with these arguments, waits until `path` answers 200, and stops it in the end."""
    port = free_port()
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=_clean() | {"POSTIL_PORT": str(port)} | (environment or {}),
        stdout=subprocess.DEVNULL,
    ) as process:
        try:
            _wait(process, port, path)
            yield Server(port, process.pid, time.perf_counter() - began)
        finally:
            _stop(process)


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def worked(pid: int | None = None) -> float:
    """Seconds of processor time that a process, or this one, has taken since its start."""
    fields = Path(f"/proc/{pid or 'self'}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def allow_open_files(wanted: int) -> None:
    """Lets this process and those that it starts hold so many connections. RuntimeError where the system forbids it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY != hard < wanted:
        raise RuntimeError(f"{wanted} open files are needed, and the system allows {hard}: see ulimit -Hn")
    if resource.RLIM_INFINITY != soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("POSTIL_")}


def _wait(process: "subprocess.Popen[bytes]", port: int, path: str) -> None:
    until = time.perf_counter() + _PATIENCE
    while time.perf_counter() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with status {process.returncode}")
        with contextlib.suppress(OSError), Connection(port) as connection:
            if connection.ask(request("GET", path)).status == 200:
                return
        time.sleep(_STEP)
    raise RuntimeError(f"{path} did not answer in {_PATIENCE:.0f} s")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
