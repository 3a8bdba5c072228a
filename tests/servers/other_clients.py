"""Other POP3 clients that read the same mailbox: poplib, curl and Poco.

Rule: each function opens sessions of its own, ends them with QUIT, and gives what that client says without mending it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import poplib
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.servers.other_root import Unavailable, packages_folder

__all__ = ["CLIENTS", "Account", "Reading"]


@dataclasses.dataclass(frozen=True)
class Account:
    """Where to log in, without TLS."""

    host: str
    port: int
    username: str
    password: str


@dataclasses.dataclass(frozen=True)
class Reading:
    """What a client read: the octets of LIST, the ids of UIDL, and the octets of RETR, each in the order of the mailbox."""

    sizes: list[int]
    uids: list[str]
    octets: list[bytes]


def read_with_poplib(account: Account) -> Reading:
    """The standard library's client. It gives lines without their ends; all of them ended with CRLF."""
    pop3 = poplib.POP3(account.host, account.port, timeout=20)
    try:
        pop3.user(account.username)
        pop3.pass_(account.password)
        sizes = [int(line.split()[1]) for line in pop3.list()[1]]
        uids = [line.split()[1].decode() for line in pop3.uidl()[1]]
        octets = [b"".join(line + b"\r\n" for line in pop3.retr(number + 1)[1]) for number in range(len(sizes))]
        pop3.quit()
    finally:
        pop3.close()
    return Reading(sizes, uids, octets)


def read_with_curl(account: Account) -> Reading:
    """The curl command; every transfer is a session of its own, but for the messages, which share one."""
    program = shutil.which("curl")
    if program is None:
        raise Unavailable("curl is not installed (Debian: curl)")
    address = f"pop3://{account.host}:{account.port}"

    def curl(*words: str) -> str:
        # The password goes by standard input: other users may read a command line.
        config = f'user = "{account.username}:{account.password}"\nsilent\nshow-error\nmax-time = 30\n'
        return _run(program, "-K", "-", *words, give=config)

    sizes = [int(line.split()[1]) for line in curl(f"{address}/").splitlines()]
    uids = [line.split()[1] for line in curl("-X", "UIDL", f"{address}/").splitlines()]
    with tempfile.TemporaryDirectory(prefix="cfml_pop-curl-") as folder:
        if sizes:
            curl("-o", f"{folder}/#1", f"{address}/[1-{len(sizes)}]")
        octets = [Path(folder, str(number + 1)).read_bytes() for number in range(len(sizes))]
    return Reading(sizes, uids, octets)


def read_with_poco(account: Account) -> Reading:
    """Poco::Net::POP3ClientSession, by a small program."""
    program = _poco_reader()
    with tempfile.TemporaryDirectory(prefix="cfml_pop-poco-") as folder:
        said = _run(str(program), account.host, str(account.port), account.username, account.password, folder)
        lines = [line.split() for line in said.splitlines()]
        octets = [Path(folder, number).read_bytes() for number, _, _ in lines]
    return Reading([int(size) for _, size, _ in lines], [uid for _, _, uid in lines], octets)


def _poco_reader() -> Path:
    """The program, compiled when its source is new."""
    files = packages_folder("poco")
    source = Path(__file__).parent / "poco" / "reader.cpp"
    program = files.parent / f"reader-{hashlib.sha256(source.read_bytes()).hexdigest()[:16]}"
    if not program.exists():
        compiler = shutil.which("g++") or shutil.which("clang++")
        if compiler is None:
            raise Unavailable("no C++ compiler to build the Poco client with (Debian: g++)")
        libraries = next((files / "usr" / "lib").glob("*/libPocoNet.so")).parent
        fresh = program.with_suffix(".new")
        _run(
            compiler,
            *("-std=c++17", "-o", str(fresh), str(source), f"-I{files}/usr/include", f"-L{libraries}", f"-Wl,-rpath,{libraries}"),
            # The old kind of rpath counts for the libraries of libraries too.
            *("-Wl,--disable-new-dtags", f"-Wl,-rpath-link,{libraries}", "-lPocoNet", "-lPocoFoundation"),
        )
        fresh.replace(program)
    return program


def _run(*words: str, give: str = "") -> str:
    done = subprocess.run(words, input=give, capture_output=True, encoding="utf-8", timeout=60, check=False)
    if done.returncode:
        raise RuntimeError(f"{Path(words[0]).name} failed: {done.stderr or done.returncode}")
    return done.stdout


CLIENTS: dict[str, Callable[[Account], Reading]] = {
    "poplib": read_with_poplib,
    "curl": read_with_curl,
    "poco": read_with_poco,
}
