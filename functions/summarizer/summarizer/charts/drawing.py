"""Draws one chart as SVG: bars for what adds up, a line for anything else.

The picture has no script, no link, and only fonts of the reader's system. It has a background and colours for light and
for dark. What is partial is hollow and dashed. The year before is a short level in each period, and a plan or a goal is
a dashed level.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from summarizer.charts.scale import Scale
from summarizer.markup import one_line
from summarizer.units import Style

WIDTH, HEIGHT = 720, 320
LEFT, RIGHT, TOP, BOTTOM = 84, 16, 64, 40
MAX_LABELS = 8
MAX_DOTS = 32  # with more, a line has none
MAX_TITLE = 90
STYLE = """
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;font-size:12px;fill:#4a4f57}
.paper{fill:#ffffff}.title{font-size:15px;font-weight:600;fill:#16191d}
.grid{stroke:#d9dde2;stroke-width:1}.zero{stroke:#6b7280;stroke-width:1}
.value{fill:#1f6feb}.line{fill:none;stroke:#1f6feb;stroke-width:2.5}
.partial{fill:none;stroke:#1f6feb;stroke-width:1.5;stroke-dasharray:4 3}
.halo{fill:none;stroke:#ffffff;stroke-width:6}.before{fill:none;stroke:#8a5a00;stroke-width:2.5;stroke-dasharray:3 2}
.target{fill:none;stroke:#b3261e;stroke-width:2;stroke-dasharray:8 4}
@media (prefers-color-scheme:dark){
text{fill:#b6bcc6}.paper{fill:#0f1216}.title{fill:#f2f4f7}.grid{stroke:#2b3139}.zero{stroke:#9aa3af}
.halo{stroke:#0f1216}.value{fill:#6cb0ff}.line,.partial{stroke:#6cb0ff}.before{stroke:#e3b341}.target{stroke:#ff8f87}}
""".strip()


@dataclass(frozen=True)
class Slot:
    """One period of a chart. A figure is None where there is none. ``label`` is plain text."""

    label: str
    value: Decimal | None
    is_partial: bool = False
    before: Decimal | None = None
    target: Decimal | None = None


@dataclass(frozen=True)
class Chart:
    """``title`` and ``target_name`` (plan or goal) are plain text."""

    title: str
    style: Style
    slots: tuple[Slot, ...]
    as_bars: bool
    target_name: str = ""


def draw(chart: Chart) -> str:
    """The chart as the text of an SVG file. A chart has a slot with a value at least."""
    svg = Element("svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img")
    svg.set("width", str(WIDTH))
    svg.set("height", str(HEIGHT))
    SubElement(svg, "title").text = one_line(chart.title)
    SubElement(svg, "desc").text = _description(chart)
    SubElement(svg, "style").text = STYLE
    SubElement(svg, "rect", {"class": "paper", "width": str(WIDTH), "height": str(HEIGHT)})
    _Drawing(svg, chart).everything()
    return ElementTree.tostring(svg, encoding="unicode") + "\n"


def _description(chart: Chart) -> str:
    """The figures as text, for readers who do not see the picture."""
    figures = [
        f"{slot.label}{' (partial)' if slot.is_partial else ''}: {_plain(chart.style, slot.value)}"
        for slot in chart.slots
        if slot.value is not None
    ]
    return one_line("; ".join(figures[-MAX_TITLE:]))


def _plain(style: Style, value: Decimal) -> str:
    return style.tabled(value, derived=True).replace("\\", "")


class _Drawing:
    def __init__(self, svg: Element, chart: Chart) -> None:
        self.svg, self.chart = svg, chart
        values = [v for slot in chart.slots for v in (slot.value, slot.before, slot.target) if v is not None]
        self.scale = Scale.fitting(values, with_zero=chart.as_bars)
        self.step = (WIDTH - LEFT - RIGHT) / len(chart.slots)

    def everything(self) -> None:
        title = one_line(self.chart.title)
        self._text(LEFT - 68, 24, title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1] + "…", "title")
        self._axes()
        if self.chart.as_bars:
            self._path("value", self._bars(partial=False))
            self._path("partial", self._bars(partial=True))
        else:
            self._path("line", self._line(partial=False))
            self._path("partial", self._line(partial=True))
            self._dots()
        before = list(self._levels([slot.before for slot in self.chart.slots], 0.5))
        self._path("halo", before)
        self._path("before", before)
        self._path("target", self._levels([slot.target for slot in self.chart.slots], 1))
        self._legend()

    def _axes(self) -> None:
        style = Style.fitting(self.chart.style.unit, self.scale.ticks)
        for tick in self.scale.ticks:
            y = self._y(tick)
            kind = "zero" if tick == 0 else "grid"
            SubElement(self.svg, "line", {"class": kind, "x1": str(LEFT), "x2": str(WIDTH - RIGHT), "y1": y, "y2": y})
            self._text(LEFT - 8, float(y) + 4, style.short(tick).replace("\\", ""), anchor="end")
        every = -(-len(self.chart.slots) // MAX_LABELS)
        for at, slot in enumerate(self.chart.slots):
            if at % every == 0:
                self._text(self._middle(at), HEIGHT - BOTTOM + 20, slot.label, anchor="middle")

    def _bars(self, *, partial: bool) -> Iterator[str]:
        width = max(self.step * 0.7, 0.8)
        zero = self._y(Decimal(0))
        for at, slot in enumerate(self.chart.slots):
            if slot.value is not None and slot.is_partial is partial:
                left = self._middle(at) - width / 2
                yield f"M{left:.1f} {zero}V{self._y(slot.value)}h{width:.1f}V{zero}z"

    def _line(self, *, partial: bool) -> Iterator[str]:
        """The strokes between figures that follow each other; those from or to a partial one apart."""
        slots = self.chart.slots
        for at, (one, two) in enumerate(pairwise(slots)):
            if one.value is not None and two.value is not None and (one.is_partial or two.is_partial) is partial:
                yield (f"M{self._middle(at):.1f} {self._y(one.value)}L{self._middle(at + 1):.1f} {self._y(two.value)}")

    def _dots(self) -> None:
        if len(self.chart.slots) > MAX_DOTS:
            return
        for at, slot in enumerate(self.chart.slots):
            if slot.value is not None:
                kind = "partial" if slot.is_partial else "value"
                place = {"cx": f"{self._middle(at):.1f}", "cy": self._y(slot.value), "r": "4"}
                SubElement(self.svg, "circle", {"class": kind, **place})

    def _levels(self, values: Sequence[Decimal | None], part: float) -> Iterator[str]:
        """A level for each value, as wide as this part of its period."""
        for at, value in enumerate(values):
            if value is not None:
                yield f"M{self._middle(at) - self.step * part / 2:.1f} {self._y(value)}h{self.step * part:.1f}"

    def _legend(self) -> None:
        slots = self.chart.slots
        shown = [
            ("partial", "partial period", any(slot.is_partial and slot.value is not None for slot in slots)),
            ("before", "year before", any(slot.before is not None for slot in slots)),
            ("target", self.chart.target_name, any(slot.target is not None for slot in slots)),
        ]
        x = float(LEFT)
        for kind, name, is_there in shown:
            if is_there:
                self._path(kind, [f"M{x:.1f} 42h26"])
                self._text(x + 32, 46, name)
                x += 60 + 7 * len(name)

    def _path(self, kind: str, parts: Iterator[str] | Sequence[str]) -> None:
        if data := "".join(parts):
            SubElement(self.svg, "path", {"class": kind, "d": data})

    def _text(self, x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> None:
        place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor}
        SubElement(self.svg, "text", {**place, **({"class": kind} if kind else {})}).text = one_line(text)

    def _middle(self, at: int) -> float:
        return LEFT + (at + 0.5) * self.step

    def _y(self, value: Decimal) -> str:
        return f"{HEIGHT - BOTTOM - self.scale.part(value) * (HEIGHT - TOP - BOTTOM):.1f}"
