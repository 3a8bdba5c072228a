"""The functions that CFML pages call, in families: one a file.

Rule: `find_function`, `spelling` and FUNCTIONS are all that the rest of the package uses. A family is loaded when one of its
functions is called, because a page needs a few of them. So a new function is entered in FAMILIES too; a test holds the table to
the files.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping

from cfml_pop.cfml.functions.family import Family, Function, Page

__all__ = ["FAMILIES", "FUNCTIONS", "Function", "Page", "find_function", "load_family", "spelling"]

FAMILIES: Mapping[str, str] = {
    "lists": (
        "listLen listFirst listLast listRest listGetAt listSetAt listInsertAt listDeleteAt listAppend listPrepend listFind "
        "listFindNoCase listContains listContainsNoCase listValueCount listValueCountNoCase listIndexExists listQualify "
        "listChangeDelims listSort listToArray listRemoveDuplicates listDeleteDuplicates listItemTrim listCompact listTrim "
        "listAvg"
    ),
    "arrays": (
        "arrayNew isArray arrayLen arrayIsEmpty arrayIndexExists arrayIsDefined arrayFirst arrayLast arrayAppend arrayPrepend "
        "arrayPush arrayUnshift arrayPop arrayShift arrayInsertAt arrayDeleteAt arrayClear arrayResize arraySet arraySwap "
        "arraySort arrayReverse arraySlice arrayMid arraySplice arrayMerge arrayToList arrayToStruct"
    ),
    "array_values": (
        "arrayFind arrayFindNoCase arrayFindAll arrayFindAllNoCase arrayContains arrayContainsNoCase arrayDelete "
        "arrayDeleteNoCase arrayRemoveDuplicates arrayMax arrayMin arraySum arrayAvg arrayMedian"
    ),
    "structs": (
        "structNew isStruct structKeyExists structKeyList structKeyArray structValueArray structCount structIsEmpty structFind "
        "structInsert structUpdate structDelete structClear structAppend structCopy duplicate structSort structFindKey "
        "structFindValue"
    ),
    "queries": (
        "valueList quotedValueList valueArray isQuery queryRecordCount queryIsEmpty queryCurrentRow queryColumnList "
        "queryColumnArray queryColumnCount queryColumnExists queryKeyExists queryColumnData queryGetCell queryRowData "
        "queryGetRow querySlice queryReverse queryConvertForGrid"
    ),
    "query_changes": (
        "queryNew queryAddRow querySetCell querySetRow queryAddColumn queryDeleteColumn queryRenameColumn queryDeleteRow "
        "queryClear queryRowSwap queryAppend queryPrepend queryInsertAt querySort"
    ),
    "paths": "getFileFromPath getDirectoryFromPath",
    "dates": (
        "now createDate createDateTime createTime createODBCDate createODBCTime createODBCDateTime createTimeSpan parseDateTime "
        "dateAdd dateDiff dateCompare dateConvert getTickCount getHttpTimeString getTimeZoneInfo"
    ),
    "date_parts": (
        "year quarter month week day dayOfWeek dayOfYear hour minute second millisecond datePart daysInMonth daysInYear "
        "firstDayOfMonth isLeapYear monthAsString monthShortAsString dayOfWeekAsString dayOfWeekShortAsString"
    ),
    "date_masks": "dateFormat timeFormat dateTimeFormat",
    "numbers": (
        "abs ceiling floor int fix round sgn max min incrementValue decrementValue val sqr exp log log10 pi sin cos tan aSin "
        "aCos atn rand randRange randomize"
    ),
    "number_masks": "numberFormat decimalFormat dollarFormat",
    "bits": "formatBaseN inputBaseN bitAnd bitOr bitXor bitNot bitSHLN bitSHRN bitMaskClear bitMaskRead bitMaskSet",
    "decisions": (
        "isNumeric isBoolean isDate isNumericDate isSimpleValue isBinary isEmpty yesNoFormat booleanFormat trueFalseFormat "
        "isValid"
    ),
    "text": (
        "len left right mid trim lTrim rTrim lCase uCase ucFirst find findNoCase findOneOf spanIncluding spanExcluding getToken "
        "compare compareNoCase asc chr reverse repeatString toString createUUID createGUID"
    ),
    "text_changes": (
        "replace replaceNoCase replaceList replaceListNoCase insert removeChars lJustify rJustify cJustify stripCr newLine wrap "
        "paragraphFormat"
    ),
    "regex": "reFind reFindNoCase reMatch reMatchNoCase reReplace reReplaceNoCase reEscape",
    "encoders": (
        "htmlEditFormat htmlCodeFormat xmlFormat encodeForHTML encodeForHTMLAttribute encodeForXML encodeForXMLAttribute "
        "encodeForJavaScript encodeForCSS encodeForURL urlEncodedFormat urlDecode decodeFromURL decodeForHTML jsStringFormat"
    ),
    "binary": "toBase64 toBinary binaryEncode binaryDecode charsetEncode charsetDecode",
    "json_text": "serializeJSON deserializeJSON isJSON",
}
"""File -> the names of its functions, as CFML writes them."""

_FAMILY_OF = {name: file for file, names in FAMILIES.items() for name in names.split()}
_SPELLINGS = {name.lower(): name for name in _FAMILY_OF}


class _Functions(Mapping[str, Function]):
    """Every function under its CFML name, loaded when it is asked for."""

    def __init__(self) -> None:
        self._loaded: dict[str, Function] = {}

    def __getitem__(self, name: str) -> Function:
        found = self._loaded.get(name)
        if found is None:
            self._loaded.update(load_family(_FAMILY_OF[name]).functions)
            found = self._loaded[name]
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(_FAMILY_OF)

    def __len__(self) -> int:
        return len(_FAMILY_OF)


FUNCTIONS: Mapping[str, Function] = _Functions()
"""Every function, under its CFML name. To look at names loads nothing."""


def load_family(file: str) -> Family:
    """The family in a file of this folder."""
    family: Family = importlib.import_module(f"{__name__}.{file}").FAMILY
    return family


def spelling(name: str) -> str | None:
    """The name, in any case, as CFML writes it; None if there is no such function. It loads nothing."""
    return _SPELLINGS.get(name.lower())


def find_function(name: str) -> Function | None:
    """The function of that name, any case; None if there is none."""
    spelled = spelling(name)
    return None if spelled is None else FUNCTIONS[spelled]
