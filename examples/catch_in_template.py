"""Show a page even when the mailbox cannot be read: `catch` binds the fault instead of ending the page."""

from __future__ import annotations

from cfml_pop import cfml_environment
from cfml_pop.testing import EmbeddedServer, sample_messages

PAGE = """\
<% cfpop server=server port=port username="support" password=password name="mail" catch="fault" %>
<% if fault %>
The mailbox could not be read ({{ fault.command }} was refused).
<% else %>
{{ mail.recordcount }} messages.
<% endif %>
"""


def main() -> None:
    with EmbeddedServer(sample_messages()) as server:
        page = cfml_environment(trim_blocks=True).from_string(PAGE)
        for password in (server.password, "a wrong one"):
            print(page.render(server=server.host, port=server.port, password=password))


if __name__ == "__main__":
    main()
