"""A ladder drawn as SVG: one file without scripts or fonts, for light and dark, that a screen reader can read out."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from callbox.ladder import Fold
from callbox.saying import in_language, say
from callbox.shown import cut, on_one_line, wrapped
from callbox.steps import named, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from callbox.ladder import Ladder
    from callbox.steps import Step

LETTER = 7.3
"""Pixels that a column of text takes at most, in 12-pixel letters of one width; a wide character takes two."""
ROW, LINE = 26, 16
"""Pixels between two steps, and between the lines of a note."""
GAP, SIDE, TOP = 250, 60, 46
"""Pixels between two who take part, beside the outer ones, and above the first step."""
WIDEST = 1240
"""Pixels within which ladders stand beside each other."""
NOTE_LINES = 5
HEAD = 8
"""Pixels of an arrow's head."""

STYLE = """
.ladder{--paper:#fff;--ink:#1f2328;--faint:#6e7781;--wrong:#b3261e;--wrong-paper:#fdeceb;--good:#116329;--good-paper:#e6f6ea;
font:12px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono","Noto Sans Mono CJK SC",monospace;max-width:100%;height:auto}
@media(prefers-color-scheme:dark){.ladder{--paper:#0d1117;--ink:#e6edf3;--faint:#8b949e;--wrong:#ff8f87;--wrong-paper:#3b1518;
--good:#6fdd8b;--good-paper:#12301b}}
.ladder .paper{fill:var(--paper,#fff)}
.ladder text{fill:var(--ink,#1f2328);paint-order:stroke;stroke:var(--paper,#fff);stroke-width:4px;stroke-linejoin:round}
.ladder .mid{text-anchor:middle}.ladder .end{text-anchor:end}.ladder .name,.ladder .title{font-weight:bold}
.ladder .title{font-size:14px}.ladder .faint{fill:var(--faint,#6e7781)}
.ladder .life{stroke:var(--faint,#6e7781);stroke-dasharray:2 3}
.ladder .arrow{stroke:var(--ink,#1f2328);fill:none;stroke-width:1.4}.ladder .dot{fill:var(--ink,#1f2328)}
.ladder .wrong .band{fill:var(--wrong-paper,#fdeceb)}.ladder .wrong .arrow{stroke:var(--wrong,#b3261e);stroke-width:2.2}
.ladder .wrong text{fill:var(--wrong,#b3261e);stroke:var(--wrong-paper,#fdeceb)}.ladder .wrong .dot{fill:var(--wrong,#b3261e)}
.ladder .good .band{fill:var(--good-paper,#e6f6ea)}.ladder .good .arrow{stroke:var(--good,#116329);stroke-width:2.2}
.ladder .good text{fill:var(--good,#116329);stroke:var(--good-paper,#e6f6ea)}.ladder .good .dot{fill:var(--good,#116329)}
"""
"""Each colour has a name that a page may give another value, and a value for those who know no names."""


def as_svg(ladders: Sequence[Ladder], lang: str = "en", title: str = "") -> str:
    """Ladders beside each other, or one below the other where they are too wide for that."""
    parts = [Drawing(ladder, lang, titled=len(ladders) > 1) for ladder in ladders]
    beside = sum(part.width for part in parts) <= WIDEST
    width = sum(part.width for part in parts) if beside else max(part.width for part in parts)
    height = max(part.height for part in parts) if beside else sum(part.height for part in parts)
    svg = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "class": "ladder", "role": "img"})
    svg.attrib |= {"width": f"{width}", "height": f"{height}", "viewBox": f"0 0 {width} {height}"}
    ET.SubElement(svg, "title").text = on_one_line(title) or in_language(ladders[0].title, lang)
    ET.SubElement(svg, "desc").text = "\n".join(line for part in parts for line in part.read_out())
    ET.SubElement(svg, "style").text = STYLE
    ET.SubElement(svg, "rect", {"class": "paper", "width": "100%", "height": "100%"})
    x = y = 0
    for part in parts:
        part.group.set("transform", f"translate({x} {y})")
        svg.append(part.group)
        x, y = (x + part.width, y) if beside else (x, y + part.height)
    return ET.tostring(svg, "unicode")


class Drawing:
    """One ladder; what is drawn goes into `group`."""

    def __init__(self, ladder: Ladder, lang: str, *, titled: bool) -> None:
        self.ladder = ladder
        self.lang = lang
        self.group = ET.Element("g")
        self.top = 24 if titled else 0
        names = ladder.columns
        gaps = max(len(names) - 1, 1)
        self.width = 2 * SIDE + GAP * gaps
        self.places = {name: SIDE + GAP * at for at, name in enumerate(names)}
        rows = [ET.Element("g") for _ in ladder.steps]
        self.height = self.top + TOP
        for at, step in enumerate(ladder.steps):
            self._row(rows[at], at, step)
        self.height += ROW // 2
        self._lives(titled)
        self.group.extend(rows)

    def read_out(self) -> list[str]:
        """The steps as sentences."""
        told = [in_language(self.ladder.title, self.lang) + ":"]
        for at, step in enumerate(self.ladder.steps):
            mark = f"{self._sign} " if at == self.ladder.mark else ""
            if isinstance(step, Fold):
                told.append(self._more(step))
            else:
                who = " → ".join(self._name(name) for name in (step.who, step.whom) if name)
                told.append(f"{mark}{who}: {words(step, self.lang, 80)}")
        return told

    @property
    def _sign(self) -> str:
        return "✓" if self.ladder.right else "✗"

    def _name(self, name: str) -> str:
        return on_one_line(in_language(named(name), self.lang))

    def _more(self, fold: Fold) -> str:
        return f"… {in_language(say('{count} more', count=fold.count), self.lang)} …"

    def _lives(self, titled: bool) -> None:
        """The head, and the line of each who takes part."""
        if titled:
            self._text(self.group, 12, 22, in_language(self.ladder.title, self.lang), "title")
        for name, x in self.places.items():
            line = {"class": "life", "x1": f"{x}", "x2": f"{x}", "y1": f"{self.top + 30}", "y2": f"{self.height - 8}"}
            ET.SubElement(self.group, "line", line)
            self._text(self.group, x, self.top + 22, cut(self._name(name), int(GAP / LETTER) - 2), "name mid")

    def _row(self, row: ET.Element, at: int, step: Step | Fold) -> None:
        """A step, below all those before it."""
        if later := self.ladder.later().get(at):
            words_of_it = in_language(say("{seconds} s later", seconds=f"{later:.1f}"), self.lang)
            self._text(row, self.width // 2, self.height + 4, words_of_it, "faint mid")
            self.height += ROW
        y = self.height
        if isinstance(step, Fold):
            self._text(row, self.width // 2, y + 4, self._more(step), "faint mid")
            self.height += ROW
            return
        lines = 1
        if at == self.ladder.mark:
            row.set("class", "good" if self.ladder.right else "wrong")
            ET.SubElement(
                row, "rect", {"class": "band", "x": "4", "y": f"{y - 13}", "width": f"{self.width - 8}", "rx": "4"}
            )
            self._text(row, 14, y + 4, self._sign, "name")
        if step.whom:
            self._arrow(row, step, y)
        else:
            lines = self._note(row, step, y)
        if at == self.ladder.mark:
            row[0].set("height", f"{ROW - 1 + LINE * (lines - 1)}")
        self.height += ROW + LINE * (lines - 1)

    def _arrow(self, row: ET.Element, step: Step, y: int) -> None:
        here, there = self.places[step.who], self.places[step.whom]
        back = HEAD if there < here else -HEAD
        y += 7
        path = f"M{here} {y}H{there}m{back} {-HEAD // 2}L{there} {y}l{back} {HEAD // 2}"
        ET.SubElement(row, "path", {"class": "arrow", "d": path})
        told = words(step, self.lang, int((abs(there - here) - 2 * HEAD) / LETTER))
        text = self._text(row, (here + there) // 2, y - 6, told, "mid")
        if (whole := words(step, self.lang, 400)) != told:
            ET.SubElement(text, "title").text = whole

    def _note(self, row: ET.Element, step: Step, y: int) -> int:
        """Words beside a column, where there is more room; how many lines they take."""
        x = self.places[step.who]
        leftwards = x > self.width // 2
        room = int(((x if leftwards else self.width - x) - 34) / LETTER)
        ET.SubElement(row, "circle", {"class": "dot", "cx": f"{x}", "cy": f"{y}", "r": "4"})
        lines = wrapped(words(step, self.lang, NOTE_LINES * room), room)
        for number, line in enumerate(lines):
            at = x - 10 if leftwards else x + 10
            self._text(row, at, y + 4 + LINE * number, line, "end" if leftwards else "")
        return max(1, len(lines))

    @staticmethod
    def _text(parent: ET.Element, x: int, y: int, text: str, kind: str) -> ET.Element:
        element = ET.SubElement(parent, "text", {"x": f"{x}", "y": f"{y}", **({"class": kind} if kind else {})})
        element.text = text
        return element
