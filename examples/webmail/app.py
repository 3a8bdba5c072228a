"""Start the webmail: `python examples/webmail/app.py`. README.md beside this file says with which mailbox."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator

from cfml_pop import CfpopError, Connection, Settings
from cfml_pop.testing import EmbeddedServer, sample_messages

try:
    from webmail import create_app
    from werkzeug.serving import WSGIRequestHandler, make_server
except ImportError as error:
    sys.exit(f"the webmail needs {error.name}; install it with: pip install 'cfml-pop[webmail]'")

HOST = "127.0.0.1"


class Handler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Requests are not logged; a uid is nobody's business."""


@contextlib.contextmanager
def chosen_settings(file: str | None) -> Iterator[Settings]:
    """The host's settings, with the mailbox as the connection "mailbox": from a TOML file, CFML_POP_URL, or of a sample one."""
    if file is not None:
        yield Settings.from_toml(file)
    elif "CFML_POP_URL" in os.environ:
        yield Settings.from_mapping({"connections": {"mailbox": {"url_env": "CFML_POP_URL"}}, "idle_timeout": 20})
    else:
        with EmbeddedServer(sample_messages()) as server:
            mailbox = Connection(
                server=server.host, port=server.port, username=server.user, password=server.password, secure=False
            )
            yield Settings(connections={"mailbox": mailbox})


def port(text: str) -> int:
    if not 0 <= int(text) <= 65535:  # Werkzeug would take another
        raise argparse.ArgumentTypeError("takes 0 to 65535")
    return int(text)


def main() -> int:
    parser = argparse.ArgumentParser(description="A webmail for one POP3 mailbox: that of CFML_POP_URL, else a sample one.")
    parser.add_argument("--settings", metavar="FILE", help="a TOML file with [connections.mailbox] instead")
    parser.add_argument("--port", type=port, default=8025, help="port on 127.0.0.1 (default: 8025; 0 takes a free one)")
    options = parser.parse_args()
    try:
        with chosen_settings(options.settings) as settings:
            server = make_server(HOST, options.port, create_app(settings), threaded=True, request_handler=Handler)
            print(f"The mailbox is at http://{HOST}:{server.server_port}/ until Ctrl-C.", flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                server.serve_forever()
    except (CfpopError, OSError, OverflowError) as error:
        print(f"webmail: {error}", file=sys.stderr)
        return 1
    print("\nStopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
