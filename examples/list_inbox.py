"""List a mailbox: number, date, sender and subject of each message."""

from __future__ import annotations

from cfml_pop import cfpop
from cfml_pop.testing import EmbeddedServer, sample_messages


def main() -> None:
    with EmbeddedServer(sample_messages()) as server:
        mail = cfpop(server=server.host, port=server.port, username=server.user, password=server.password)
        for row in mail:
            date = row.date.datetime
            day = date.strftime("%Y-%m-%d") if date else "no date"
            print(f"{row.messagenumber:>3}  {day:<10}  {row.subject}")
        print(f"{mail.recordcount} messages")


if __name__ == "__main__":
    main()
