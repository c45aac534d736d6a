"""What the report is made of: figures, tables and lists, as HTML in which nothing of a student's runs."""

import html
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

BLUE, ORANGE = "#0072B2", "#D55E00"
STYLE = """
:root { color-scheme: light dark; --text: #1f1f1f; --soft: #595959; --page: #fff; --line: #ccc;
  --code: #f5f5f5; --link: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e4e4; --soft: #b0b0b0; --page: #181818;
  --line: #4a4a4a; --code: #262626; --link: #8ab4f8; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); max-width: 62rem;
  margin: 2rem auto; padding: 0 1.2rem; }
a { color: var(--link); }
h1 { font-size: 1.7rem; margin-bottom: 0; } h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); }
h3 { margin: 2rem 0 .3rem; } p { max-width: 46rem; }
table { border-collapse: collapse; margin: .6rem 0 1rem; font-size: .95rem; }
th, td { text-align: left; padding: .25rem 1.1rem .25rem 0; border-bottom: 1px solid var(--line); }
td { vertical-align: top; overflow-wrap: break-word; max-width: 26rem; }
th { font-weight: 600; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
td.n { white-space: nowrap; }
.numbers { display: flex; flex-wrap: wrap; gap: 2.2rem; margin: 1rem 0; }
.numbers div { line-height: 1.2; } .numbers b { display: block; font-size: 1.7rem; }
.figure { max-width: 56rem; background: #fff; border-radius: 4px; } .soft { color: var(--soft); }
nav a { margin-right: 1rem; } summary { cursor: pointer; }
pre { background: var(--code); padding: .5rem .8rem; overflow-x: auto; font-size: .85rem; }
"""


def page(title: str, body: str) -> str:
    """A page that needs no network: plotly's script stands in it."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escaped(title)}: report</title>"
        f"<style>{STYLE}</style><script>{get_plotlyjs()}</script></head><body>{body}</body></html>\n"
    )


def escaped(value: Any) -> str:
    """A value as text that a browser only shows."""
    return html.escape(str(value), quote=True)


def drawn(figure: go.Figure, height: int, alt: str) -> str:
    """A figure in the page's style, with words for who cannot see it."""
    figure.update_layout(
        height=height, margin={"l": 60, "r": 20, "t": 20, "b": 50}, font={"size": 14}, bargap=0.15,
        plot_bgcolor="white", legend={"orientation": "h", "y": 1.12}, showlegend=len(figure.data) > 1,
    )  # fmt: skip
    figure.update_xaxes(showline=True, linecolor="#999", ticks="outside", automargin=True)
    figure.update_yaxes(gridcolor="#e6e6e6", automargin=True, ticklabelstandoff=5)
    if any(trace.orientation == "h" for trace in figure.data):
        figure.update_xaxes(showgrid=True, gridcolor="#e6e6e6")
        figure.update_yaxes(showgrid=False)
    shown = figure.to_html(
        full_html=False, include_plotlyjs=False, config={"displaylogo": False, "responsive": True}
    )
    return f'<div class=figure role=img aria-label="{escaped(alt)}">{shown}</div>'


def listing(
    title: str,
    head: list[str],
    rows: list[list[str]],
    otherwise: str,
    said: str = "",
    *,
    most: int = 200,
    numeric: frozenset[int] | set[int] = frozenset(),
) -> str:
    """A table with its heading: what it says comes before it, and `otherwise` where there is nothing."""
    if not rows:
        return f"<h3>{title}</h3><p>{otherwise}</p>"
    before = f"<p class=soft>{said}</p>" if said else ""
    more = f"<p class=soft>and {len(rows) - most} more</p>" if len(rows) > most else ""
    return f"<h3>{title}</h3>{before}{table(head, rows[:most], numeric)}{more}"


def table(head: list[str], rows: list[list[str]], numeric: frozenset[int] | set[int] = frozenset()) -> str:
    """A table; the columns in `numeric` are set as numbers."""

    def line(cells: list[str], tag: str) -> str:
        return "".join(
            f"<{tag}{' class=n' if place in numeric else ''}>{escaped(cell)}</{tag}>"
            for place, cell in enumerate(cells)
        )

    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in rows)
    return f"<table><thead><tr>{line(head, 'th')}</tr></thead><tbody>{body}</tbody></table>"
