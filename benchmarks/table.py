"""The figures as lines, as Markdown and as a plot.

Rule: a run that is missing, partial or wrong is never shown as a plain figure. Ratios are medians of the ratios of each round; of
a reader that ran one round only, its time by the median of ours.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.jobs import ASYNC, OURS, RAW, Goal

__all__ = ["COMMANDS", "line", "markdown", "median", "plot", "ratio", "reached"]

COMMANDS: dict[str, dict[str, int]] = {
    "poplib + email": {"headers": 1, "all": 1, "delete": 1, "render": 1},
    "JavaMail": {"headers": 3, "all": 4, "delete": 2},
    "Poco": {"headers": 1, "all": 1, "delete": 1},
    "curl": {"headers": 1, "all": 1},
}
"""Round trips a message of those that wait for each answer."""


def median(run: dict[str, Any], key: str) -> float | None:
    """The median of a figure over the rounds, None where there is none."""
    values: list[float] = [got[key] for got in run["rounds"] if got.get(key) is not None]
    return statistics.median(values) if values else None


def ratio(one: dict[str, Any], other: dict[str, Any]) -> float | None:
    """How many times longer `one` takes than `other`."""
    first: list[float] = [got["seconds"] for got in one["rounds"]]
    second: list[float] = [got["seconds"] for got in other["rounds"]]
    if not first or not second:
        return None
    if len(first) == len(second):
        return statistics.median(a / b for a, b in zip(first, second, strict=True))
    return statistics.median(first) / statistics.median(second)


def _find(runs: Iterable[dict[str, Any]], job: str, link: int, peer: str, *, tls: bool = False) -> dict[str, Any] | None:
    return next((run for run in runs if (run["job"], run["link"], run["peer"], run["tls"]) == (job, link, peer, tls)), None)


def reached(goal: Goal, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """What was measured of a goal, and whether it is reached; "not measured" where a run is missing or marked."""
    one = _find(runs, goal.job, goal.link, goal.one)
    other = _find(runs, goal.job, goal.link, goal.other)
    measured: float | None = None
    if not goal.other:
        peak = median(one, "peak") if one else None
        measured = peak / 1e6 if peak is not None else None
        what = f"`{goal.job}`: {goal.one}, MB of memory"
    else:
        measured = ratio(one, other) if one and other else None
        what = f"`{goal.job}` at {goal.link} ms: {goal.one} in times of {goal.other}"
    marked = [run for run in (one, other) if run and (run.get("wrong") or run.get("part"))]
    state = "not measured" if measured is None else _state(goal, measured)
    return {"what": what, "limit": goal.times, "least": goal.least, "measured": measured, "state": state, "marked": bool(marked)}


def _state(goal: Goal, measured: float) -> str:
    return "yes" if (measured >= goal.times if goal.least else measured <= goal.times) else "no"


# -- text ----------------------------------------------------------------------------------------------------------------------


def _mark(run: dict[str, Any]) -> str:
    marks = [run["failed"]] if run.get("failed") else []
    if run.get("part"):
        marks.append(f"one in {run['part']} messages, time multiplied")
    if run.get("wrong"):
        marks.append(f"**not all of the work: {run['wrong']}**")
    if any(got.get("undecoded") for got in run["rounds"]):
        marks.append("nothing decoded")
    return "; ".join(marks)


def line(run: dict[str, Any]) -> str:
    """One run in one line, as it ends."""
    seconds = median(run, "seconds")
    figures = ""
    if seconds is not None:
        figures = f"{seconds:9.3f} s {median(run, 'cpu') or 0:8.3f} s CPU {(median(run, 'peak') or 0) / 1e6:6.0f} MB"
    tls = " TLS" if run["tls"] else ""
    return f"{run['job']:8} {run['link']:3} ms{tls:4} {run['peer']:16} {figures} {_mark(run)}".rstrip()


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _rows(runs: list[dict[str, Any]]) -> Iterable[str]:
    ours = next((run for run in runs if run["peer"] == OURS), None)
    for run in runs:
        times = ratio(run, ours) if ours else None
        cells = [
            run["peer"],
            _number(median(run, "seconds"), ".3f"),
            _number(times, ".2f"),
            _number(median(run, "cpu"), ".3f"),
            _number((median(run, "peak") or 0) / 1e6 or None, ".0f"),
            _number(median(run, "flights"), ".0f"),
            _number(median(run, "up"), ",.0f"),
            _number(median(run, "down"), ",.0f"),
            _mark(run),
        ]
        yield "| " + " | ".join(cells) + " |"


def _remarks(runs: list[dict[str, Any]]) -> Iterable[str]:
    """Whether the raw drain is the limit that it should be."""
    by_peer = {run["peer"]: run for run in runs if run["rounds"]}
    raw, ours, mpop = (by_peer.get(name) for name in (RAW, OURS, "mpop"))
    if raw and mpop and (slower := ratio(raw, mpop)) is not None and slower > 1:
        yield f"**Void: the raw drain took {slower:.2f} times as long as mpop.**"
    if raw and ours and median(raw, "up") is not None:
        same = {median(raw, "up"), median(ours, "up"), median(by_peer.get(ASYNC, ours), "up")}
        if len(same) > 1 and not raw["tls"]:
            yield "**The raw drain and cfml_pop did not send the same octets.**"


def markdown(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    lines = [f"{report['date']}, {report['python']}, {report['dovecot']}, {report['system']}; medians."]
    if report["quick"]:
        lines += ["", "**A quick run: small mailboxes, no figures to quote.**"]
    lines += [f"\n{name} is missing: {why}" for name, why in report["missing"].items()]
    lines += ["", "| goal | to reach | measured | |", "|---|---|---|---|"]
    for goal in report["goals"]:
        bound = f"{'>=' if goal['least'] else '<='} {goal['limit']:g}"
        note = f"{goal['state']}{', from a marked run' if goal['marked'] else ''}"
        lines.append(f"| {goal['what']} | {bound} | {_number(goal['measured'], '.2f')} | {note} |")
    groups: dict[tuple[str, int, bool], list[dict[str, Any]]] = {}
    for run in report["runs"]:
        groups.setdefault((run["job"], run["link"], run["tls"]), []).append(run)
    for (job, link, tls), runs in groups.items():
        place = "loopback" if not link else f"round trip {link} ms"
        lines += ["", f"### `{job}`, {runs[0]['messages']:,} messages, {place}{', TLS' if tls else ''}", ""]
        lines += ["| | seconds | times cfml_pop | CPU s | peak MB | flights | octets up | octets down | |"]
        lines += ["|---|---|---|---|---|---|---|---|---|", *_rows(runs), "", *_remarks(runs)]
    return "\n".join(lines)


# -- plot ----------------------------------------------------------------------------------------------------------------------


def plot(report: dict[str, Any], path: Path) -> str:
    """Seconds of each reader, a panel for each job and link without TLS; gives what was done."""
    try:
        import matplotlib as mpl
    except ImportError:
        return "no plot: matplotlib is not installed (it comes with the extra bench)"
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    jobs = list(dict.fromkeys(run["job"] for run in report["runs"]))
    links = sorted({run["link"] for run in report["runs"]})
    figure, axes = plt.subplots(len(jobs), len(links), figsize=(4.5 * len(links), 2.2 * len(jobs)), squeeze=False)
    for row, job in enumerate(jobs):
        for column, link in enumerate(links):
            axis = axes[row][column]
            runs = [
                run
                for run in report["runs"]
                if (run["job"], run["link"], run["tls"]) == (job, link, False) and median(run, "seconds") is not None
            ]
            if not runs:
                axis.axis("off")
                continue
            names = [run["peer"] + ("*" if _mark(run) else "") for run in runs]
            colours = ["tab:blue" if run["peer"].startswith(OURS) or job == "eight" else "0.6" for run in runs]
            bars = axis.barh(names, [median(run, "seconds") or 0 for run in runs], color=colours)
            axis.bar_label(bars, fmt=" %.3g", fontsize=7)
            axis.set_xscale("log")
            axis.set_xlim(0.01, 2_000)  # the same in all panels, so that the lengths of their bars compare
            axis.set_xticks([0.01, 0.1, 1, 10, 100, 1_000], ["0.01", "0.1", "1", "10", "100", "1000"])
            axis.invert_yaxis()
            axis.set_title(f"{job}, {'loopback' if not link else f'{link} ms'} (s)", fontsize=9)
            axis.tick_params(labelsize=7)
    figure.text(0.01, 0.002, "* not all of the work, or nothing decoded: see the table", fontsize=7)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
    return f"plot: {path}"
