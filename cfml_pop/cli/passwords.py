"""Where a command gets the password from.

Rule: never from the command line, where every user of the machine can read it, and it is shown nowhere. A file that others may
read is refused. No error text repeats anything that was read, for it may be the password.
"""

from __future__ import annotations

import getpass
import netrc
import os
import stat
import sys
from collections.abc import Callable
from typing import IO, NamedTuple, NoReturn, TypeVar

import click

from cfml_pop.cli.options import section_option
from cfml_pop.secret import Secret

__all__ = ["VARIABLE", "Sources", "password_options"]

VARIABLE = "CFML_POP_PASSWORD"
"""The environment variable that is looked at when nothing else is said."""

HOW = "write --password-env VAR, --password-file FILE or --netrc"

F = TypeVar("F", bound=Callable[..., object])


class Sources(NamedTuple):
    """What the command line says about the password. `netrc` is "" for the file of the home directory."""

    password_env: str | None
    password_file: str | None
    netrc: str | None

    def read(self, host: str, username: str | None) -> tuple[str | None, Secret]:
        """The user name and the password for `host`. Only a netrc file can bring the user name, where it is not given.

        The order: what an option names, else the variable CFML_POP_PASSWORD, else the person at the terminal. Raises
        UsageError where that gives none.
        """
        self.check()
        if self.netrc is not None:
            return self._from_netrc(host, username)
        if self.password_file is not None:
            return username, self._from_file(self.password_file)
        variable = self.password_env or VARIABLE
        if self.password_env is not None or os.environ.get(variable):
            return username, _filled(os.environ.get(variable, ""), f"the environment variable {variable} is empty or not set")
        return username, _ask(host, username)

    def check(self) -> None:
        """Raise UsageError when more than one source is named."""
        named = [f"--{field.replace('_', '-')}" for field, value in self._asdict().items() if value is not None]
        if len(named) > 1:
            _refuse(f"{' and '.join(named)} each say where the password is; write one of them")

    @staticmethod
    def _from_file(name: str) -> Secret:
        if name == "-":
            line = sys.stdin.buffer.readline()
            what = "stdin"
        else:
            what = name
            with _opened(name) as file:
                line = file.readline()
        try:
            text = line.decode("utf-8").removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            text = ""
            _refuse(f"the first line of {what}, which is the password, is no UTF-8; save it as UTF-8")
        return _filled(text, f"the first line of {what} is empty; the password stands there")

    def _from_netrc(self, host: str, username: str | None) -> tuple[str, Secret]:
        path = self.netrc or os.path.expanduser("~/.netrc")  # noqa: PTH111 - the way the standard library finds it
        _opened(path).close()  # its own check is for the file of the home directory only
        try:
            entries = netrc.netrc(self.netrc or None)
        except (netrc.NetrcParseError, UnicodeDecodeError) as error:
            line = getattr(error, "lineno", None)
            _refuse(f"{path} cannot be read as a netrc file" + (f", from line {line} on" if line else ""))
        entry = entries.authenticators(host) or entries.authenticators(host.lower())
        if entry is None:
            _refuse(f"{path} has no entry for {host}; write there: machine {host} login NAME password PASSWORD")
        login, _, password = entry
        if username is not None and login and login != username:
            _refuse(f"the entry for {host} in {path} is for another login than {username}; leave --username out to use it")
        return username or login, _filled(password or "", f"the entry for {host} in {path} has no password")


def password_options(command: F) -> F:
    """Add the options that say where the password is: `password_env`, `password_file`, `netrc`."""
    here = section_option("Password, asked for at the terminal unless one of these says where it is")
    for add in reversed(
        [
            here("--password-env", metavar="VAR", help=f"From an environment variable. {VARIABLE} is used when nothing is said."),
            here(
                "--password-file",
                metavar="FILE",
                type=click.Path(),
                help="From the first line of a file that only you may read; - is stdin.",
            ),
            here(
                "--netrc",
                metavar="[FILE]",
                type=click.Path(),
                is_flag=False,
                flag_value="",
                help="From the entry for the server in a netrc file, ~/.netrc if none is named; it brings the user name as well.",
            ),
        ]
    ):
        command = add(command)
    return command


def _ask(host: str, username: str | None) -> Secret:
    if not sys.stdin.isatty():
        _refuse(f"there is no terminal to ask for the password; {HOW}, or set {VARIABLE}")
    who = f"{username}@{host}" if username else host
    try:
        return _filled(getpass.getpass(f"Password for {who}: ", sys.stderr), "no password was typed")
    except EOFError:
        raise click.Abort from None


def _filled(text: str, otherwise: str) -> Secret:
    if not text:
        _refuse(otherwise)
    return Secret(text)


def _opened(name: str) -> IO[bytes]:
    """The file, open. Refused when others than its owner may read it, as ssh refuses such keys; a pipe has no such mode."""
    try:
        file = open(name, "rb")  # noqa: PTH123, SIM115 - "~" and links as the user's shell left them; the caller closes it
    except OSError as error:
        _refuse(f"{name} cannot be read: {error.strerror or error}")
    status = os.fstat(file.fileno())
    if os.name == "posix" and stat.S_ISREG(status.st_mode) and status.st_mode & 0o077:
        file.close()
        _refuse(f"{name} can be used by others than you (mode {stat.S_IMODE(status.st_mode):03o}); write: chmod 600 {name}")
    return file


def _refuse(text: str) -> NoReturn:
    raise click.UsageError(text)
