"""Which of the lesson's own cells have to run before what students wrote can be judged.

Most cells of a lesson show something: a figure, a widget, a measurement. As long as a student has not edited
them and nothing that the student wrote reads a name that they make or may change, running them changes no
grade, and they take most of the time. So they are left out. When in doubt, a cell runs; if a student's code
looks at names in ways that cannot be read off the code, all of them do.
"""

from collections.abc import Sequence

from course.grading.names import effects


def needed(cells: Sequence[tuple[str, bool]]) -> list[bool]:
    """Say of every code cell whether it has to run.

    `cells` are pairs: the source, and whether it is the lesson's own and as it was released.
    """
    found = [effects(source) for source, _ in cells]
    if any(effect.always for effect, (_, lessons) in zip(found, cells, strict=True) if not lessons):
        return [True] * len(cells)
    # A name stands for what was imported under it only if nothing else ever gives it a value.
    imported = frozenset(name for effect in found for name in effect.imports)
    imported -= {name for effect in found for name in (effect.binds | effect.maybe) - effect.imports}
    changes = [effect.changes(imported) for effect in found]
    run = [not lessons or effect.always for effect, (_, lessons) in zip(found, cells, strict=True)]
    # From the last cell to the first: what is read there, and not bound in between, is wanted here. What
    # functions read is wanted everywhere, for they may be called anywhere. Until nothing is added any more.
    while True:
        before = list(run)
        everywhere = {name for effect, runs in zip(found, run, strict=True) if runs for name in effect.later}
        wanted: set[str] = set()
        for place in range(len(cells) - 1, -1, -1):
            run[place] = run[place] or bool(changes[place] & (wanted | everywhere))
            if run[place]:
                wanted = (wanted - found[place].binds) | found[place].now
        if run == before:
            return run
