"""Internet messages: headers, addresses, parts, bodies and attachments (RFC 5322, RFC 2045-2049, RFC 2231).

Rule: this room knows nothing of POP3, CFML or templates. It reads octets from a buffer, decodes when it is asked, and never
raises for what a message holds: damage is mended as well as can be and told in `Message.defects`.
"""

__all__: list[str] = []
