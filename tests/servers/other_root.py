"""A root of its own for one server: the machine's files with the server's packages laid over them, seen by nobody else.

Rule: nothing outside changes. The mounts are in a private mount namespace, what is written goes to a tmpfs in it, the processes
are in a private process namespace. All of it ends when `stop` is called and also when the tests die, because the first process of
the namespace waits for the end of a pipe that they hold.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

__all__ = ["PATH", "PrivateRoot", "Unavailable", "packages_folder"]

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
UNSHARE = ("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child")

# $1: the unpacked packages, $2: an empty folder. The process number is read from the old /proc, so it is the one that counts
# outside; it is told only by the shell that is inside already: before that the tests would reach the machine's own files by it.
# Only four devices are there, so a server finds no /dev/log and writes nothing into the machine's log.
ENTER = """
set -e
read -r pid rest </proc/self/stat
mount -t tmpfs -o mode=755 tmpfs "$2"
mkdir "$2/upper" "$2/work" "$2/root"
cp -a "$1/." "$2/upper/"
mount -t overlay -o "lowerdir=/,upperdir=$2/upper,workdir=$2/work" overlay "$2/root"
cd "$2/root"
mount -t proc proc proc
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero random urandom; do : >"dev/$device"; mount --bind "/dev/$device" "dev/$device"; done
exec chroot . /bin/sh -c 'echo "$1"; read -r nothing || :' inside "$pid"
"""


class Unavailable(Exception):
    """This machine cannot run the server; the text says why."""


def packages_folder(server: str) -> Path:
    """Where others.sh has unpacked the packages of `server`. Raises Unavailable when it has not."""
    folder = Path(__file__).parents[2] / ".venv" / "servers"
    if not (folder / server / "ready").exists():
        reason = folder / server / "failed"
        why = reason.read_text("utf-8").strip() if reason.exists() else "run: bash tests/servers/others.sh"
        raise Unavailable(f"the packages of {server} are not unpacked ({why})")
    return folder / server / "files"


class PrivateRoot:
    """A running root with the packages of one server. `path` gives its files as the tests reach them.

    Raises Unavailable where mounts are not allowed or its tools are missing.
    """

    def __init__(self, server: str) -> None:
        files = packages_folder(server)
        if os.geteuid() != 0:
            raise Unavailable("only root can mount a root for the server")
        missing = [tool for tool in ("unshare", "nsenter", "mount", "chroot") if shutil.which(tool, path=PATH) is None]
        if missing:
            raise Unavailable(f"{', '.join(missing)} missing (Debian: util-linux, mount, coreutils)")
        self._folder = tempfile.mkdtemp(prefix="cfml_pop-root-")
        self._holder = subprocess.Popen(
            [*UNSHARE, "/bin/sh", "-c", ENTER, "enter", str(files), self._folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PATH": PATH},
            start_new_session=True,  # Ctrl-C is for the tests, which then close the pipe
        )
        assert self._holder.stdout is not None
        first = self._holder.stdout.readline()
        if not first:
            assert self._holder.stderr is not None
            said = self._holder.stderr.read().decode("utf-8", "replace").strip()
            self.stop()
            raise Unavailable(f"a private root cannot be made here: {said.splitlines()[-1] if said else 'no reason given'}")
        self._pid = int(first)
        if self.path("/").samefile("/"):  # what the tests write must never reach the machine's own files
            self.stop()
            raise RuntimeError("the private root is the machine's own")

    def path(self, inside: str) -> Path:
        """The file `inside` the root, as a path of the tests."""
        return Path(f"/proc/{self._process()}/root") / inside.lstrip("/")

    def _process(self) -> int:
        """The first process inside. Once it has ended, its number may belong to any other process of the machine."""
        if self._holder.poll() is not None:
            raise RuntimeError("the private root has ended")
        return self._pid

    def command(self, *words: str) -> list[str]:
        """`words` as a command line that runs them inside; its environment is that of the caller."""
        return ["nsenter", "--target", str(self._process()), "--mount", "--pid", "--root", "--wd", "--", *words]

    def run(self, *words: str, give: str = "") -> str:
        """Run a command inside to its end, `give` on its standard input. Raises RuntimeError with its words when it fails."""
        done = subprocess.run(
            self.command(*words), input=give, capture_output=True, encoding="utf-8", env={"PATH": PATH}, timeout=30, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)} failed: {done.stdout}{done.stderr}")
        return done.stdout

    def stop(self) -> None:
        """End every process inside; the mounts go with the last one. A second call does nothing."""
        with contextlib.suppress(BrokenPipeError):
            assert self._holder.stdin is not None
            self._holder.stdin.close()
        try:
            self._holder.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._holder.kill()
            self._holder.wait()
        for pipe in (self._holder.stdout, self._holder.stderr):
            if pipe is not None:
                pipe.close()
        with contextlib.suppress(FileNotFoundError):
            Path(self._folder).rmdir()

    def __enter__(self) -> PrivateRoot:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
