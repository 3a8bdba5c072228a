"""The readers that are programs: JavaMail and Poco (small programs of ours around them), mpop and curl.

Rule: a program says why it cannot do a job, and one that is not installed says so; nothing is skipped in silence. The password
goes by standard input or a file that only its owner can read, never by a command line.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.peers import Task
from tests.servers.other_root import Unavailable, packages_folder

__all__ = ["PROGRAMS", "Program", "Unable"]

HERE = Path(__file__).parent
JARS = ("/usr/share/java/javax.mail.jar", "/usr/share/java/javax.activation.jar", "/usr/share/java/activation.jar")
WHOLE = ("all", "big", "text")


class Unable(Exception):
    """This reader cannot do this job."""


@dataclasses.dataclass(frozen=True)
class Program:
    """`build` gives what is to be run, or raises Unavailable; `command` the words of one run and its standard input, or raises
    Unable; `result` adds what standard output and `folder` tell."""

    build: Callable[[Path], Path]
    command: Callable[[Path, Task], tuple[list[str], str]]
    result: Callable[[Task, str], dict[str, Any]]

    def run(self, built: Path, task: Task) -> dict[str, Any]:
        words, given = self.command(built, task)
        start = time.perf_counter()
        before = os.times()
        with subprocess.Popen(  # noqa: S603 - a program of ours, or one that is measured
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", errors="replace"
        ) as process:
            watch = _Peak(process.pid)
            said, complained = process.communicate(given)
        seconds = time.perf_counter() - start
        after = os.times()
        if process.returncode:
            raise RuntimeError(f"{Path(words[0]).name} ended with {process.returncode}: {complained.strip()[-300:]}")
        used = after.children_user + after.children_system - before.children_user - before.children_system
        return {"seconds": seconds, "cpu": used, "peak": watch.octets, **self.result(task, said)}


class _Peak(threading.Thread):
    """Looks at the peak memory of a process until it ends: what the kernel adds up at the end would count ours as well."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._path = f"/proc/{pid}/status"
        self.octets = 0
        self.start()

    def run(self) -> None:
        while True:
            try:
                with open(self._path, encoding="ascii", errors="replace") as file:  # noqa: PTH123
                    found = [line.split()[1] for line in file if line.startswith("VmHWM")]
            except OSError:
                return
            if not found:  # it has ended
                return
            self.octets = int(found[0]) * 1024
            time.sleep(0.02)


def _found(name: str, package: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise Unavailable(f"{name} is not installed (Debian: {package})")
    return path


def _compile(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, encoding="utf-8", check=False)  # noqa: S603 - a compiler
    if done.returncode:
        raise Unavailable(f"{Path(words[0]).name} failed: {done.stderr.strip()[-300:]}")


def _window(task: Task) -> list[str]:
    start, count = task.window or (1, -1)
    return [str(start), str(count), str(-1 if task.first is None else task.first)]


def _said(_task: Task, said: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(said)
    return result


# -- JavaMail ------------------------------------------------------------------------------------------------------------------


def _class_path() -> str:
    return os.pathsep.join(jar for jar in JARS if Path(jar).exists())


def _build_java(folder: Path) -> Path:
    if not Path(JARS[0]).exists():
        raise Unavailable("JavaMail is not installed (Debian: libmail-java)")
    _found("java", "default-jre-headless")
    javac = _found("javac", "default-jdk-headless")
    _compile(javac, "-cp", _class_path(), "-d", str(folder), str(HERE / "java" / "Reader.java"))
    return folder


def _run_java(built: Path, task: Task) -> tuple[list[str], str]:
    if task.job == "render":
        raise Unable("it has no pages")
    options = ["-cp", f"{built}{os.pathsep}{_class_path()}"]
    if task.tls:  # as old as JavaMail 1.6.5: it asks for versions that Java no longer allows
        options.append("-Dmail.pop3s.ssl.protocols=TLSv1.2 TLSv1.3")
    words = [task.job, task.host, str(task.port), str(int(task.tls)), task.username, task.folder, *_window(task)]
    return ["java", *options, "Reader", *words], "\n".join([task.password, *(task.uids or ())]) + "\n"


# -- Poco ----------------------------------------------------------------------------------------------------------------------


def _build_poco(folder: Path) -> Path:
    compiler = shutil.which("g++") or _found("clang++", "g++")
    include, libraries = Path("/usr/include"), next(Path("/usr/lib").glob("*/libPocoNet.so"), None)
    if libraries is None:
        files = packages_folder("poco")
        include, libraries = files / "usr/include", next((files / "usr" / "lib").glob("*/libPocoNet.so"))
    program, place = folder / "poco-reader", libraries.parent
    _compile(
        *(compiler, "-O2", "-std=c++17", "-o", str(program), str(HERE / "poco" / "reader.cpp"), f"-I{include}", f"-L{place}"),
        # The old kind of rpath counts for the libraries of libraries too.
        *(f"-Wl,-rpath,{place}", "-Wl,--disable-new-dtags", f"-Wl,-rpath-link,{place}", "-lPocoNet", "-lPocoFoundation"),
    )
    return program


def _run_poco(built: Path, task: Task) -> tuple[list[str], str]:
    if task.tls:
        raise Unable("TLS needs another library of it")
    if task.uids is not None and task.job != "delete":  # that is all of them, so it needs none
        raise Unable("it has no UIDL")
    if task.job == "render":
        raise Unable("it has no pages")
    words = [task.job, task.host, str(task.port), task.username, task.folder, *_window(task)]
    return [str(built), *words], f"{task.password}\n"


# -- mpop ----------------------------------------------------------------------------------------------------------------------


def _run_mpop(built: Path, task: Task) -> tuple[list[str], str]:
    if task.job not in WHOLE:
        raise Unable("it fetches whole mail only")
    folder = Path(task.folder)
    settings = folder / "mpoprc"
    lines = [
        "account default",
        f"host {task.host}",
        f"port {task.port}",
        f"user {task.username}",
        f"password {task.password}",
        "auth user",
        "keep on",
        "received_header off",
        f"uidls_file {folder}/uidls",
        f"delivery mbox {folder}/mbox",
        *([f"tls on\ntls_starttls off\ntls_trust_file {task.ca_file}"] if task.tls else ["tls off"]),
    ]
    settings.touch(mode=0o600)
    settings.write_text("\n".join(lines) + "\n", "utf-8")
    return [str(built), "-q", "-C", str(settings)], ""


def _got_mpop(task: Task, _said: str) -> dict[str, Any]:
    """It writes LF for CRLF, and `From ` lines: messages are counted by those."""
    messages = 0
    rest = b""
    with Path(task.folder, "mbox").open("rb") as file:
        while block := file.read(1 << 20):
            rest += block
            messages += rest.count(b"\nFrom ") + (not messages and rest.startswith(b"From "))
            rest = rest[-5:]
    return {"messages": messages, "filled": messages, "undecoded": True}


# -- curl ----------------------------------------------------------------------------------------------------------------------


def _run_curl(built: Path, task: Task) -> tuple[list[str], str]:
    scheme = "pop3s" if task.tls else "pop3"
    address = f"{scheme}://{task.host}:{task.port}"
    common = [f'user = "{task.username}:{task.password}"', "silent", "show-error", f'cacert = "{task.ca_file}"']
    messages = task.first or _count(task)
    if task.job in WHOLE:
        lines = [*common, f'url = "{address}/[1-{messages}]"']
    elif task.job in ("headers", "window"):
        start = task.window[0] if task.window else 1
        lines = []
        for number in range(start, start + messages):
            lines += ["next"] if lines else []
            lines += [*common, f'url = "{address}/"', f'request = "TOP {number} 0"']
    else:
        raise Unable({"uids": "it cannot look for uids", "render": "it has no pages"}.get(task.job, "its DELE waits for a body"))
    return [str(built), "-K", "-"], "\n".join(lines) + "\n"


def _count(task: Task) -> int:
    return task.window[1] if task.window else task.messages


def _got_curl(_task: Task, said: str) -> dict[str, Any]:
    messages = said.count("\nMessage-ID: <")
    return {"messages": messages, "filled": messages, "undecoded": True}


PROGRAMS: dict[str, Program] = {
    "JavaMail": Program(_build_java, _run_java, _said),
    "Poco": Program(_build_poco, _run_poco, _said),
    "mpop": Program(lambda _: Path(_found("mpop", "mpop")), _run_mpop, _got_mpop),
    "curl": Program(lambda _: Path(_found("curl", "curl")), _run_curl, _got_curl),
}
