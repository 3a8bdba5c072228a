"""docs/security.md: each of its sentences has a test, here or in the file of what it is about."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from jinja2 import DictLoader, Environment
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedEnvironment

from cfml_pop import AttributeFault, CfpopError, Connection, Settings, cfml_environment, cfpop, extend_environment
from cfml_pop.testing import EmbeddedServer, sample_messages
from tests.servers.scripted import ScriptedServer

ROOT = Path(__file__).parent.parent
TAG = '<% cfpop connection="support" name="mail" catch="fault" %>'
SECRETS = ("tigerlily", "pop.internal.example", "kim")

# The beginning of each point of docs/security.md, and the tests that it rests on; what stands without a file is below.
TESTS = {
    "In a plain environment everything": "test_only_a_sandbox_hides_the_settings",
    "In a sandbox nothing with a mailbox": "test_jinja_running.py::test_sandbox_needs_the_hosts_word",
    "Connect from the host to any server": (
        "test_operation.py::test_a_host_may_allow_some_servers_and_actions_only test_cfml_permission.py::test_servers"
    ),
    "Use every stored connection": "test_jinja_running.py::test_sandbox_and_stored_connections",
    "Do what `actions` allows": "test_actions_are_for_stored_connections_too",
    "Delete by uid, number or window": "test_operation.py::test_a_delete_that_names_nothing_is_refused_before_connecting",
    "Choose where below": (
        "test_message_directory.py::test_a_path_inside_the_root test_message_directory.py::test_the_private_folder "
        "test_message_directory.py::test_absolute_paths_need_permission"
    ),
    "Use up time and memory": "test_jinja_loops.py::test_up_to_the_limit",
    "See the server, name or password": "test_only_a_sandbox_hides_the_settings test_no_error_names_a_stored_server",
    "Change the settings": "test_settings.py::test_settings_are_frozen",
    "Learn what `servers`": "test_jinja_running.py::test_sandbox_allows_what_the_host_named",
    "Leave `attachment_root`": (
        "test_message_directory.py::test_paths_outside_the_root_are_refused "
        "test_message_directory.py::test_links_below_the_root_are_not_followed"
    ),
    "Get around a refusal": (
        "test_jinja_binding.py::test_what_catch_lets_pass test_jinja_trying.py::test_a_sandbox_is_not_talked_out_of_it"
    ),
    "Send a password without TLS": (
        "test_hostile_security.py::test_no_password_in_clear "
        "test_hostile_security.py::test_a_call_sends_no_password_to_a_stranger"
    ),
    "Put a second command": "test_no_second_command_in_a_value",
    "See a password in an error": (
        "test_jinja_running.py::test_no_piece_of_a_password test_secret.py::test_no_frame_of_a_refused_call_shows_the_password"
    ),
    "Write any text": "test_mail_is_no_template test_jinja_interpolation.py::test_values_at_run_time_are_not_searched",
    "Send HTML": (
        "test_jinja_html.py::test_html_is_escaped_unless_cleaned test_jinja_html.py::test_remote_pictures "
        "test_markup_clean.py::test_nothing_runs_in_a_browser"
    ),
    "Give attachments any name": (
        "test_message_directory.py::test_a_name_never_leaves test_message_directory.py::test_modes_are_private"
    ),
    "Send mail that is damaged": (
        "test_operation.py::test_a_message_beyond_the_limit_is_an_error test_cfml_functions_regex.py::test_a_hostile_mail_ends"
    ),
    "Say anything, at any time": (
        "test_operation.py::test_a_list_beyond_the_limit_is_an_error "
        "test_hostile_security.py::test_answers_ahead_of_their_questions_are_not_taken"
    ),
    "Lose the answer": "test_operation.py::test_a_delete_is_done_only_when_quit_was_confirmed",
    "Ask who may see": "test_hosts.py::test_fastapi_shows_what_can_be_read",
    "Keep deletes out of GET": "test_a_page_that_holds_a_delete_deletes",
    "Select by uid": "test_a_text_is_a_list_of_uids",
    "Escape: keep autoescape": "test_templates.py::test_nothing_from_elsewhere test_templates.py::test_mail_is_escaped",
    "Read mail where it is shown": "test_what_an_imported_template_keeps",
    "Keep pages with mail out": "test_demo.py::test_webmail_headers",
    "Keep passwords out of files": (
        "test_configuration.py::test_a_password_file_that_is_refused "
        "test_secret_functions.py::test_a_connection_shows_no_secret_and_is_not_pickled_with_one"
    ),
    "Log the text": "test_hosts.py::test_flask_shows_a_page_for_a_fault",
}


def test_every_point_has_its_test() -> None:
    """No point of docs/security.md is without one, and every one that is named is there."""
    points = re.findall(r"^- (.*)$", (ROOT / "docs" / "security.md").read_text("utf-8"), re.MULTILINE)
    unproved = [point for point in points if not any(point.startswith(begin) for begin in TESTS)]
    named = [one.rpartition("::") for tests in TESTS.values() for one in tests.split()]
    missing = [
        name
        for file, _, name in named
        if f"\ndef {name}(" not in (ROOT / "tests" / (file or "test_security.py")).read_text("utf-8")
    ]

    assert ([], len(TESTS), []) == (unproved, len(points), missing)


def stored(server: ScriptedServer | EmbeddedServer, **more: Any) -> Settings:
    password = server.password
    support = Connection(server="127.0.0.1", port=server.port, username="support", password=password, secure=False)
    return Settings(connections={"support": support}, **more)


@pytest.fixture(scope="module")
def sandboxes() -> list[Environment]:
    connection = Connection(server="pop.internal.example", username="kim", password="tigerlily")
    settings = Settings(connections={"support": connection}, servers=[], actions=["getAll"], attachment_root="/nowhere")
    return [
        extend_environment(base(autoescape=True), settings=settings, functions=True, tags=True)
        for base in (SandboxedEnvironment, ImmutableSandboxedEnvironment)
    ]


@pytest.mark.parametrize(
    "way",
    [
        "self._TemplateReference__context.environment.cfpop_settings",
        "cfpop.__globals__",
        "cfpop.__wrapped__",
        "'{0.__globals__}'.format(cfpop)",
        "cfpop|attr('__globals__')",
        "fault.__traceback__.tb_frame.f_locals",
        "fault|attr('__context__')",
        "fault.__reduce__()",
        "mail.__class__",
        "mail|attr('_rows')",
        "environment",
        "cfpop_settings",
        "namespace.__init__.__globals__",
        "''.__class__.__mro__",
        "dump(fault)",
    ],
)
def test_only_a_sandbox_hides_the_settings(sandboxes: list[Environment], monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """In a sandbox no expression shows what a stored connection holds; the first way shows that without one it does."""
    from cfml_pop import client

    def fail(*_arguments: Any, **_named: Any) -> None:
        raise CfpopError("no mail today")

    monkeypatch.setattr(client, "perform", fail)
    plain = extend_environment(Environment(autoescape=True), settings=sandboxes[0].cfpop_settings)  # type: ignore[attr-defined]
    source = TAG.replace("<%", "{%").replace("%>", "%}").replace("name=", 'action="getAll" name=') + "{{ " + way + " }}"
    for sandbox in sandboxes:
        try:
            shown = sandbox.from_string(source).render()
        except Exception as error:  # noqa: BLE001 - whatever Jinja makes of it
            shown = f"{error!r} {error.__cause__!r} {error.__context__!r}"
        assert not [secret for secret in SECRETS if secret in shown]
    way = "self._TemplateReference__context.environment.cfpop_settings.connections.support.password.reveal()"
    assert "tigerlily" == plain.from_string("{{ " + way + " }}").render()


def test_no_error_names_a_stored_server(tmp_path: Path) -> None:
    """A connection that is refused, and a certificate for another name: the error knows the name of the connection only."""
    import trustme

    authority = trustme.CA()
    certificate = tmp_path / "server.pem"
    certificate.write_bytes(authority.issue_cert("pop.other.example").private_key_and_cert_chain_pem.bytes())
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    shown = []
    with EmbeddedServer(sample_messages()[:1], tls="implicit", certificate=certificate) as server:
        for port in (server.port, 1):
            support = Connection(server="localhost", port=port, username="kim", password="tigerlily")
            settings = Settings(connections={"support": support}, tls_ca_file=tmp_path / "ca.pem")
            shown.append(cfml_environment(settings=settings).from_string(TAG + "{{ fault }}").render())

    assert "the certificate of connection &#39;support&#39; was not accepted: Hostname mismatch; nothing" in shown[0]
    assert "could not connect to connection &#39;support&#39;" in shown[1]
    assert not [word for word in ("localhost", "127.0.0.1", "kim", "tigerlily", str(server.port)) if word in "".join(shown)]


def test_actions_are_for_stored_connections_too(sample_server: EmbeddedServer) -> None:
    """A connection brings its server and no permission."""
    settings = stored(sample_server, actions=["getHeaderOnly"])
    assert 16 == len(cfpop(connection="support", settings=settings))
    with pytest.raises(AttributeFault, match="action 'delete' is not allowed here"):
        cfpop(connection="support", action="delete", uid=["x"], settings=settings)


@pytest.mark.parametrize("attribute", ["username", "password"])
@pytest.mark.parametrize("sign", ["\r\n", "\n", "\0", "\x1b"])
def test_no_second_command_in_a_value(attribute: str, sign: str) -> None:
    """A control character in what goes on the wire is an error, and the server hears no login."""
    with ScriptedServer([b"Subject: one\r\n\r\n"]) as server:
        given: dict[str, Any] = {"username": "kim", "password": "secret", attribute: f"a{sign}DELE 1"}
        with pytest.raises(AttributeFault):
            cfpop(server="127.0.0.1", port=server.port, **given)

        assert not [line for line in server.commands if line.startswith(("USER", "PASS", "AUTH", "DELE"))]


def test_mail_is_no_template() -> None:
    """What looks like Jinja or CFML in a mail stands on the page as it was sent, and escaped."""
    text = "{{ 7*7 }} <% set a = 1 %> #7*7# <b>"
    with ScriptedServer([b"Subject: " + text.encode() + b"\r\n\r\n" + text.encode() + b"\r\n"], password="open sesame") as server:
        page = '<% cfpop connection="support" action="getAll" name="mail" %>{{ mail.subject }}|{{ mail.body|trim }}'
        shown = cfml_environment(settings=stored(server), tags=True).from_string(page).render()

    assert 2 * [text.replace("<", "&lt;").replace(">", "&gt;")] == shown.split("|")


def test_a_text_is_a_list_of_uids() -> None:
    """A text is divided at its commas; a list names what stands in it, so one item is at most one message."""
    with ScriptedServer([b"Subject: %d\r\n\r\n" % n for n in range(9)], uids=list("123456789")) as server:
        counts = [len(cfpop(connection="support", uid=uid, settings=stored(server))) for uid in ("7,8", ["7,8"], ["7"])]

    assert [2, 0, 1] == counts


def test_a_page_that_holds_a_delete_deletes() -> None:
    """The tag knows no request: rendering is enough."""
    with EmbeddedServer(sample_messages()[:2]) as server:
        environment = cfml_environment(settings=stored(server))
        (first, second) = [row.uid for row in cfpop(connection="support", settings=stored(server))]
        environment.from_string('<% cfpop connection="support" action="delete" uid=[uid] %>').render(uid=first)

        assert [second] == [row.uid for row in cfpop(connection="support", settings=stored(server))]


def test_what_an_imported_template_keeps() -> None:
    """Without context its top runs once for all; a macro, or an import with context, reads each time."""
    tag = '<% cfpop connection="support" name="mail" %>'
    pages = {
        "top": tag + "<% macro show() %>{{ mail.recordcount }}<% endmacro %>",
        "macro": "<% macro show() %>" + tag + "{{ mail.recordcount }}<% endmacro %>",
        "kept": '<% import "top" as lib %>{{ lib.show() }}',
        "fresh": '<% import "top" as lib with context %>{{ lib.show() }}',
        "inside": '<% import "macro" as lib %>{{ lib.show() }}',
    }
    with ScriptedServer([b"Subject: one\r\n\r\n"], password="open sesame") as server:
        environment = cfml_environment(settings=stored(server), loader=DictLoader(pages))
        found = {}
        for name in ("kept", "fresh", "inside"):
            before = server.connections
            assert ["1", "1"] == [environment.get_template(name).render() for _ in range(2)]
            found[name] = server.connections - before

    assert {"kept": 1, "fresh": 2, "inside": 2} == found
