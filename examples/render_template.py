"""Read a mailbox inside a template. The page names a stored connection; host, user and password stay with the program."""

from __future__ import annotations

from cfml_pop import Connection, Settings, cfml_environment
from cfml_pop.testing import EmbeddedServer, sample_messages

PAGE = """\
<% cfpop connection="support" action="getAll" maxrows="3" name="mail" %>
<h1>{{ mail.recordcount }} messages</h1>
<ul>
<% for row in mail %>
  <li><b>{{ row.subject }}</b> from {{ row.from }}: {{ row.body|truncate(60) }}</li>
<% endfor %>
</ul>
"""


def main() -> None:
    with EmbeddedServer(sample_messages()) as server:
        support = Connection(server=server.host, port=server.port, username=server.user, password=server.password, secure=False)
        environment = cfml_environment(settings=Settings(connections={"support": support}), trim_blocks=True)
        print(environment.from_string(PAGE).render())


if __name__ == "__main__":
    main()
