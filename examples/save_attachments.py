"""Save all attachments of a mailbox into one folder, files of the same name side by side."""

from __future__ import annotations

import tempfile
from pathlib import Path

from cfml_pop import Settings, cfpop
from cfml_pop.testing import EmbeddedServer, sample_messages


def main() -> None:
    with EmbeddedServer(sample_messages()) as server, tempfile.TemporaryDirectory() as folder:
        mail = cfpop(
            settings=Settings(attachment_root=folder),  # no path may leave this folder
            server=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            action="getAll",
            attachmentpath="incoming",
            generateuniquefilenames=True,
        )
        for row in mail:
            for file in row.attachments.entries:
                print(f"{Path(file.path).name:<40} {file.size:>6} octets  from: {row.subject}")


if __name__ == "__main__":
    main()
