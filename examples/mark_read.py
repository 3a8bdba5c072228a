"""Mark the first three messages as read. POP3 has no flags: the server sets its own when a message is retrieved."""

from __future__ import annotations

from cfml_pop import cfpop
from cfml_pop.testing import EmbeddedServer, sample_messages


def main() -> None:
    with EmbeddedServer(sample_messages()) as server:
        done = cfpop(
            server=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            action="markRead",
            messagenumber="1,2,3",
        )
        for row in done:
            print(f"message {row.messagenumber} is read ({row.uid})")


if __name__ == "__main__":
    main()
