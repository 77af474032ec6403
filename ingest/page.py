"""A report as one HTML page that needs nothing else: no script, no address, no picture file.

Its Content-Security-Policy allows its own style sheet and nothing besides. Sizes stand in SVG
attributes, for a style attribute would be refused.
"""

import re
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Final

from ingest.figures import Figures
from ingest.parts import Bar, Bars, Cloud, Columns, Listing, Part, Section, Word

_STYLE: Final = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
_TABLE: Final = "표로 보기"
_LABELS_AT_MOST: Final = 9
"""Under a histogram, on a phone."""
_SUM: Final = re.compile(r"[0-9a-f]{32,}")
_NUMBER: Final = re.compile(r"[\d,]+(?:\.\d+)?")
_PAGE: Final = """<!doctype html>
<html lang="ko">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>{heading}</h1>
<p>{subtitle}</p>
</header>
<main>
<dl class="tiles">
{tiles}
</dl>
<nav aria-label="차례">
{contents}
</nav>
<div class="sections">
{sections}
</div>
</main>
</body>
</html>
"""


def page(figures: Figures) -> str:
    """The same figures make the same page."""
    return _PAGE.format(
        policy=policy(),
        title=escape(f"{figures.title} · {figures.subtitle}"),
        style=_STYLE,
        heading=escape(figures.title),
        subtitle=escape(figures.subtitle),
        tiles="\n".join(
            f"<div><dt>{escape(name)}</dt><dd>{escape(told)}</dd></div>"
            for name, told in figures.tiles
        ),
        contents="\n".join(
            f'<a href="#{one.key}">{escape(one.title)}</a>' for one in figures.sections
        ),
        sections="\n".join(map(_section, figures.sections)),
    )


def policy() -> str:
    style = b64encode(sha256(_STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'"


def _section(section: Section) -> str:
    says = "\n".join(f"<p>{escape(sentence)}</p>" for sentence in section.says)
    charts = [part for part in section.parts if not isinstance(part, Listing)]
    below = [part for part in section.parts if isinstance(part, Listing)]
    alone = len(charts) == 1
    drawn = "\n".join(_part(part, named=not alone) for part in charts)
    group = f'<div class="charts{"" if alone else " several"}">\n{drawn}\n</div>' if charts else ""
    tables = "\n".join(_part(part, named=part.title != section.title) for part in below)
    half = ' class="half"' if section.half else ""
    return (
        f'<section{half} id="{section.key}" aria-labelledby="{section.key}-title">\n'
        f'<h2 id="{section.key}-title">{escape(section.title)}</h2>\n'
        f"{says}\n{group}\n{tables}\n</section>"
    )


def _part(part: Part, *, named: bool) -> str:
    """`named` where its title is not the section's own."""
    match part:
        case Bars():
            return _figure(part.title if named else "", _bars(part))
        case Columns():
            rows = [(bar.name, bar.told) for bar in part.bars]
            table = _folded(_TABLE, _table(part.title, part.heads, rows))
            return _figure(part.title if named else "", _columns(part) + table)
        case Cloud():
            rows = [(word.text, f"{word.count:,}") for word in part.words]
            table = _folded(_TABLE, _table(part.subject, ("말", "리뷰"), rows))
            note = f" · 리뷰 {part.reviews:,}개"
            return _figure(part.subject, _cloud(part) + table, note)
        case Listing():
            table = _table(part.title, part.heads, part.rows)
            if part.folded:
                return _folded(part.title, table)
            return (f"<h3>{escape(part.title)}</h3>\n" if named else "") + table


def _figure(title: str, content: str, note: str = "") -> str:
    soft = f"<span>{escape(note)}</span>" if note else ""
    told = f"<h3>{escape(title)}{soft}</h3>\n" if title else ""
    return f'<div class="chart">\n{told}{content}\n</div>'


def _bars(chart: Bars) -> str:
    """A list that reads by itself; the bar is for the eye only."""
    longest = chart.whole or max((bar.value for bar in chart.bars), default=0) or 1
    return '<ul class="bars">\n' + "\n".join(_bar(bar, longest) for bar in chart.bars) + "\n</ul>"


def _bar(bar: Bar, longest: float) -> str:
    width = 100 * bar.value / longest
    return (
        f'<li><span class="name">{escape(bar.name)}</span> '
        f'<span class="told">{escape(bar.told)}</span>'
        '<svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect class="track" width="100" height="1"/><rect width="{width:.2f}" height="1"/>'
        "</svg></li>"
    )


def _columns(chart: Columns) -> str:
    highest = max((bar.value for bar in chart.bars), default=0) or 1
    every = -(-len(chart.bars) // _LABELS_AT_MOST)
    many = " many" if every > 1 else ""
    columns = "\n".join(
        _column(bar, highest, labelled=place % every == 0, gone=_is_gone(place, chart))
        for place, bar in enumerate(chart.bars)
    )
    return f'<div class="plot"><ol class="columns{many}">\n{columns}\n</ol>{_cut(chart)}</div>'


def _column(bar: Bar, highest: float, *, labelled: bool, gone: bool) -> str:
    height = 100 * bar.value / highest
    height = max(height, 0.8) if bar.value else 0.0  # one person of ten thousand is seen too
    top = f"{100 - height:.2f}%"
    mark = ' class="gone"' if gone else ""
    label = f'<span class="label" aria-hidden="true">{escape(bar.short or bar.name)}</span>'
    return (
        f'<li><span class="unseen">{escape(bar.name)}: {escape(bar.told)}</span>'
        '<svg aria-hidden="true" focusable="false">'
        f'<rect{mark} y="{top}" width="100%" height="{height:.2f}%"/>'
        f'<text x="50%" y="{top}" dy="-6" text-anchor="middle">{escape(bar.told)}</text></svg>'
        f"{label if labelled else ''}</li>"
    )


def _is_gone(place: int, chart: Columns) -> bool:
    return chart.cut is not None and place >= chart.cut.after


def _cut(chart: Columns) -> str:
    """A line over the columns, and beside it what it is."""
    if chart.cut is None:
        return ""
    x = 100 * chart.cut.after / max(len(chart.bars), 1)
    side, words = ("end", x - 1.5) if x > 60 else ("start", x + 1.5)
    return (
        '<svg class="cut" aria-hidden="true" focusable="false">'
        f'<line x1="{x:.2f}%" x2="{x:.2f}%" y1="0" y2="100%"/>'
        f'<text x="{words:.2f}%" y="14" text-anchor="{side}">{escape(chart.cut.told)}</text></svg>'
    )


def _cloud(cloud: Cloud) -> str:
    first = ", ".join(word.text for word in cloud.words[:5])
    told = f"{cloud.subject} 리뷰에 많이 나온 말: {first}"
    words = "\n".join(_word(word, place) for place, word in enumerate(cloud.words))
    return (
        f'<svg class="cloud" viewBox="0 0 {cloud.width} {cloud.height}" role="img" '
        f'aria-label="{escape(told)}">\n{words}\n</svg>'
    )


def _word(word: Word, place: int) -> str:
    """`textLength` keeps every font to the room that was found for ours."""
    return (
        f'<text class="tone-{place % 4}" x="{word.x:.0f}" y="{word.y:.0f}" '
        f'font-size="{word.size}" textLength="{word.width:.0f}" lengthAdjust="spacingAndGlyphs">'
        f"{escape(word.text)}</text>"
    )


def _folded(title: str, content: str) -> str:
    return f"<details><summary>{escape(title)}</summary>\n{content}\n</details>"


def _table(title: str, heads: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    """In a frame of its own, which alone may be wider than a phone."""
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = "\n".join(_row(row) for row in rows)
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{escape(title)}"><table>'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def _row(row: tuple[str, ...]) -> str:
    first, *rest = row
    cells = "".join(f"<td{_kind(cell)}>{escape(cell)}</td>" for cell in rest)
    return f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>'


def _kind(cell: str) -> str:
    if _SUM.fullmatch(cell):
        return ' class="sum"'
    return ' class="number"' if _NUMBER.fullmatch(cell) else ""
