"""The grammar of the tag, and its errors."""

from __future__ import annotations

import pytest
from jinja2 import Environment, TemplateSyntaxError
from markupsafe import Markup

from tests.jinja_support import ARGUMENTS, LOGIN, FakeClient, install, render


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    return install(monkeypatch)


@pytest.mark.parametrize(
    "attributes",
    [
        'action="getAll" secure="yes" name="mail"',
        "ACTION='GETALL' Secure='YES' NAME='mail'",
        "action=getAll secure=yes name=mail",
        "action=getall, secure=TRUE, name=mail,",
        "action = 'getAll'\n secure\n name = mail",
        "action='getAll' secure='1' variable='mail' /",
        "action='getAll' secure=1 name=mail /",
        "action=what secure=on name=mail/",
        "action='#what#' secure=(1 == 1) name=mail",
        "action='get#part#' secure='#on#' name='variables.mail'",
        "attributeCollection={'action': 'getAll', 'secure': true} name=mail",
        "attributeCollection={'ACTION': 'delete', 'uid': '1'} action='getAll' secure name=mail uid='1'",
    ],
)
def test_spellings(fake: FakeClient, attributes: str) -> None:
    """Case, quotes, commas, bare words, expressions, a valueless attribute and the closing slash all mean the same."""
    source = "{% cfpop " + LOGIN + attributes + " %}{{ mail.recordcount }}"
    assert "2" == render(source, what="getAll", on=True, part="All")
    assert ("getAll", True, 995) == (fake.call.action, fake.call.secure, fake.call.port)


@pytest.mark.parametrize(
    "arguments",
    [
        'name="mail"',
        "name=mail",
        'NAME="mail",',
        'variable="mail", secure=false',
        'name="mail", **{"maxrows": ""}',
        '\n name="mail",\n timeout=n\n',
    ],
)
def test_call_form(fake: FakeClient, arguments: str) -> None:
    """The statement cfpop(...) binds its name, and takes a collection with two stars."""
    assert "2" == render("{% cfpop(" + ARGUMENTS + ", " + arguments + ") %}{{ mail.recordcount }}", n=3)
    assert "mail" == fake.call.name


def test_values_in_the_call_form_are_jinja(fake: FakeClient) -> None:
    """In cfpop(...) a # is a plain character and a word is a variable."""
    render('{% cfpop(server="h", username="#u#", password="p", name="m", secure=yes, uid=[a, b]) %}', yes=False, a="x,y", b="z")
    assert ("#u#", False, ("x,y", "z")) == (fake.call.username, fake.call.secure, fake.call.uids)


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [
        ("uid=x", ("a", "b")),
        ("uid=x|upper", ("A", "B")),
        ("uid=ids|join(',')", ("1", "2")),
        ("uid=ids", ("1", "2")),
        ("uid=(ids if x else none)", ("1", "2")),
        ("uid=ids[0] ~ 'z'", ("1z",)),
        ("uid=('a' ~ 'b')", ("ab",)),
        ("uid=row.uid", ("r1",)),
        ("uid=10/2", ("5",)),
        ("uid=rows|map(attribute='uid')", ("r1",)),
        ("uid=safe", ("<1>&",)),
        ("uid=''", ()),
    ],
)
def test_expressions(fake: FakeClient, attribute: str, expected: tuple[str, ...]) -> None:
    """An unquoted value is any Jinja expression."""
    row = {"uid": "r1"}
    render(
        "{% cfpop " + LOGIN + "action=delete " + attribute + " %}",
        x="a,b",
        ids=["1", "2"],
        row=row,
        rows=[row],
        safe=Markup("<1>&"),
    )
    assert expected == fake.call.uids


def test_password_is_not_changed(fake: FakeClient) -> None:
    """A password with characters of HTML arrives as it was written, also when it is joined or marked as safe."""
    render('{% cfpop server="h" username="u" password="p&<#x#>" name="m" %}', x=Markup("&amp;"))
    assert "p&<&amp;>" == fake.call.password.reveal()


NO_NAME = 'cfpop: name takes the name of a variable, with dots where it goes into a mapping: name="session.mail"'

COMPILE_FAULTS = [
    ("{% cfpop LOGIN\n name=session['mail'] %}", 2, NO_NAME),
    ("{% cfpop LOGIN\n name=f() %}", 2, NO_NAME),
    ("{% cfpop LOGIN\n name %}", 2, 'cfpop: name needs the name of a variable: name="mail"'),
    ("{% cfpop LOGIN name=m\n catch %}", 2, 'cfpop: catch needs the name of a variable: catch="mail"'),
    ("{% cfpop LOGIN name=m\n catch='m' %}", 2, "cfpop: catch must name another variable than name"),
    ("{% cfpop LOGIN\n catch=variables.m\n name=m %}", 2, "cfpop: catch must name another variable than name"),
    ("{% cfpop LOGIN name=s.m\n catch=s %}", 2, "cfpop: catch must name another variable than name"),
    ("{% cfpop LOGIN name=s.m\n catch=s.m.e %}", 2, "cfpop: catch must name another variable than name"),
    (
        "{% cfpop LOGIN name=m\n attachmentpath='C:\\Users' %}",
        2,
        ("cfpop: truncated \\UXXXXXXXX escape; in a template's text a backslash begins an escape: write \\\\ or /"),
    ),
    ("{% cfpop server='h' username='u' name=m\n password='C:\\Users' %}", 2, None),
    (
        "{% cfpop server='mail:110' username='u' password='p'\n name=m %}",
        1,
        "cfpop: server must be the host alone, not 'mail:110'; write port=110",
    ),
    (
        '{% cfpop\n server="h"\n sever="h"\n username="u" password="p" name="m" %}',
        3,
        "cfpop: sever is not an attribute of cfpop; did you mean server?",
    ),
    ("{% cfpop LOGIN\n name=m\n\n port='pop3' %}", 4, "cfpop: port must be a whole number, not 'pop3'"),
    ("{% cfpop LOGIN\n name=m\n port=70000 %}", 3, "cfpop: port must be between 1 and 65535, not 70000"),
    ("{% cfpop LOGIN\n name=m\n port %}", 3, "cfpop: port must be a whole number, not true"),
    (
        "{% cfpop LOGIN name=m timeout='-1' %}",
        1,
        "cfpop: timeout must be a number of seconds above 0 and up to 2000000, not '-1'",
    ),
    ("{% cfpop LOGIN name=m\n maxrows='all' %}", 2, "cfpop: maxrows must be a whole number, not 'all'"),
    ("{% cfpop LOGIN name=m\n secure='maybe' %}", 2, "cfpop: secure must be yes or no, not 'maybe'"),
    (
        "{% cfpop LOGIN name=m\n action='getal' %}",
        2,
        "cfpop: action must be one of getHeaderOnly, getAll, delete, markRead, not 'getal'",
    ),
    ("{% cfpop LOGIN\n name=m delimiter='|' %}", 2, "cfpop: delimiter needs uid, whose items it separates"),
    ("x\n{% cfpop LOGIN %}", 2, "cfpop: name is required for getHeaderOnly: the variable that gets the query"),
    ("{% cfpop LOGIN\n name=m\n port=1\n PORT=2 %}", 4, "cfpop: PORT is given twice"),
    ("{% cfpop LOGIN\n name=m\n variable=n %}", 3, "cfpop: variable is given twice"),
    ("{% cfpop connection='c' name=m\n server='h' %}", 2, "cfpop: server cannot stand beside connection, which brings its own"),
    (
        "{% cfpop LOGIN\n name='a b' %}",
        2,
        "cfpop: name must be the name of a variable, with dots where it goes into a mapping, not 'a b'",
    ),
    ("{% cfpop LOGIN\n name='loop' %}", 2, "cfpop: name must not be 'loop', which Jinja keeps for itself"),
    ("{% cfpop LOGIN\n name=True %}", 2, "cfpop: name must not be 'True', which Jinja keeps for itself"),
    ("{% cfpop LOGIN name=m\n catch=self %}", 2, "cfpop: catch must not be 'self', which Jinja keeps for itself"),
    (
        "{% cfpop LOGIN\n name='Messages#n#' %}",
        2,
        (
            "cfpop: name must be spelt out, because Jinja knows its variables before it runs; "
            'to choose one at run time write name="mails.x" with a mapping'
        ),
    ),
    ("{% cfpop LOGIN name=m\n attachmentpath='C:\\temp' %}", 2, None),
    ("{% cfpop LOGIN name=m\n attachmentpath='\\temp' %}", 2, None),
    ("{% cfpop server='h'\n username='dom\\nick' password='p' name=m %}", 2, None),
    (
        "{% cfpop server=pop-1.example.com username='u' password='p' name=m %}",
        1,
        (
            'cfpop: server=pop-1.example.com is an expression; text goes in quotes: server="pop-1.example.com" '
            "(a variable: (pop-1.example.com))"
        ),
    ),
    (
        "{% cfpop server=10.0.0.1 username='u' password='p' name=m %}",
        1,
        'cfpop: server=10.0.0.1 is an expression; text goes in quotes: server="10.0.0.1" (a variable: (10.0.0.1))',
    ),
    ("{% cfpop LOGIN name=m\n uid=a@b.com %}", 2, None),
    (
        '{% cfpop LOGIN name=m\n uid="a""b" %}',
        2,
        'two quoted texts in a row after uid; inside quotes write \\" for a quote, or use the other kind around',
    ),
    ('{% cfpop LOGIN name=m\n uid="a" ~ b %}', 2, "unexpected '~' after the value of uid; put an expression in parentheses"),
    (
        '{% cfpop LOGIN name=m\n uid="a" if b else c %}',
        2,
        "'if' is no attribute of cfpop; put an expression in parentheses: uid=(a if b else c)",
    ),
    ("{% cfpop LOGIN name=m,\n 'x' %}", 2, "expected an attribute of cfpop, got 'string'"),
    ("{% cfpop LOGIN name=1 %}", 1, NO_NAME),
    ("{% cfpop LOGIN name=m", 1, "this cfpop has no end"),
    ("{% cfpop('h') %}", 1, "cfpop(...) takes its attributes by name: cfpop(server=..., username=...)"),
    (
        "{% cfpop(ARGUMENTS).recordcount %}",
        1,
        "the statement cfpop(...) ends with its parenthesis; to go on with the query write set mail = cfpop(...)",
    ),
    ("{% cfpop(ARGUMENTS\n port=1) %}", 2, "expected token ',', got 'port'"),
    ("{% cfpop(ARGUMENTS, name=m,\n port='x') %}", 2, None),
]


@pytest.mark.parametrize(("source", "line", "text"), COMPILE_FAULTS)
def test_compile_faults(source: str, line: int, text: str | None) -> None:
    """What the template's text shows to be wrong is an error when it is compiled, on the line of the attribute."""
    source = source.replace("LOGIN", LOGIN).replace("ARGUMENTS", ARGUMENTS)
    with pytest.raises(TemplateSyntaxError) as caught:
        Environment(extensions=["cfml_pop.CfpopExtension"], autoescape=True).from_string(source)
    assert line == caught.value.lineno
    if text is not None:
        assert text == caught.value.message


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("{% cfpop LOGIN name=m attachmentpath='C:\\temp' %}", "holds a control character (TAB)"),
        ("{% cfpop LOGIN name=m attachmentpath='\\temp' %}", "write \\\\ or /"),
        ("{% cfpop server='h' username='dom\\nick' password='p' name=m %}", "username holds a control character (LF)"),
        ("{% cfpop server='h' username='u' password='p\\tw' name=m %}", "password holds a control character (TAB)"),
        ("{% cfpop LOGIN name=m uid=a@b.com %}", "values of cfpop go in quotes"),
        ("{% cfpop LOGIN name=m uid=#x# %}", "values of cfpop go in quotes"),
        ("{% cfpop(ARGUMENTS, port='x') %}", "port must be a whole number, not 'x'"),
    ],
)
def test_hints(source: str, hint: str) -> None:
    """Common slips are answered with what to write."""
    with pytest.raises(TemplateSyntaxError) as caught:
        render(source.replace("LOGIN", LOGIN).replace("ARGUMENTS", ARGUMENTS))
    assert hint in str(caught.value.message)


def test_all_faults_of_a_tag() -> None:
    """One error tells every fault of the tag with its line, in the order of the lines, and points at the first."""
    source = "\n{% cfpop\n sever='h'\n username='u'\n port='x'\n timeout=0\n port=1\n action='a'\n uid=x %}"
    with pytest.raises(TemplateSyntaxError) as caught:
        render(source)
    assert 2 == caught.value.lineno
    assert [
        "cfpop has 6 faults:",
        "  line 2: password is required",
        "  line 3: sever is not an attribute of cfpop; did you mean server?",
        "  line 5: port must be a whole number, not 'x'",
        "  line 6: timeout must be a number of seconds above 0 and up to 2000000, not 0",
        "  line 7: port is given twice",
        "  line 8: action must be one of getHeaderOnly, getAll, delete, markRead, not 'a'",
    ] == str(caught.value.message).splitlines()


def test_faults_that_reading_finds_are_among_all() -> None:
    """A text that cannot be read and a name that is none do not hide the other faults."""
    source = "{% cfpop server='h' username='u'\n uid='#a b#'\n name=x[1]\n catch='self'\n port='x'\n password=a b %}"
    with pytest.raises(TemplateSyntaxError) as caught:
        render(source)
    assert [
        "cfpop has 5 faults:",
        "  line 2: uid: unexpected 'b' in #a b#; write ## for the character #",
        "  line 3: " + NO_NAME.removeprefix("cfpop: "),
        "  line 4: catch must not be 'self', which Jinja keeps for itself",
        "  line 5: port must be a whole number, not 'x'",
        "  line 6: password cannot be read; in a password write ## for #, and text goes in quotes",
    ] == str(caught.value.message).splitlines()


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ("server=hosts[0] username='u'", ("a", "u")),
        ("server='h' username=accounts[1]", ("h", "v")),
        ("server=cfg['net'] username='u'", ("n", "u")),
        ("server='h' username=user.info", ("h", "i")),
        ("server=cfg.hosts[0].name username=user.info", ("x", "i")),
        ("server='[::1]' username=user['info']", ("::1", "i")),
    ],
)
def test_variables_that_are_no_hosts(fake: FakeClient, attributes: str, expected: tuple[str, str]) -> None:
    """An item, a user name, or a dotted name that ends in no top-level domain is an expression as it stands."""
    context = {"hosts": ["a"], "accounts": ["u", "v"], "cfg": {"net": "n", "hosts": [{"name": "x"}]}, "user": {"info": "i"}}
    render("{% cfpop " + attributes + " password='p' name=m %}", None, **context)
    assert expected == (fake.call.server, fake.call.username)


def test_password_is_in_no_error() -> None:
    """A compile error does not repeat the password."""
    with pytest.raises(TemplateSyntaxError) as caught:
        render("{% cfpop server='h' username='u' password='hunter\\n2' port='x' name='m' %}")
    assert "hunter" not in str(caught.value.message)


def test_variables_beside_hosts(fake: FakeClient) -> None:
    """A dotted variable is no host name by itself, and parentheses say that one is meant."""
    render("{% cfpop server=config.host username=config.user password='p' name=m %}", config={"host": "h", "user": "u"})
    assert ("h", "u") == (fake.call.server, fake.call.username)
    render("{% cfpop server=(config.net) username='u' password='p' name=m %}", config={"net": "n"})
    assert "n" == fake.call.server
