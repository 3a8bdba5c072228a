"""Logging in: by a SASL mechanism (RFC 5034), by USER and PASS (RFC 1939), or by APOP where the caller asks for it.

Rule: a wrong password costs one attempt. Another mechanism is tried only where the server refused the first one before it had
seen anything of the secret.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import re
from collections.abc import Callable, Iterable
from typing import Any

from cfml_pop.errors import AuthenticationError, CfpopError, NetworkError, POP3Error
from cfml_pop.pop3 import requests
from cfml_pop.pop3.asking import ask
from cfml_pop.pop3.commands import LINE_LIMIT
from cfml_pop.pop3.dialogue import Dialogue
from cfml_pop.pop3.effects import Steps
from cfml_pop.pop3.reply import Reply
from cfml_pop.pop3.requests import Request
from cfml_pop.pop3.sasl import Credentials, Mechanism, apop_digest, choose, decode_challenge
from cfml_pop.pop3.wire import OutOfStep
from cfml_pop.secret import Secret

__all__ = ["login"]

Answer = Callable[[Request[Any], Any], None]

CHALLENGES = 16
"""Challenges of one login; SCRAM has two, and nothing in use has more than three."""

SHOWN = frozenset({"PLAIN", "LOGIN", "CRAM-MD5"})
"""Mechanisms that are no better than USER and PASS on a channel that nobody can listen to."""

BEARER = frozenset({"OAUTHBEARER", "XOAUTH2"})
"""Mechanisms that take a token."""

# RFC 6750, section 2.1, as OAUTHBEARER and XOAUTH2 carry it.
_BEARER = re.compile(rb"auth=Bearer ([!-~]+)")

# Not the password's fault: RFC 2449, section 8.1 and RFC 3206.
_BUSY = ("IN-USE", "LOGIN-DELAY", "SYS")


def login(
    dialogue: Dialogue,
    credentials: Credentials,
    then: Iterable[Request[Any]] = (),
    answer: Answer | None = None,
    *,
    mechanism: str | None = None,
) -> Steps[None]:
    """Log in by the strongest mechanism that both sides have; then CAPA again, because many servers announce more after login,
    and the requests of `then`, whose answers go to `answer` as in `Dialogue.batch`.

    `mechanism`: the name of a SASL mechanism, "USER" or "+APOP", to use that one and no other. Raises AuthenticationError when
    the server does not accept the credentials, and POP3Error when the mailbox is locked or busy.
    """
    if credentials.password is not None:
        dialogue.hide(credentials.password)
    after = [*([requests.capa()] if dialogue.capabilities else []), *then]
    chosen = _chosen(dialogue, credentials, mechanism)
    if chosen is None:
        yield from _by_password(dialogue, credentials, after, answer)
        return
    if chosen and chosen[0].name in BEARER and callable(credentials.token):
        # Here and not inside the mechanism, so that the function may be async where the driver is.
        token = yield from ask(credentials.token, "the token", through=True)
        chosen = _chosen(dialogue, dataclasses.replace(credentials, token=token), mechanism) or []
    if mechanism == "+APOP":
        yield from _accepted(dialogue, dialogue.attempt(_apop(dialogue, credentials)))
    else:
        yield from _by_sasl(dialogue, chosen)
    yield from _follow(dialogue, after, answer)


def _chosen(dialogue: Dialogue, credentials: Credentials, mechanism: str | None) -> list[Mechanism] | None:
    """The mechanisms to try; None for USER and PASS."""
    if mechanism == "+APOP":
        return []
    if mechanism == "USER":
        _require_password(credentials, dialogue)
        return None
    found = choose(
        dialogue.capabilities.get("SASL", ()),
        credentials,
        private=dialogue.private,
        certificate=dialogue.certificate,
        # An open channel was allowed, or it would not be there; and who names a weak mechanism wants it.
        weak=not dialogue.encrypted or mechanism not in (None, "*"),
    )
    if mechanism not in (None, "*"):
        found = [one for one in found if one.name == mechanism]
        if not found:
            raise AuthenticationError(
                f"{dialogue.server} cannot be logged in to by {mechanism}: it is not offered, or not possible with these "
                f"credentials; it offers {' '.join(dialogue.capabilities.get('SASL', ())) or 'no SASL'}",
                command="AUTH",
            )
        return found
    # A channel is bound by name only, see `choose`; so a server that offers nothing but a -PLUS gets USER and PASS.
    found = [one for one in found if not one.name.endswith("-PLUS")]
    # Where nobody can listen, PLAIN and LOGIN are no stronger than USER and PASS, which every server that announces them knows
    # well, and which leave in one flight where it pipelines.
    short = dialogue.pipelining and "USER" in dialogue.capabilities and credentials.password is not None
    if found and not (short and dialogue.private and found[0].name in SHOWN):
        return found
    _require_password(credentials, dialogue)
    return None


def _require_password(credentials: Credentials, dialogue: Dialogue) -> None:
    if credentials.password is None:
        raise AuthenticationError(
            f"{dialogue.server} takes no OAuth token here (it offers neither OAUTHBEARER nor XOAUTH2); give a password",
            command="AUTH",
        )


# -- USER and PASS -----------------------------------------------------------------------------------------------------------


def _by_password(dialogue: Dialogue, credentials: Credentials, after: list[Request[Any]], answer: Answer | None) -> Steps[None]:
    steps = [requests.user(credentials.username), requests.password(credentials.password or Secret(""))]
    # The password must not leave before USER was answered where somebody might listen.
    together = dialogue.pipelining and dialogue.private
    if together:
        for request in steps:
            dialogue.begin(request)
    for request in steps:
        try:
            yield from _accepted(dialogue, dialogue.finish(request) if together else dialogue.attempt(request))
        except NetworkError as error:
            # Some servers hang up on a batch. Later than here it might be their answer to a wrong password.
            if together and request is steps[0]:
                raise OutOfStep(error.message, command=request.keyword) from error
            raise
    # Nothing is sent behind PASS, although PIPELINING would allow it: Courier hands the session to another process then, and
    # what its login process has read ahead is lost.
    yield from _follow(dialogue, after, answer)


def _accepted(dialogue: Dialogue, steps: Steps[Any]) -> Steps[None]:
    outcome = yield from steps
    if isinstance(outcome, POP3Error):
        yield from _skip(dialogue)
        raise _refusal(dialogue, outcome)


def _skip(dialogue: Dialogue) -> Steps[None]:
    """Read the answers to what was sent together with the login, so that another try is possible. If that fails, it is not."""
    with contextlib.suppress(CfpopError):
        yield from dialogue.skip_answers()


def _refusal(dialogue: Dialogue, refusal: POP3Error, detail: str = "") -> POP3Error:
    if refusal.code.startswith(_BUSY):
        return refusal
    code = f"[{refusal.code}] " if refusal.code else ""
    words = f"{refusal.text} ({detail})" if detail else refusal.text
    return AuthenticationError(
        f"{dialogue.server} did not accept the login: {code}{words}; check username and password",
        command=refusal.command,
        code=refusal.code,
        text=refusal.text,
    )


def _follow(dialogue: Dialogue, after: list[Request[Any]], answer: Answer | None) -> Steps[None]:
    together = dialogue.pipelining
    if together:
        for request in after:
            dialogue.begin(request)
    for request in after:
        outcome = yield from dialogue.finish(request) if together else dialogue.attempt(request)
        if request.keyword == "CAPA":
            dialogue.capabilities = dialogue.capabilities if isinstance(outcome, POP3Error) else outcome
        elif answer is not None:
            answer(request, outcome)


# -- SASL and APOP -----------------------------------------------------------------------------------------------------------


def _by_sasl(dialogue: Dialogue, mechanisms: list[Mechanism]) -> Steps[None]:
    for number, mechanism in enumerate(mechanisms, 1):
        refusal, seen = yield from _authenticate(dialogue, mechanism)
        if refusal is None:
            return
        if seen or number == len(mechanisms) or refusal.code:
            raise _refusal(dialogue, refusal, mechanism.detail)


def _authenticate(dialogue: Dialogue, mechanism: Mechanism) -> Steps[tuple[POP3Error | None, bool]]:
    """One attempt. Ends with the refusal, or None, and whether the server had seen something of the secret by then."""
    initial = mechanism.initial()
    line = f"AUTH {mechanism.name} "
    encoded = _encoded(dialogue, initial) if initial is not None else Secret("")
    on_line = initial is not None and not mechanism.two_step and len(line) + len(encoded.reveal()) + 2 <= LINE_LIMIT
    dialogue.wire.send("AUTH", mechanism.name, *([encoded] if on_line else []))
    seen = on_line and not mechanism.name.startswith("SCRAM")  # SCRAM's first message holds the name alone
    pending = None if on_line else initial
    for _ in range(CHALLENGES):
        reply = yield from dialogue.sasl_reply()
        if isinstance(reply, Reply):
            if reply:
                mechanism.finish()
                return None, seen
            return dialogue.refused("AUTH", reply), seen
        try:
            challenge = decode_challenge(reply)
            response, pending = (pending, None) if pending is not None else (mechanism.respond(challenge), None)
        except AuthenticationError:
            dialogue.wire.respond(Secret("*"))  # RFC 5034, section 4: the server answers -ERR, and the session goes on
            with contextlib.suppress(CfpopError):
                yield from dialogue.sasl_reply()
            raise
        seen = seen or not mechanism.name.startswith("SCRAM") or bool(response)
        dialogue.wire.respond(_encoded(dialogue, response))
    raise POP3Error(f"{dialogue.server} never ends its challenges to {mechanism.name}", command="AUTH")


def _encoded(dialogue: Dialogue, octets: bytes) -> Secret:
    """Base64 of a response; "=" stands for an empty initial response (RFC 5034, section 4), nothing for another empty one."""
    token = _BEARER.search(octets)
    if token is not None:  # a password is hidden already; a token is known only now
        dialogue.hide(Secret(token[1].decode("ascii")))
    encoded = Secret(base64.b64encode(octets).decode("ascii"))
    dialogue.hide(encoded)
    return encoded


def _apop(dialogue: Dialogue, credentials: Credentials) -> Request[Reply]:
    _require_password(credentials, dialogue)
    digest = apop_digest(dialogue.greeting, credentials.password or Secret(""))
    if digest is None:
        raise AuthenticationError(f"{dialogue.server} offers no APOP: its greeting holds no timestamp", command="APOP")
    return requests.apop(credentials.username, Secret(digest))
