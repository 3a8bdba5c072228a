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
def chosen_mailbox() -> Iterator[tuple[Settings, str]]:
    """The host's settings, with the mailbox as the connection "mailbox", and the title of the pages."""
    url = os.environ.get("CFML_POP_URL")
    if url:
        mailbox = Connection(server=url)
        yield Settings(connections={"mailbox": mailbox}, idle_timeout=20), f"{mailbox.username}, {mailbox.server}"
        return
    with EmbeddedServer(sample_messages()) as server:
        mailbox = Connection(server=server.host, port=server.port, username=server.user, password=server.password, secure=False)
        yield Settings(connections={"mailbox": mailbox}), "Lindmark Cycles"


def main() -> int:
    parser = argparse.ArgumentParser(description="A webmail for one POP3 mailbox: that of CFML_POP_URL, else a sample one.")
    parser.add_argument("--port", type=int, default=8025, help="port on 127.0.0.1 (default: 8025; 0 takes a free one)")
    port = parser.parse_args().port
    try:
        with chosen_mailbox() as (settings, title):
            server = make_server(HOST, port, create_app(settings, title=title), threaded=True, request_handler=Handler)
            print(f"The mailbox is at http://{HOST}:{server.server_port}/ until Ctrl-C.", flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                server.serve_forever()
    except (CfpopError, OSError, TypeError, ValueError) as error:
        print(f"webmail: {error}", file=sys.stderr)
        return 1
    print("\nStopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
