"""Write results into ``docs/performance.md``: ``python -m benchmarks.publish FILE``.

FILE holds the lines of JSON that ``make bench SAVE=FILE`` wrote. The tables between the marks and
the plot are generated from it, so that no figure is copied by hand.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from config import ROOT

PAGE = ROOT / "docs" / "performance.md"
PLOT = ROOT / "docs" / "performance.svg"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"

ENGINES = {
    "plain": "plain handler (no durability)",
    "dbos": "DBOS on Postgres",
    "pipeline": "this pipeline",
    "bare": "bare Temporal workflow",
}

Rows = dict[str, dict[str, Any]]


def rows_of(file: Path) -> Rows:
    """Return the results by row name; of several with the same name, the last one."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return {row["row"]: row for row in map(json.loads, filter(None, lines))}


def page_with(page: str, tables: str) -> str:
    """Return the page with the text between the marks replaced; raises ValueError if none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"


def tables_of(rows: Rows) -> str:
    """Return the tables of the measured rows, in Markdown."""
    makers = {
        "orders": _orders,
        "start": _start,
        "receipts": _receipts,
        "recovery": _recovery,
        "costs": _costs,
        "growth": _growth,
        "footprint": _footprint,
        "door": _door,
    }
    return "\n\n".join(make(rows[name]) for name, make in makers.items() if name in rows)


def _table(title: str, head: list[str], body: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return f"### {title}\n\n" + "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _spread(figure: dict[str, float]) -> str:
    """Return a figure as text: its median, with the lowest and highest value."""
    return f"{figure['median']:g} ({figure['lowest']:g} to {figure['highest']:g})"


def _orders(row: dict[str, Any]) -> str:
    figures = {
        "orders_per_second": "orders/s",
        "cpu_ms_per_order": "CPU an order, ms",
        "start_ms_p50": "acknowledged p50, ms",
        "start_ms_p99": "p99",
        "end_ms_p50": "end to end p50, ms",
        "end_ms_p99": "p99",
    }
    body = [
        [title, *(_spread(row[engine][figure]) for figure in figures)]
        for engine, title in ENGINES.items()
        if engine in row
    ]
    body += [
        [
            f"this pipeline by {ENGINES[name.removeprefix('pipeline_by_')]}",
            *(f"**{row[name][figure]:g}**" for figure in figures),
        ]
        for name in row
        if name.startswith("pipeline_by_")
    ]
    return _table("1. Orders", ["engine", *figures.values()], body)


def _start(row: dict[str, Any]) -> str:
    body = [
        [
            f"{what}, {figure.removeprefix('ms_')}, ms",
            *(f"{row[side][figure]:g}" for side in (what, f"bare_{what}")),
            f"**{row[f'{what}_by_bare'][figure]:g}**",
        ]
        for what in ("receipt", "order")
        for figure in ("ms_p50", "ms_p99")
    ]
    rate = "orders_per_second"
    rates = (_spread(row[side][rate]) for side in ("batch", "bare_batch"))
    body.append(["batch of 1,000, orders/s", *rates, f"**{row['batch_by_bare'][rate]:g}**"])
    head = ["started", "starter.py", "bare put and start", "ratio"]
    return _table("2. Start", head, body)


def _door(row: dict[str, Any]) -> str:
    body = [
        [
            f"{what}, {figure.removeprefix('ms_')}, ms",
            *(f"{row[side][figure]:g}" for side in (f"post_{what}", f"bare_{what}")),
            f"**{row[f'post_{what}_by_bare'][figure]:g}**",
        ]
        for what in ("receipt", "order")
        for figure in ("ms_p50", "ms_p99")
    ]
    return _table("8. HTTP door", ["accepted", "server.py", "bare put and start", "ratio"], body)


def _receipts(row: dict[str, Any]) -> str:
    ours, bare = row["pipeline"], row["bare"]["receipts_per_second"]
    body = [
        ["receipts/s, whole pipeline", _spread(ours["receipts_per_second"])],
        ["receipts/s, bare OCR", _spread(bare)],
        ["ratio", f"**{row['pipeline_by_bare']:g}**"],
        ["order on an idle machine, p50 ms", _spread(ours["order_ms_idle_p50"])],
        ["order during OCR, p50 ms", _spread(ours["order_ms_during_ocr_p50"])],
        ["ratio", f"**{row['order_during_ocr_by_idle']:g}**"],
    ]
    return _table("3. Receipts", ["figure", "measured"], body)


def _recovery(row: dict[str, Any]) -> str:
    body = [
        [
            name.removesuffix("_seconds").replace("_", " "),
            *(_spread(row[side][name]) for side in ("pipeline", "bare")),
            f"{row['pipeline'][name.replace('_seconds', '_repeated_calls')]['median']:g}",
            f"{target:g}" if target else "-",
        ]
        for name, target in row["targets"].items()
    ]
    head = [
        "50 orders in flight",
        "this pipeline, s",
        "bare Temporal, s",
        "calls repeated",
        "target",
    ]
    return _table("4. Recovery", head, body)


def _costs(row: dict[str, Any]) -> str:
    body = [
        [name.replace("_", " "), *(f"{cost[unit]:,}" for unit in ("actions", "events", "bytes"))]
        for name, cost in row.items()
        if isinstance(cost, dict)
    ]
    return _table("5. Cost", ["recorded run", "actions", "events", "bytes"], body)


def _growth(row: dict[str, Any]) -> str:
    figures = {
        "worker_cpu_ms_per_order": "worker CPU an order, ms",
        "server_cpu_ms_per_order": "server CPU an order, ms",
        "first_order_seconds": "worker start until a new order is done, s",
        "list_seconds": "list, s",
        "audit_seconds": "audit, s",
        "stuck_seconds": "list --stuck, s",
    }
    sizes = row["open_orders"]
    body = [
        [size, *(f"{at['memory_mb'][part]:g}" for part in ("worker", "temporal"))]
        + [f"{at[figure]['median']:g} ({at['ratio'][figure]:g})" for figure in figures]
        for size, at in sizes.items()
    ]
    head = ["open orders", "worker, MB", "server, MB", *figures.values()]
    return _table(f"6. Growth (in brackets: ratio to {row['ratio_to']})", head, body)


def _footprint(row: dict[str, Any]) -> str:
    figures = {
        "servers_ready_seconds": "servers ready, s",
        "worker_ready_seconds": "worker ready, s",
        "first_run_seconds": "first run done, s",
        "all_cpu_s_per_minute": "idle CPU, s a minute",
        "all_mb": "memory, MB",
    }
    body = [
        [
            title,
            _spread(row["stack"][name]),
            _spread(row["reference"][name]),
            f"{row['stack_by_reference'][name]:g}",
        ]
        for name, title in figures.items()
    ]
    head = ["figure", "whole stack and worker", "dev server, SDK defaults, empty workflow", "ratio"]
    return _table("7. Footprint", head, body)


def draw(row: dict[str, Any], file: Path) -> None:
    """Draw the figures of row ``orders`` for all engines as an SVG file."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "performance"  # the same figures make the same file
    from matplotlib import pyplot as plt

    engines = [engine for engine in ENGINES if engine in row]
    panels = {
        "orders_per_second": "orders a second (more is better)",
        "end_ms_p50": "end to end, median ms (less is better)",
        "cpu_ms_per_order": "CPU an order, ms (less is better)",
    }
    figure, axes = plt.subplots(1, len(panels), figsize=(13, 2.8), sharey=True)
    for axis, (name, title) in zip(axes, panels.items(), strict=True):
        values = [row[engine][name]["median"] for engine in engines]
        colors = ["#2a6f97" if engine == "pipeline" else "#b8c4cc" for engine in engines]
        bars = axis.barh([ENGINES[engine] for engine in engines], values, color=colors)
        axis.bar_label(bars, fmt="%g", padding=3)
        axis.set_xscale("log")
        axis.set_xlim(right=max(values) * 3)
        axis.set_title(title, fontsize=10)
        axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})


def main() -> int:
    """Write the page and the plot; return the exit code."""
    parser = argparse.ArgumentParser(description="Write measured rows into the docs.")
    parser.add_argument("file", type=Path, help="lines of JSON, written by make bench SAVE=FILE")
    rows = rows_of(parser.parse_args().file)
    if "orders" not in rows:
        sys.stderr.write("error: the file has no row 'orders', which the plot needs\n")
        return 2
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(page_with(page, tables_of(rows)), encoding="utf-8")
    draw(rows["orders"], PLOT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
