"""What a check shows: the same report as HTML and as plain text.

Right and wrong are told by words and marks, the colour only repeats them. Colours are JupyterLab's own
variables, so the report follows the theme; pages without them get the values after the comma.
"""

import html
import re
from dataclasses import dataclass, field

from helpers.exercises.engine.arguments import call_in_words
from helpers.exercises.engine.diagnosing import Diagnosis
from helpers.exercises.engine.exercise import Exercise, section_parts
from helpers.exercises.engine.inspecting import Facts
from helpers.exercises.engine.judging import CaseResult, Evaluation
from helpers.exercises.engine.parts import Part
from helpers.exercises.engine.score import count_points, points_text
from helpers.exercises.engine.wording import call_sentence, fault_sentences, hidden_sentence, notes

STYLE = """<style>
.nn-check { --nn-good: var(--jp-success-color1, #1b7f4b); --nn-bad: var(--jp-error-color1, #b3261e);
  --nn-line: var(--jp-border-color2, var(--vscode-widget-border, #c8c8c8));
  --nn-soft: var(--jp-layout-color2, var(--vscode-textCodeBlock-background, #f3f3f3));
  color: var(--jp-content-font-color1, var(--vscode-editor-foreground, #1f1f1f));
  font-family: var(--jp-content-font-family, sans-serif);
  font-size: var(--jp-content-font-size1, 14px); line-height: 1.5; max-width: 46rem; margin: 4px 0 8px; }
.nn-check .nn-card { border: 1px solid var(--nn-line); border-left: 5px solid var(--nn-line);
  border-radius: 4px; padding: 8px 14px 10px; }
.nn-check .nn-card.nn-all { border-left-color: var(--nn-good); }
.nn-check .nn-card.nn-some { border-left-color: var(--jp-warn-color1, #b26a00); }
.nn-check .nn-card.nn-none { border-left-color: var(--nn-bad); }
.nn-check .nn-head { display: flex; justify-content: space-between; gap: 1rem; font-weight: 600; }
.nn-check .nn-card table { border-collapse: collapse; margin: 8px 0; font-size: inherit; width: auto; }
.nn-check .nn-card tbody tr, .nn-check .nn-card thead tr { background: none; }
.nn-check .nn-card th, .nn-check .nn-card td { text-align: left; padding: 3px 20px 3px 0; border: 0;
  border-bottom: 1px solid var(--nn-line); vertical-align: top; max-width: none; }
.nn-check .nn-card thead th { font-weight: 600; }
.nn-check .nn-card .nn-num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.nn-check .nn-yes { color: var(--nn-good); white-space: nowrap; }
.nn-check .nn-no { color: var(--nn-bad); white-space: nowrap; }
.nn-check p { margin: 6px 0; }
.nn-check code { font-family: var(--jp-code-font-family, monospace); font-size: 0.92em;
  background: var(--nn-soft); padding: 1px 4px; border-radius: 3px; color: inherit; }
.nn-check .nn-hint { background: var(--nn-soft); border-radius: 4px; padding: 6px 12px; margin: 8px 0; }
.nn-check .nn-hint strong { display: block; }
.nn-check .nn-hint code { background: var(--jp-layout-color1, var(--vscode-editor-background, #fff)); }
.nn-check ul { margin: 4px 0; padding-left: 1.3rem; }
.nn-check details > summary { cursor: pointer; margin: 6px 0; }
.nn-check details > :not(summary) { margin-left: 1rem; }
.nn-check a { color: var(--jp-content-link-color, #0b57d0); }
.jp-OutputArea-child:has(.nn-points) { display: none; }
</style>"""


@dataclass
class Report:
    """Blocks of text, written twice: `html` for the notebook, `text` for everything else."""

    html_blocks: list[str] = field(default_factory=list)
    text_blocks: list[str] = field(default_factory=list)
    state: str = ""
    exercise: str = ""
    share: float = 0.0  # of its points, for a page that keeps a reader's progress

    def paragraph(self, text: str) -> None:
        self.html_blocks.append(f"<p>{marked(text)}</p>")
        self.text_blocks.append(text)

    def bullets(self, items: list[str]) -> None:
        if not items:
            return
        self.html_blocks.append(f"<ul>{''.join(f'<li>{marked(item)}</li>' for item in items)}</ul>")
        self.text_blocks.append("\n".join(f"  - {item}" for item in items))

    def table(self, head: list[str], rows: list[list[str]], numeric: set[int]) -> None:
        def row(cells: list[str], tag: str) -> str:
            return "".join(
                f"<{tag}{' class=nn-num' if i in numeric else ''}>{verdict(cell)}</{tag}>"
                for i, cell in enumerate(cells)
            )

        body = "".join(f"<tr>{row(cells, 'td')}</tr>" for cells in rows)
        self.html_blocks.append(
            f"<table><thead><tr>{row(head, 'th')}</tr></thead><tbody>{body}</tbody></table>"
        )
        widths = [max(len(line[i]) for line in [head, *rows]) for i in range(len(head))]
        self.text_blocks.append(
            "\n".join(
                "  "
                + "  ".join(
                    cell.rjust(width) if i in numeric else cell.ljust(width)
                    for i, (cell, width) in enumerate(zip(line, widths, strict=True))
                ).rstrip()
                for line in [head, *rows]
            )
        )

    def hint(self, title: str, text: str, section: str) -> None:
        link = words = ""
        lesson, heading = section_parts(section)
        if lesson:
            words = f" Go back to “{heading}” in the lesson {lesson}."
            link = html.escape(words)
        elif section:
            words = f" Go back to “{section}”."
            link = f' Go back to <a href="#{anchor(section)}">{html.escape(section)}</a>.'
        self.html_blocks.append(
            f'<div class="nn-hint"><strong>{marked(title)}</strong>{marked(text)}{link}</div>'
        )
        self.text_blocks.append(f"{title}\n  {text}{words}")

    def to_html(self) -> str:
        noted = f' data-exercise="{html.escape(self.exercise)}" data-share="{self.share:g}"' * bool(
            self.exercise
        )
        card = f'<div class="nn-card nn-{self.state}"{noted}>{"".join(self.html_blocks)}</div>'
        return f'{STYLE}<div class="nn-check">{card}</div>'

    def to_text(self) -> str:
        return "\n".join(self.text_blocks)


def marked(text: str) -> str:
    """Escaped text with `code` in code elements and *words* in emphasis."""
    parts = re.split(r"`([^`]+)`", html.escape(text, quote=False))
    stressed = re.compile(r"(?<![\w*])\*(\w[^*]*)(?<!\s)\*(?![\w*])")
    parts[0::2] = [stressed.sub(r"<em>\1</em>", plain) for plain in parts[0::2]]
    parts[1::2] = [f"<code>{code}</code>" for code in parts[1::2]]
    return "".join(parts)


def verdict(text: str) -> str:
    """A cell of a table; a leading mark brings its colour along."""
    mark = {"✓": "nn-yes", "✗": "nn-no"}.get(text[:1])
    return f'<span class="{mark}">{marked(text)}</span>' if mark else marked(text)


def anchor(heading: str) -> str:
    """The address that JupyterLab gives to a heading."""
    return html.escape(heading.replace(" ", "-"))


def heading(report: Report, exercise: Exercise, right: str, share: float = 0.0) -> None:
    report.exercise, report.share = exercise.name, share
    report.html_blocks.append(
        f'<div class="nn-head"><code>{html.escape(exercise.name)}</code>'
        f"<span>{html.escape(right)}</span></div>"
    )
    report.text_blocks.append(f"{exercise.name}: {right}")


def unwritten_report(exercise: Exercise, sentence: str) -> Report:
    """Before the learner starts: what is asked and what earns the points."""
    report = Report()
    heading(report, exercise, f"0 of {count_points(exercise.points)}")
    report.paragraph(sentence)
    report.paragraph(exercise.says)
    report.table(
        ["what earns points", "points"],
        [[aspect.says, points_text(aspect.points)] for aspect in exercise.aspects],
        {1},
    )
    if exercise.hints:
        report.paragraph(f'Stuck? `hint("{exercise.name}")` gives one step at a time.')
    return report


def report_of(evaluation: Evaluation, diagnoses: list[Diagnosis], facts: Facts) -> Report:
    """The report of an exercise that was called."""
    exercise = evaluation.exercise
    points = evaluation.points
    report = Report(state="all" if points == exercise.points else "some" if points else "none")
    heading(
        report,
        exercise,
        f"{points_text(points)} of {count_points(exercise.points)}",
        points / exercise.points,
    )
    earned = evaluation.earned
    report.table(
        ["", "what earns points", "points"],
        [
            [
                "✓ right" if earned[aspect.name] else "✗ not yet",
                aspect.says,
                f"{points_text(earned[aspect.name])} of {points_text(aspect.points)}",
            ]
            for aspect in exercise.aspects
        ],
        {2},
    )
    faulty = [result for result in evaluation.results if result.faults]
    if not exercise.numbers:
        report.paragraph(_cases_sentence(evaluation))
    if not faulty:
        return report
    _what_happened(report, exercise, faulty, explained=any(one.sure for one in diagnoses))
    for diagnosis in diagnoses:
        title = diagnosis.misconception.name
        report.hint(
            f"{'This is' if diagnosis.sure else 'This looks like'}: {title}",
            diagnosis.hint,
            diagnosis.misconception.section or exercise.section,
        )
    if exercise.table:
        _signature(report, exercise, faulty)
    remarks = notes(exercise, facts, [result.outcome for result in faulty if not result.case.hidden])
    for remark in remarks:
        report.paragraph(remark)
    return report


def _cases_sentence(evaluation: Evaluation) -> str:
    counts = []
    for hidden, word in ((False, "visible"), (True, "hidden")):
        results = [result for result in evaluation.results if result.case.hidden is hidden]
        if results:
            right = sum(not result.faults for result in results)
            counts.append(f"{right} of {len(results)} {word} cases")
    return f"{' and '.join(counts)} pass."


def _what_happened(report: Report, exercise: Exercise, faulty: list[CaseResult], explained: bool) -> None:
    """The first failing visible case in full; of hidden cases only the kinds of fault."""
    visible = [result for result in faulty if not result.case.hidden]
    if visible and not exercise.numbers:
        report.paragraph(call_sentence(exercise, visible[0]))
    if visible:
        report.bullets(fault_sentences(exercise, visible[0]))
        said = set(fault_sentences(exercise, visible[0]))
        groups = {visible[0].case.group}
        for result in visible[1:]:  # unless explained, a case of each further group: it tests another thing
            if result.case.group not in groups and not explained:
                groups.add(result.case.group)
                sentences = [text for text in fault_sentences(exercise, result) if text not in said]
                if sentences or not said:
                    report.paragraph(call_sentence(exercise, result))
                    report.bullets(sentences)
    else:
        faults = [fault for result in faulty for fault in result.faults]
        report.paragraph(
            f"With arguments that are not shown here it {hidden_sentence(faults)}. "
            "Try arguments of your own: other sizes, one row, large numbers."
        )


def _signature(report: Report, exercise: Exercise, faulty: list[CaseResult]) -> None:
    result = next((r for r in faulty if r.parts and not r.case.hidden), None)
    if result is None:
        return
    # The case that is told above may have stopped with an error: say which one this is.
    first = next(r for r in faulty if not r.case.hidden)
    call = call_in_words(exercise.name, result.case.arguments, exercise.names)
    which = "" if result is first else f", for {call}"
    report.paragraph(f"Your result beside the reference, part by part{which}:")
    report.table(
        ["part", "shape", "length ratio", "cosine", ""],
        [_part_row(part) for part in result.parts],
        {2, 3},
    )


def _part_row(part: Part) -> list[str]:
    shape = str(part.shape)
    if part.shape != part.expected_shape:
        shape += f", expected {part.expected_shape}"
    return [
        part.label or "result",
        shape,
        "-" if part.ratio is None else f"{part.ratio:.4g}",
        "-" if part.cosine is None else f"{part.cosine:.4f}",
        "✓ agrees" if part.right else "✗ differs",
    ]


def hint_html(exercise: Exercise, steps: int) -> str:
    """The first `steps` hints open, each further one folded inside the one before."""
    total = len(exercise.hints)
    inner = ""
    for i in range(total, 0, -1):
        body = f"<p>{marked(exercise.hints[i - 1])}</p>{inner}"
        inner = (
            body if i <= steps else (f"<details><summary>Show step {i} of {total}</summary>{body}</details>")
        )
    title = f"Hints for <code>{html.escape(exercise.name)}</code>"
    return f'{STYLE}<div class="nn-check"><div class="nn-card"><strong>{title}</strong>{inner}</div></div>'


def hint_text_report(exercise: Exercise, steps: int) -> str:
    lines = [f"Hints for {exercise.name}"]
    lines += [f"  {i}. {text}" for i, text in enumerate(exercise.hints[:steps], 1)]
    if steps < len(exercise.hints):
        lines.append(f'  For the next step: hint("{exercise.name}", {steps + 1})')
    return "\n".join(lines)
