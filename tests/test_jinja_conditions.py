"""cfif and cfswitch."""

from __future__ import annotations

import pytest
from jinja2 import TemplateSyntaxError

from cfml_pop.errors import FunctionFault
from tests.tags_support import page, tags_environment


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<% cfif x gt 3 %>a<% cfelse %>b<% endcfif %>", "a"),
        ("<% cfif x gt 9 %>a<% cfelseif x eq 5 %>b<% cfelseif nope %>c<% cfelse %>d<% endcfif %>", "b"),
        ("<% CFIF x gt 9 %>a<% CFELSEIF x gt 8 %>b<% CFELSE %>d<% /CFIF %>", "d"),
        ("<% cfif x gt 9 %>a<% endcfif %>", ""),
        ("<% cfif 1 %><% cfif 0 %>a<% cfelse %>b<% endcfif %><% cfelse %>c<% endcfif %>", "b"),
        ("<% cfif mail.recordcount %>a<% endcfif %>", "a"),
        ("<% cfif #x# is '5' and (not isDefined('nope') or #nope# gt 1) %>a<% endcfif %>", "a"),
        ("<% cfif 'a #x#' contains \"5\" %>a<% endcfif %>", "a"),
        ("<% cfif x\n eq\n 5 -%>  a <%- cfelse %>b<% endcfif %>", "a"),
        ("<% cfif x eq 5 / %>a<% endcfif %>", "a"),
        ("<% cfif true %><% if x == 5 %>a<% else %>b<% endif %><% endcfif %>", "a"),
        (
            "<%cfswitch expression='#x#'%><%cfcase value='4,5'%>a<%/cfcase%><%cfdefaultcase%>b<%/cfdefaultcase%><%/cfswitch%>",
            "a",
        ),
        (
            "<%cfswitch expression=given%>\n <%cfcase value='A'%>a<%/cfcase%>\n<%cfcase value='b'%>b<%/cfcase%>\n<%/cfswitch%>",
            "a",
        ),
        (
            "<%cfswitch expression='z'%><%cfcase value='A'%>a<%endcfcase%><%cfdefaultcase%>b<%endcfdefaultcase%><%endcfswitch%>",
            "b",
        ),
        (
            "<%cfswitch expression='z'%><%cfdefaultcase%>b<%endcfdefaultcase%><%cfcase value='z'%>a<%endcfcase%><%endcfswitch%>",
            "a",
        ),
        ("<% cfswitch expression='z' %><% cfcase value='a' %>a<% endcfcase %><% endcfswitch %>", ""),
        ("<% cfswitch expression='a,b' %><% cfcase value='x;a,b' delimiters=';' %>a<% endcfcase %><% endcfswitch %>", "a"),
        ("<% cfswitch expression='1.0' %><% cfcase value='1' %>a<% endcfcase %><% endcfswitch %>", "a"),
    ],
)
def test_branches(source: str, expected: str) -> None:
    """The first branch whose condition holds is taken, and no condition after it is asked."""
    assert expected == page(source, x=5, given="a")


@pytest.mark.parametrize(
    ("source", "line", "text"),
    [
        ("<% cfif %>a<% endcfif %>", 1, "cfif: expected a value, got the end"),
        ("<% cfif x %>\n<% cfelse x %><% endcfif %>", 2, "cfelse: takes no condition; write cfelseif"),
        ("<% cfif x %>\n\n<% cfelseif %><% endcfif %>", 3, "cfelseif: expected a value, got the end"),
        ("<% cfif x %><% cfelse %>\n<% cfelse %><% endcfif %>", 2, "cfelse stands in cfif only"),
        ("\n<% cfelseif x %>", 2, "cfelseif stands in cfif only"),
        ("\n<% cfcase value=1 %>", 2, "cfcase stands in cfswitch only"),
        ("<% cfif x %>", 1, "Unexpected end of template"),
        ("<% cfswitch expression=1 %>\nx<% endcfswitch %>", 1, "in cfswitch all stands in a cfcase or cfdefaultcase"),
        ("<% cfswitch %><% endcfswitch %>", 1, "cfswitch: expression is missing"),
        ("<% cfswitch expression=1 %>\n<% cfcase %><% endcfcase %><% endcfswitch %>", 2, "cfcase: value is missing"),
        (
            "<%cfswitch expression=1%><%cfdefaultcase%><%/cfdefaultcase%>\n<%cfdefaultcase%><%/cfdefaultcase%><%/cfswitch%>",
            2,
            "cfswitch has one cfdefaultcase only",
        ),
    ],
)
def test_faults_of_the_text(source: str, line: int, text: str) -> None:
    """A branch in the wrong place, or without its condition, is told when the template is compiled."""
    with pytest.raises(TemplateSyntaxError) as caught:
        tags_environment().from_string(source)
    assert (line, text) == (caught.value.lineno, (caught.value.message or "")[: len(text)])


@pytest.mark.parametrize(
    ("source", "line", "text"),
    [
        ("\n<% cfif 'abc' %><% endcfif %>", 2, "cfif: the condition must be yes or no, not 'abc'"),
        ("\n<% cfif '' %><% endcfif %>", 2, "cfif: the condition must be yes or no, not ''"),
        ("\n<% cfif false %>\n<% cfelseif mail %><% endcfif %>", 3, "cfelseif: the condition must be yes or no, not a query"),
        ("\n<% cfif nope %><% endcfif %>", 2, "cfif: the condition has no value: 'nope' is undefined"),
        (
            "\n<% cfswitch expression=mail %>\n<% cfcase value=1 %><% endcfcase %><% endcfswitch %>",
            3,
            "cfswitch: expression must be a simple value (text, number, boolean, date), not a query",
        ),
    ],
)
def test_faults_of_values(source: str, line: int, text: str) -> None:
    """What is no condition is an error with the line, and never false."""
    with pytest.raises(FunctionFault) as caught:
        page(source)
    assert (text, line) == (caught.value.message, caught.value.lineno)
