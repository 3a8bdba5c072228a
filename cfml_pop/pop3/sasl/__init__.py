"""SASL mechanisms as POP3 uses them (RFC 5034), and APOP.

Rule: nothing here sends or reads. A mechanism takes the octets of a challenge and gives the octets of the response; base64,
line lengths and `*` to cancel are the affair of whoever carries them. No text of an error holds a secret.

How a login goes. `choose` gives mechanisms, strongest first; each serves one attempt. Send `AUTH name` with `initial()`, or, when
`two_step` is set or the line would be longer than POP3 allows, without it: then `initial()` answers the first, empty challenge.
`initial()` is None where the server speaks first. Every other challenge goes to `respond`. At `+OK` call `finish`, which raises
when the server never had to show or ask for what makes the login safe; at `-ERR` look at `detail` for more words.
"""

from __future__ import annotations

from cfml_pop.pop3.sasl.choice import choose
from cfml_pop.pop3.sasl.credentials import Credentials
from cfml_pop.pop3.sasl.digests import apop_digest
from cfml_pop.pop3.sasl.mechanism import Mechanism, decode_challenge

__all__ = ["Credentials", "Mechanism", "apop_digest", "choose", "decode_challenge"]
