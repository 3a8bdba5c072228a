"""The conformance cases of CFML's cfpop: what engines really do, one line a case and engine.

Rule: the number is that of the case, and a case has a line for every engine that it names. Where a line does something else than
the engine, `deviates` says of which kind it is (DEVIATIONS), and what is expected is what happens here.

Sources: what Lucee 6.2 and its mail extension do was read in their code and run; OpenBD was read, its addresses and protocol run;
Adobe ColdFusion is known from its manuals and from pages written for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.semantics_support import EMPTY, OFFLINE, Line, box, golden, line, mail, multipart
from tests.servers.scripted import Talk

__all__ = ["DEVIATIONS", "HEADER_A", "HEADER_O", "LINES"]

DEVIATIONS: Mapping[str, str] = {
    "wording": "the call fails and nothing is done, in words of our own",
    "traffic": "what an engine sends or keeps open is not part of what a page asked for",
    "never": "a defect or a hazard that no dialect brings back",
    "lost": "characters that the engine loses are read",
    "markread": "markRead works everywhere",
    "deleting": "no dialect changes what may be deleted, and a delete that does nothing is an error",
    "place": "the temporary directory is a private folder in it",
}

HEADER_L = "date,from,messagenumber,messageid,replyto,subject,cc,to,size,header,uid"
HEADER_O = "date,from,messagenumber,replyto,subject,cc,to,messageid,uid,header"
HEADER_A = "date,from,messagenumber,messageid,replyto,subject,cc,to,header,UID"
FLAGS = "answered,deleted,draft,flagged,recent,seen"
ALL_L = f"{HEADER_L},{FLAGS},body,textBody,HTMLBody,attachments,attachmentfiles,cids,deliverystatus"

ONE = box(mail())
TWO = box(mail(), mail())
THREE = box(*[mail(f"X-Number: {number}") for number in (1, 2, 3)])
FIVE = box(*[mail()] * 5)
THOUSAND = box(*[mail()] * 1000)
ALL = 'action="getAll"'
SAVE = 'action="getAll" attachmentPath="$D"'
UNIQUE = 'action="getAll" attachmentPath="$D" generateUniqueFileNames="yes"'
OPEN = {"allow_delete_all": True}

# -- mail --------------------------------------------------------------------------------------------------------------------

FIELDS = mail(
    "From: =?UTF-8?Q?J=C3=B6rg?= <j@x>\nTo: =?UTF-8?B?w4Q=?= <a@y>,\n b@y\nTo: c@z\nReply-To: r1@x\nReply-To: r2@x\n"
    "Bcc: hid@z\nSubject: one\nSubject: two\nMessage-ID: <1@x>\nMessage-ID: <2@x>\n"
    "Date: Mon, 1 Jan 2024 10:00:00 +0200\nDate: Tue, 2 Jan 2024 10:00:00 +0200\nX-Dup: 1\nX-Dup: 2\nX-NoSpace:v",
    usual=False,
)  # fmt: skip
REBUILT = (
    "From: =?UTF-8?Q?J=C3=B6rg?= <j@x>\nTo: =?UTF-8?B?w4Q=?= <a@y>,\r\n b@y\nTo: c@z\nReply-To: r1@x\nReply-To: r2@x\n"
    "Bcc: hid@z\nSubject: one\nSubject: two\nMessage-ID: <1@x>\nMessage-ID: <2@x>\n"
    "Date: Mon, 1 Jan 2024 10:00:00 +0200\nDate: Tue, 2 Jan 2024 10:00:00 +0200\nX-Dup: 1\nX-Dup: 2\nX-NoSpace: v\n"
)


def dated(text: str) -> bytes:
    return mail(f"Date: {text}" if text else "X-A: 1", usual=False)


def typed(content_type: str, body: str = "hi", more: str = "") -> bytes:
    return mail(f"MIME-Version: 1.0\nContent-Type: {content_type}{more}", body)


def attached(fields: str, body: str = "x") -> str:
    return f"Content-Type: application/octet-stream\n{fields}\n\n{body}"


def named(*names: str) -> bytes:
    return multipart("mixed", *[attached(f'Content-Disposition: attachment; filename="{n}"', f"of {n}") for n in names])


def disposed(fields: str) -> bytes:
    return multipart("mixed", "Content-Type: text/plain\n\nT", attached(fields))


PLAIN = "Content-Type: text/plain\n\nP"
HTML = "Content-Type: text/html\n\n<b>"
INNER = "Subject: inner\nContent-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: text/plain\n\ndeep\n--c--"
LOGO = "Content-Type: image/png; name=logo.png\nContent-ID: <i1@x>\n\nPNG"
BARE = "Content-Type: image/png\nContent-ID: <i2@x>\n\nPNG"
RELATED = multipart("related", HTML, LOGO, BARE)
BARE_FILE = "_c0beef2b426e63c4bccad9f50b6efdff"
REPORT = multipart(
    "report; report-type=delivery-status",
    "Content-Type: text/plain\n\nnote",
    "Content-Type: message/delivery-status\n\nStatus: 5.1.1",
    "Content-Type: message/rfc822\n\nSubject: original\n\nlost",
)


# -- servers that answer in their own way --------------------------------------------------------------------------------------


def refusing(*keywords: str, capabilities: tuple[bytes, ...] = (b"USER", b"UIDL", b"TOP")) -> dict[str, object]:
    return {"answers": dict.fromkeys(keywords, b"-ERR refused\r\n"), "capabilities": capabilities}


THREE_MAILS = [mail(f"X-Number: {number}") for number in (1, 2, 3)]
NO_TOP = box(*THREE_MAILS, answers={"TOP": b"-ERR unknown\r\n"}, capabilities=(b"USER", b"UIDL"))
NO_CAPA = box(*THREE_MAILS, answers={"CAPA": b"-ERR unknown\r\n"})
TOP_REFUSED = box(*THREE_MAILS, answers={"TOP": b"-ERR refused\r\n"})
NO_UIDL = box(*THREE_MAILS, answers={"UIDL": b"-ERR unknown\r\n"}, capabilities=(b"USER", b"TOP"))
NO_LIST = box(mail(), answers={"LIST": b"-ERR refused\r\n"})
NO_RETR = box(*THREE_MAILS, answers={"RETR 2": b"-ERR refused\r\n"})
NO_DELE = box(*THREE_MAILS, answers={"DELE 2": b"-ERR refused\r\n"})
BAD_LOGIN = box(mail(), answers={"PASS": b"-ERR [AUTH] Authentication failed.\r\n"})
GREETS_NOT = box(answers={"": b"-ERR busy\r\n"})
SILENT = box(answers={"": Talk.stall})
STALLING = box(mail(), answers={"STAT": Talk.stall, "UIDL": Talk.stall, "LIST": Talk.stall})
XOAUTH2 = box(mail(), capabilities=(b"TOP", b"UIDL", b"USER", b"SASL XOAUTH2"))
DOTS = box(mail(body="a\n..x\n.y"))

# fmt: off
LINES: tuple[Line, ...] = (
    # -- selection and attributes
    line(1, "lucee", THREE, 'action="getHeaderOnly"', rows=[1, 2, 3], columns=HEADER_L),
    line(2, "openbd", THREE, 'action="getHeaderOnly"', rows=[1, 2, 3], columns=HEADER_O),
    line(3, "lucee", THREE, columns=HEADER_L, sent="TOP 1 0, TOP 2 0, TOP 3 0"),
    line(3, "openbd", THREE, columns=HEADER_O, sent="TOP 1 0, TOP 2 0, TOP 3 0"),
    line(3, "adobe", THREE, columns=HEADER_A, sent="TOP 1 0, TOP 2 0, TOP 3 0"),
    line(4, "lucee", ONE, 'action="  GETALL "', columns=ALL_L, sent="RETR 1"),
    line(4, "openbd", ONE, 'action="  GETALL "', deviates="wording", error="AttributeFault: action must have no blanks",
         connections=0),
    line(5, "lucee", THREE, 'action="markRead" uid="uid2"', deviates="markread", rows=[2], sent="RETR 2", left=[1, 2, 3]),
    line(5, "openbd", THREE, 'action="markRead" uid="uid2"', deviates="markread", rows=[2], sent="RETR 2", left=[1, 2, 3]),
    line(6, "lucee", THREE, ALL, page="", deviates="wording", error="TemplateSyntaxError: name is required for getAll",
         connections=0),
    line(6, "openbd", THREE, ALL, page="", error="TemplateSyntaxError: name is required for getAll", connections=0),
    line(7, "lucee", THREE, 'action="delete" uid="uid1" name="q"', page="{{ q is defined }}", text="False", sent="DELE 1",
         left=[2, 3]),
    line(7, "openbd", THREE, 'action="delete" uid="uid1" name="q"', page="{{ q is defined }}", text="False", sent="DELE 1",
         left=[2, 3]),
    line(8, "lucee", THREE, without="server", deviates="wording", error="AttributeFault: server is required", connections=0),
    line(8, "openbd", THREE, without="server", deviates="wording", error="AttributeFault: server is required", connections=0),
    line(9, "lucee", THREE, 'name="q" foo="1"', page="", error="TemplateSyntaxError: foo is not an attribute of cfpop",
         connections=0),
    line(9, "openbd", THREE, 'name="q" foo="1"', page="{{ q.recordcount }}", text="3"),
    line(9, "openbd", THREE, 'action="delete" uid="uid1" foo="1"', page="", deviates="deleting",
         error="TemplateSyntaxError: foo is not an attribute of cfpop", connections=0),
    line(10, "lucee", OFFLINE, 'secure="yes"', error="NetworkError", connected="995 tls"),
    line(10, "openbd", OFFLINE, 'secure="yes"', error="NetworkError", connected="995 tls"),
    line(10, "lucee", OFFLINE, 'secure="no"', error="NetworkError", connected="110 plain"),
    line(10, "openbd", OFFLINE, 'secure="no"', error="NetworkError", connected="110 plain"),
    line(11, "lucee", THREE, 'port="abc"', deviates="wording", error="AttributeFault: port must be a whole number, not 'abc'",
         connections=0),
    line(12, "lucee", THREE, 'secure="maybe"', deviates="wording", error="AttributeFault: secure must be yes or no, not 'maybe'",
         connections=0),
    line(13, "lucee", THREE, 'messageNumber="1"', rows=[1]),
    line(14, "lucee", THREE, 'messageNumber="1,3"', rows=[1, 3]),
    line(15, "default", THREE, 'messageNumber="3,1,3"', rows=[3, 1]),
    line(15, "lucee", THREE, 'messageNumber="3,1,3"', rows=[3, 1, 3]),
    line(16, "lucee", THREE, 'messageNumber="1,2,3,bad,10000"', rows=[1, 2, 3]),
    line(17, "lucee", THREE, 'messageNumber="0,-1,99,abc,2.9"', rows=[2]),
    line(18, "openbd", THREE, 'messageNumber="2,9"', deviates="wording", error="AttributeFault: at most 3", sent=""),
    line(19, "lucee", THREE, 'messageNumber=""', rows=[]),
    line(19, "openbd", THREE, 'messageNumber=""', rows=[1, 2, 3]),
    line(20, "lucee", THREE, 'uid="uid3,UID1,nope"', rows=[1, 3]),
    line(20, "openbd", THREE, 'uid="uid3,UID1,nope"', rows=[3]),
    line(21, "lucee", box(mail(), uids="7"), 'uid="007"', rows=[1]),
    line(21, "openbd", box(mail(), uids="7"), 'uid="007"', rows=[]),
    line(22, "lucee", box(mail(), mail(), uids="u1 u2"), 'uid=" u1 , ,u2 "', rows=[1, 2]),
    line(22, "openbd", box(mail(), mail(), uids="u1 u2"), 'uid=" u1 , ,u2 "', rows=[1, 2]),
    line(23, "lucee", THREE, 'uid=""', deviates="traffic", rows=[], asked=""),
    line(23, "openbd", THREE, 'uid=""', rows=[1, 2, 3]),
    line(24, "lucee", THREE, 'uid="uid1,uid2" messageNumber="2,3"', rows=[1, 2]),
    line(24, "adobe", THREE, 'uid="uid1,uid2" messageNumber="2,3"', rows=[1, 2]),
    line(24, "openbd", THREE, 'uid="uid1,uid2" messageNumber="2,3"', rows=[2]),
    line(25, "lucee", box(*[mail()] * 5, uids="a b c d e"), 'uid="a|b$c|$d" delimiter="|$"', rows=[1, 2, 3, 4]),
    line(26, "lucee", THREE, 'delimiter="|"', deviates="wording", error="AttributeFault: delimiter needs uid", connections=0),
    line(27, "lucee", THREE, 'uid="uid1,uid3" delimiter=" "', rows=[1, 3]),
    line(28, "lucee", FIVE, 'startRow="2" maxRows="2"', rows=[2, 3], sent="TOP 2 0, TOP 3 0"),
    line(29, "lucee", TWO, 'startRow="9"', rows=[]),
    line(29, "openbd", TWO, 'startRow="9"', error="AttributeFault: startrow must be at most 2", sent=""),
    line(30, "lucee", EMPTY, 'startRow="9"', rows=[]),
    line(30, "openbd", EMPTY, 'startRow="9"', rows=[]),
    line(31, "lucee", THREE, 'maxRows="0"', rows=[], sent=""),
    line(31, "openbd", THREE, 'maxRows="0"', error="AttributeFault: maxrows must be 1 or more", connections=0),
    line(32, "lucee", THREE, 'maxRows="-1"', rows=[1, 2, 3]),
    line(32, "openbd", THREE, 'maxRows="-1"', error="AttributeFault: maxrows must be 1 or more", connections=0),
    line(33, "lucee", THREE, 'startRow="0"', rows=[1, 2, 3]),
    line(33, "openbd", THREE, 'startRow="0"', error="AttributeFault: startrow must be 1 or more", connections=0),
    line(34, "lucee", THREE, 'uid="uid1,uid2" startRow="3" maxRows="1"', rows=[1, 2]),
    line(34, "adobe", THREE, 'uid="uid1,uid2" startRow="3" maxRows="1"', rows=[1, 2]),
    line(34, "openbd", THREE, 'uid="uid1,uid2" startRow="3" maxRows="1"', rows=[1, 2]),
    line(35, "lucee", EMPTY, ALL, rows=[], columns=ALL_L),
    line(36, "lucee", FIVE, 'startRow="5"', "", deviates="traffic", rows=[1, 2, 3, 4, 5], connections=2),

    # -- delete
    line(37, "lucee", THREE, 'action="delete" uid="uid2"', sent="DELE 2", left=[1, 3]),
    line(37, "openbd", THREE, 'action="delete" uid="uid2"', sent="DELE 2", left=[1, 3]),
    line(38, "lucee", THREE, 'action="delete" messageNumber="3,1"', sent="DELE 1, DELE 3", left=[2]),
    line(39, "lucee", THREE, 'action="delete"', settings=OPEN, sent="DELE 1, DELE 2, DELE 3", left=[]),
    line(39, "adobe", THREE, 'action="delete"', settings=OPEN, sent="DELE 1, DELE 2, DELE 3", left=[]),
    line(39, "lucee", THREE, 'action="delete"', deviates="deleting", error="AttributeFault: allow_delete_all=True",
         connections=0, left=[1, 2, 3]),
    line(39, "adobe", THREE, 'action="delete"', deviates="deleting", error="AttributeFault: allow_delete_all=True",
         connections=0, left=[1, 2, 3]),
    line(39, "openbd", THREE, 'action="delete"', deviates="deleting", settings=OPEN,
         error="AttributeFault: needs uid or messagenumber",
         connections=0, left=[1, 2, 3]),
    line(40, "lucee", FIVE, 'action="delete" startRow="2" maxRows="2"', sent="DELE 2, DELE 3", left=[1, 4, 5]),
    line(40, "openbd", FIVE, 'action="delete" startRow="2" maxRows="2"', deviates="deleting",
         error="AttributeFault: needs uid or messagenumber", connections=0, left=[1, 2, 3, 4, 5]),
    line(41, "lucee", THREE, 'action="delete" maxRows="0"', rows=[], sent="", left=[1, 2, 3]),
    line(42, "lucee", THREE, 'action="delete" uid=""', rows=[], sent="", left=[1, 2, 3]),
    line(42, "default", THREE, 'action="delete" uid=""', deviates="never", settings=OPEN, rows=[], sent="", left=[1, 2, 3]),
    line(42, "openbd", THREE, 'action="delete" uid=""', deviates="never", settings=OPEN, rows=[], sent="", left=[1, 2, 3]),
    line(43, "lucee", THREE, 'action="delete" uid="uid1,nope"', rows=[1], sent="DELE 1", left=[2, 3]),
    line(43, "openbd", THREE, 'action="delete" uid="uid1,nope"', rows=[1], sent="DELE 1", left=[2, 3]),
    line(44, "lucee", NO_UIDL, 'action="delete" messageNumber="1,2"', deviates="never", sent="DELE 1, DELE 2", left=[3]),
    line(45, "lucee", NO_DELE, 'action="delete" messageNumber="1,2,3"', deviates="never", error="POP3Error: refused DELE 2",
         left=[1, 2, 3]),
    line(46, "lucee", THREE, 'action="delete" uid="uid2"', 'action="getAll"', rows=[1, 3]),

    # -- protocol
    line(47, "lucee", NO_TOP, sent="TOP 1 0, RETR 2, RETR 3, RETR 1", rows=[1, 2, 3], subject="t"),
    line(48, "lucee", NO_CAPA, sent="TOP 1 0, TOP 2 0, TOP 3 0", rows=[1, 2, 3]),
    line(49, "lucee", TOP_REFUSED, rows=[1, 2, 3], subject="t"),
    line(50, "lucee", NO_UIDL, rows=[1, 2, 3], uid=""),
    line(50, "lucee", NO_UIDL, 'uid="uid1"', deviates="wording", error="POP3Error: the server has no UIDL", sent=""),
    line(51, "lucee", NO_LIST, rows=[1], size=-1 - len(mail()) + len("hi\r\n")),
    line(52, "lucee", NO_RETR, ALL, deviates="never", error="POP3Error: refused RETR 2", failed=(2,), kept=[1, 3]),
    line(52, "lucee", NO_RETR, ALL, deviates="never", settings={"partial": True}, rows=[1, 2, 3]),
    line(53, "lucee", BAD_LOGIN, deviates="traffic", error="AuthenticationError: [AUTH] Authentication failed.", connections=1,
         login="USER kim, PASS secret"),
    line(53, "openbd", BAD_LOGIN, deviates="traffic", error="AuthenticationError: [AUTH] Authentication failed.", connections=1,
         login="USER kim, PASS secret"),
    line(54, "lucee", THREE, without="password", deviates="wording", error="AttributeFault: password is required", connections=0),
    line(55, "lucee", THREE, without="username", deviates="wording", error="AttributeFault: username is required", connections=0),
    line(55, "openbd", THREE, without="username password", deviates="wording", error="AttributeFault: username is required",
         connections=0),
    line(56, "lucee", EMPTY, 'port="1"', deviates="wording", error="NetworkError: 127.0.0.1:1", connections=0),
    line(57, "lucee", GREETS_NOT, deviates="wording", error="POP3Error: busy", login=""),
    line(58, "lucee", XOAUTH2, rows=[1], login="USER kim, PASS secret"),
    line(59, "lucee", SILENT, 'timeout="0.2"', deviates="wording", error="TimeoutExpired", login=""),
    line(60, "lucee", STALLING, 'timeout="0.2"', deviates="traffic", error="TimeoutExpired", sent=""),
    line(60, "openbd", STALLING, 'timeout="0.2"', deviates="traffic", error="TimeoutExpired", sent=""),
    line(61, "lucee", THOUSAND, 'uid="uid500"', deviates="traffic", rows=[500], asked="UIDL", sent="TOP 500 0"),
    line(61, "openbd", THOUSAND, 'uid="uid500"', deviates="traffic", rows=[500], asked="UIDL", sent="TOP 500 0"),
    line(62, "lucee", DOTS, ALL, body="a\r\n..x\r\n.y\r\n"),

    # -- headers
    line(63, "lucee", box(golden("hdr_encoded")), subject="Hällo Wörld plain"),
    line(63, "openbd", box(golden("hdr_encoded")), subject="Hällo Wörld plain"),
    line(64, "lucee", box(FIELDS), from_="=?UTF-8?Q?J=C3=B6rg?= <j@x>"),
    line(64, "openbd", box(FIELDS), from_="Jörg <j@x>"),
    line(65, "lucee", box(FIELDS), to="=?UTF-8?B?w4Q=?= <a@y>,\r\n b@y,c@z"),
    line(65, "openbd", box(FIELDS), to="Ä <a@y>, b@y, c@z"),
    line(66, "lucee", box(FIELDS), replyto="r1@x,r2@x"),
    line(66, "openbd", box(FIELDS), replyto="r1@x, r2@x"),
    line(67, "lucee", box(mail()), from_="a@x", replyto="a@x"),
    line(67, "openbd", box(mail()), from_="a@x", replyto="a@x"),
    line(68, "lucee", box(golden("hdr_sender_only")), from_=""),
    line(68, "openbd", box(golden("hdr_sender_only")), from_="s@x"),
    line(69, "lucee", box(FIELDS), columns=HEADER_L, header=REBUILT),
    line(70, "lucee", box(FIELDS), header=REBUILT),
    line(70, "openbd", box(FIELDS), header=REBUILT.replace("\r\n", "\n").replace("\n", "\r\n")),
    line(71, "lucee", box(mail("Subject: Jörg", usual=False)), deviates="lost", subject="Jörg"),
    line(71, "openbd", box(mail("Subject: Jörg", usual=False)), deviates="lost", subject="Jörg"),
    line(72, "lucee", box(FIELDS), messageid="<1@x>,<2@x>"),
    line(72, "openbd", box(FIELDS), messageid="<1@x>"),
    line(73, "lucee", box(FIELDS), subject="one", date="{ts '2024-01-01 08:00:00'}"),
    line(73, "openbd", box(FIELDS), subject="one", date="Mon, 1 Jan 2024 08:00:00 +00:00"),
    line(74, "lucee", box(mail("Subject: =?x-foo?Q?a?=", usual=False)), subject="=?x-foo?Q?a?="),
    line(74, "openbd", box(mail("Subject: =?x-foo?Q?a?=", usual=False)), subject="=?x-foo?Q?a?="),
    line(75, "lucee", box(mail("Subject: =?utf-8?Q?a?==?utf-8?Q?b?=", usual=False)), deviates="lost", subject="ab"),
    line(75, "openbd", box(mail("Subject: =?utf-8?Q?a?==?utf-8?Q?b?=", usual=False)), deviates="lost", subject="ab"),
    line(76, "lucee", box(dated("Mon, 1 Jan 2024 10:00:00")), date="{ts '2024-01-01 10:00:00'}"),
    line(76, "lucee", box(dated("Mon, 1 Jan 2024 10:00:00 CEST")), date="{ts '2024-01-01 10:00:00'}"),
    line(76, "openbd", box(dated("Mon, 1 Jan 2024 10:00:00")), date="Mon, 1 Jan 2024 10:00:00 +00:00"),
    line(76, "openbd", box(dated("Mon, 1 Jan 2024 10:00:00 CEST")), date="Mon, 1 Jan 2024 10:00:00 +00:00"),
    line(77, "lucee", box(dated("2024-01-01T10:00:00Z")), date=""),
    line(77, "lucee", box(dated("bogus")), date=""),
    line(77, "lucee", box(dated("")), date=""),
    line(77, "openbd", box(dated("2024-01-01T10:00:00Z")), date=""),
    line(77, "openbd", box(dated("bogus")), date=""),
    line(77, "openbd", box(dated("")), date=""),
    line(78, "lucee", box(dated("Sat, 31 Feb 2024 10:00:00 +0000")), date="{ts '2024-03-02 10:00:00'}"),
    line(78, "openbd", box(dated("Sat, 31 Feb 2024 10:00:00 +0000")), date="Sat, 2 Mar 2024 10:00:00 +00:00"),
    line(79, "lucee", box(mail("X-A: 1", usual=False)), from_="", to="", cc="", replyto=""),

    # -- bodies
    line(80, "lucee", box(mail()), ALL, textbody="hi\r\n", body="hi\r\n"),
    line(81, "lucee", box(typed("text/html", "<b>")), ALL, htmlbody="<b>\r\n", body="<b>\r\n", textbody=""),
    line(82, "lucee", box(multipart("alternative", PLAIN, HTML)), ALL, body="P", textbody="P", htmlbody="<b>"),
    line(82, "openbd", box(multipart("alternative", PLAIN, HTML)), ALL, body="<b>", textbody="P", htmlbody="<b>"),
    line(83, "lucee", box(multipart("alternative", HTML, PLAIN)), ALL, body="<b>", textbody="P", htmlbody="<b>"),
    line(84, "lucee", box(multipart("alternative", "Content-Type: text/plain\n\n", HTML)), ALL, textbody="", body="<b>"),
    line(85, "lucee", box(golden("mixed_two_texts")), ALL, body="first", textbody="footer"),
    line(86, "lucee", box(multipart("mixed", PLAIN, "Content-Type: text/plain\nContent-Disposition: attachment\n\nQ")), ALL,
         textbody="Q", body="P"),
    line(86, "openbd", box(multipart("mixed", PLAIN, "Content-Type: text/plain\nContent-Disposition: attachment\n\nQ")), SAVE,
         textbody="P", attachments="unknownfile", files="in/unknownfile"),
    line(86, "openbd", box(multipart("mixed", PLAIN, "Content-Type: text/plain\nContent-Disposition: attachment\n\nQ")), ALL,
         textbody="P", attachments=""),
    line(87, "lucee", box(multipart("mixed", "Content-Type: text/plain; name=a.txt\n\nP")), ALL, attachments="a.txt", body=""),
    line(87, "openbd", box(multipart("mixed", "Content-Type: text/plain; name=a.txt\n\nP")), ALL, attachments="", body="P"),
    line(88, "lucee", box(typed("text/plain; name=a.txt", more="\nContent-Disposition: attachment; filename=a.txt")), ALL,
         body="hi\r\n", attachments=""),
    line(89, "lucee", box(typed("application/pdf; name=a.pdf")), SAVE, body="", attachments="", files=""),
    line(89, "openbd", box(typed("application/pdf; name=a.pdf")), SAVE, body="", attachments="a.pdf", files="in/a.pdf"),
    line(90, "lucee", box(multipart("alternative", PLAIN, "Content-Type: text/calendar\n\nC")), ALL, body="P", attachments=""),
    line(90, "openbd", box(multipart("alternative", PLAIN, "Content-Type: text/calendar\n\nC")), ALL, body="C", textbody="P"),
    line(91, "lucee", box(REPORT), ALL, body="note", textbody="note", deliverystatus="Status: 5.1.1", attachments=""),
    line(92, "lucee", box(golden("rfc822_noname")), ALL, body="inner body", textbody=""),
    line(93, "lucee", box(multipart("mixed", f"Content-Type: message/rfc822\n\n{INNER}")), ALL,
         body="--c\r\nContent-Type: text/plain\r\n\r\ndeep\r\n--c--", textbody=""),
    line(94, "lucee", box(golden("digest")), ALL, textbody="Subject: one\r\n\r\nb1", attachments=""),
    line(94, "openbd", box(golden("digest")), ALL, textbody="Subject: one\r\n\r\nb1"),
    line(95, "lucee", box(multipart("mixed", PLAIN, boundary="")), ALL, body="P", textbody="P"),
    line(95, "openbd", box(multipart("mixed", PLAIN, boundary="")), ALL, body="P", textbody="P"),
    line(95, "lucee", box(golden("mp_missing_parts")), ALL, deviates="never", body="just text\r\n", textbody="just text\r\n"),
    line(96, "lucee", box(golden("mp_no_final")), ALL, body="T\r\n", textbody="T\r\n"),
    line(97, "lucee", box(typed("text/plain", "hällo")), ALL, deviates="lost", body="hällo\r\n"),
    line(98, "lucee", box(golden("plain_spaces_charset")), ALL, deviates="lost", body="héllo\r\n"),
    line(99, "lucee", box(typed("text/plain; charset=x-foo", "hällo")), ALL, deviates="never", body="hällo\r\n",
         textbody="hällo\r\n"),
    line(99, "openbd", box(typed("text/plain; charset=x-foo", "hällo")), ALL, deviates="never", body="hällo\r\n",
         textbody="hällo\r\n"),
    line(100, "lucee", box(typed("text/plain; charset=utf-7", "h+AOQ-llo")), ALL, deviates="never", body="hällo\r\n"),
    line(100, "openbd", box(typed("text/plain; charset=utf-7", "h+AOQ-llo")), ALL, body="hällo\r\n"),
    line(101, "lucee", box(typed("text/plain; charset=us-ascii", "\ufeffhällo")), ALL, body="hällo\r\n"),
    line(102, "lucee", box(mail(body="x =?UTF-8?Q?enc=C3=A9?= y")), ALL, body="x encé y\r\n", textbody="x encé y\r\n"),
    line(103, "lucee", box(typed("text/plain", "aGk=!", "\nContent-Transfer-Encoding: base64")), ALL, deviates="never",
         body="hi"),
    line(103, "lucee", box(typed("text/plain", "hi", "\nContent-Transfer-Encoding: x-foo")), ALL, deviates="never",
         body="hi\r\n"),
    line(104, "lucee", box(golden("mp_bad_charset_part")), ALL, deviates="never", body="T", htmlbody="<b>"),

    # -- attachments
    line(105, "lucee", box(named("f")), ALL, attachments="f", attachmentfiles=""),
    line(105, "openbd", box(named("f")), ALL, attachments="", attachmentfiles=""),
    line(106, "lucee", box(named("a.txt", "b.txt")), ALL, attachments="a.txt\tb.txt"),
    line(106, "adobe", box(named("a.txt", "b.txt")), ALL, attachments="a.txt\tb.txt"),
    line(106, "openbd", box(named("a.txt", "b.txt")), SAVE, attachments="a.txt,b.txt", files="in/a.txt in/b.txt"),
    line(107, "lucee", box(RELATED), ALL, attachments="logo.png\tcid:i2@x", cids={"logo.png": "i1@x", "cid:i2@x": "i2@x"}),
    line(108, "lucee", box(RELATED), SAVE, files=f"in/{BARE_FILE} in/logo.png", cids={"logo.png": "i1@x", BARE_FILE: "i2@x"}),
    line(109, "adobe", box(multipart("related", HTML, LOGO)), ALL, cids={"logo.png": "<i1@x>"}),
    line(110, "lucee", box(multipart("related", HTML, LOGO.replace("<i1@x>", "abcdef"))), ALL, deviates="never",
         cids={"logo.png": "abcdef"}),
    line(111, "lucee", box(multipart("related", HTML, LOGO.replace("<i1@x>", ""))), ALL, deviates="never", htmlbody="<b>",
         attachments="logo.png", cids={}),
    line(112, "lucee", box(named("a.txt", "a.txt")), UNIQUE, there="in/a.txt", attachments="a.txt\ta.txt",
         files="in/a.txt in/a1.txt in/a2.txt",
         content="there before"),
    line(113, "lucee", box(named("a.txt", "a.txt")), SAVE, there="in/a.txt", attachments="a.txt\ta.txt", files="in/a.txt",
         content="of a.txt"),
    line(114, "lucee", box(named("x.tar.gz", "noext")), UNIQUE, there="in/x.tar.gz in/noext",
         files="in/noext in/noext1 in/x.tar.gz in/x.tar1.gz"),
    line(114, "openbd", box(named("x.tar.gz")), UNIQUE, there="in/x.tar.gz", files="in/1_x.tar.gz in/x.tar.gz"),
    line(115, "lucee", box(golden("fn_rfc2231")), ALL, attachments="résumé.txt\tlongname.txt\text.txt"),
    line(115, "openbd", box(golden("fn_rfc2231")), SAVE, attachments="résumé.txt,longname.txt,ext.txt"),
    line(116, "lucee", box(multipart("mixed", 'Content-Type: image/png; name="=?UTF-8?Q?re=CC=81?="\n\nx')), ALL,
         attachments="ré"),
    line(117, "lucee", box(disposed("Content-Disposition: attachment; filename=my file.txt")), ALL, deviates="never", body="T",
         attachments="my file.txt"),
    line(117, "openbd", box(disposed("Content-Disposition: attachment; filename=my file.txt")), SAVE, deviates="never", body="T",
         files="in/my_file.txt"),
    line(118, "lucee", box(golden("mp_bad_ct_part")), ALL, body="T", attachments=""),
    line(119, "lucee", box(named("../evil.txt")), SAVE, deviates="never", files="in/evil.txt"),
    line(119, "openbd", box(named("../evil.txt")), SAVE, deviates="never", files="in/_evil.txt"),
    line(120, "lucee", box(named("sub/x.txt", "y.txt")), SAVE, deviates="never", body="", files="in/x.txt in/y.txt"),
    line(120, "openbd", box(named("sub/x.txt", "y.txt")), SAVE, files="in/sub_x.txt in/y.txt"),
    line(121, "lucee", box(named("")), UNIQUE, files="in/1"),
    line(122, "lucee", box(named("a\tb.txt", "c.txt")), ALL, attachments="a\tb.txt\tc.txt"),
    line(123, "lucee", box(multipart("mixed", PLAIN, "Content-Type: image/png\n\nPNG")), SAVE, attachments="", files=""),
    line(123, "openbd", box(multipart("mixed", PLAIN, "Content-Type: image/png\n\nPNG")), SAVE, attachments="unknownfile",
         files="in/unknownfile"),
    line(124, "lucee", box(named("f")), 'action="getAll" attachmentPath=""', deviates="place", files="temp/cfml_pop-UID/f"),
    line(125, "lucee", box(named("f")), 'action="getAll" attachmentPath="x"', files="here/x/f"),
    line(125, "adobe", box(named("f")), 'action="getAll" attachmentPath="x"', deviates="place", files="temp/cfml_pop-UID/x/f"),
    line(126, "lucee", box(named("f")), 'action="getAll" attachmentPath="a/b/c"', error="AttachmentError: a/b/c", connections=0,
         files=""),
    line(126, "lucee", box(named("f")), 'action="getAll" attachmentPath="a/b/c"', deviates="place",
         there="temp/cfml_pop-UID/a/b/", files="temp/cfml_pop-UID/a/b/c/f"),
    line(126, "openbd", box(named("f")), 'action="getAll" attachmentPath="a/b/c"', files="here/a/b/c/f"),
    line(127, "lucee", box(named("f")), 'attachmentPath="$D"', columns=HEADER_L, folders="in", files="", sent="TOP 1 0"),
    line(127, "adobe", box(named("f")), 'attachmentPath="$D"', columns=f"{HEADER_A},attachments,attachmentfiles", files="in/f",
         attachments="f", sent="RETR 1"),

    # -- the query object
    line(128, "lucee", THREE, 'name="q"', page="{{ q.messagenumber }}|{{ q.subject }}|{{ q.subject[99] }}", text="1|t|"),
    line(129, "lucee", THREE, 'name="q"', page="{{ q.RECORDCOUNT }}|{{ q.recordcount }}", text="3|3"),
    line(129, "openbd", THREE, 'name="q"', page="{{ q.RECORDCOUNT }}|{{ q.recordcount }}", text="3|3"),
    line(130, "lucee", THREE, columnlist="DATE,FROM,MESSAGENUMBER,MESSAGEID,REPLYTO,SUBJECT,CC,TO,SIZE,HEADER,UID"),
    line(130, "openbd", THREE, columnlist="cc,date,from,header,messageid,messagenumber,replyto,subject,to,uid"),
    line(131, "lucee", THREE, 'name="q"', page="{{ valueList(q.uid) }}", text="uid1,uid2,uid3"),
    line(131, "lucee", EMPTY, 'name="q"', page="{{ valueList(q.uid) }}", text=""),
    line(131, "openbd", EMPTY, 'name="q"', page="{{ valueList(q.uid) }}", text=""),
    line(132, "lucee", THREE, 'name="q"', page='{{ queryColumnData(q, "uid") }}', text="['uid1', 'uid2', 'uid3']"),
    line(133, "lucee", THREE, 'name="q"', page="{{ q.bcc }}", error="UndefinedError: Column [bcc] not found in query"),
    line(134, "lucee", THREE, 'action="getAll" name="q"', page="[{{ q.seen }}]", text="[]"),
    line(135, "lucee", THREE, 'action="getAll" name="q"', page="{{ isStruct(q.cids) }}", text="True"),
    line(136, "lucee", THREE, 'name="q"', text="123|1",
         page="<% cfloop query='q' %>{{ q.currentrow }}<% endcfloop %>|{{ q.currentrow }}"),
    line(136, "lucee", THREE, 'name="q"', text="123|1",
         page="<% cfloop query='q' %><% cfloop query='q' %><% endcfloop %>{{ q.currentrow }}<% endcfloop %>|{{ q.currentrow }}"),
)
# fmt: on
