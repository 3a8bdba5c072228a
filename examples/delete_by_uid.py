"""Delete certain messages: look first, then delete by uid, because numbers change when others delete meanwhile."""

from __future__ import annotations

from typing import Any

from cfml_pop import cfpop
from cfml_pop.testing import EmbeddedServer, sample_messages


def main() -> None:
    with EmbeddedServer(sample_messages()) as server:
        mailbox: dict[str, Any] = {
            "server": server.host,
            "port": server.port,
            "username": server.user,
            "password": server.password,
        }
        mail = cfpop(**mailbox)
        uids = [row.uid for row in mail if "example.net" in row.from_]
        gone = cfpop(**mailbox, action="delete", uid=",".join(uids))
        left = cfpop(**mailbox)
        print(f"{mail.recordcount} messages, {gone.recordcount} deleted, {left.recordcount} left")


if __name__ == "__main__":
    main()
