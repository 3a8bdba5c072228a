"""List the newest messages of every mailbox that a TOML file names: python examples/settings_in_toml.py [FILE.toml]

Needs cfml-pop[testing] (in a clone: pip install '.[testing]'). Without a file it reads mailboxes.toml
beside it, whose one mailbox is that of SUPPORT_MAILBOX (pops://user:password@host), else a sample one.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from urllib.parse import quote

from cfml_pop import AttributeFault, CfpopError, Settings, cfpop
from cfml_pop.testing import EmbeddedServer, sample_messages


def main() -> int:
    path = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("mailboxes.toml")
    with contextlib.ExitStack() as stack:
        environ = dict(os.environ)
        if "SUPPORT_MAILBOX" not in environ:
            server = stack.enter_context(EmbeddedServer(sample_messages()))
            environ["SUPPORT_MAILBOX"] = f"pop://{server.user}:{quote(server.password)}@{server.host}:{server.port}"
        try:
            settings = Settings.from_toml(path, environ=environ)
        except (AttributeFault, OSError) as error:  # all that is wrong in the file, a line each
            print(error, file=sys.stderr)
            return 2
        failed = 0
        for name in settings.connections:
            try:
                mail = cfpop(connection=name, settings=settings)
            except CfpopError as error:
                print(f"{name}: {error}", file=sys.stderr)
                failed = 1
                continue
            print(f"{name}: {mail.recordcount} messages")
            for row in mail.rows[-3:]:
                print(f"  {row.subject}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
