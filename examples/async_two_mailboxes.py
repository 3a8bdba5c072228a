"""Read two mailboxes at the same time with asyncio, without threads."""

from __future__ import annotations

import asyncio

from cfml_pop import acfpop
from cfml_pop.testing import EmbeddedServer, sample_messages


async def subjects(server: EmbeddedServer) -> list[str]:
    mail = await acfpop(server=server.host, port=server.port, username=server.user, password=server.password)
    return [row.subject for row in mail]


async def read_both(first: EmbeddedServer, second: EmbeddedServer) -> None:
    for number, found in enumerate(await asyncio.gather(subjects(first), subjects(second)), 1):
        print(f"mailbox {number}: {len(found)} messages, the last one: {found[-1]}")


def main() -> None:
    messages = sample_messages()
    with EmbeddedServer(messages[:7]) as first, EmbeddedServer(messages[7:]) as second:
        asyncio.run(read_both(first, second))


if __name__ == "__main__":
    main()
