"""What has to be done before what students wrote can be judged: which cells run, where a copy is made.

Most cells of a lesson show something: a figure, a widget, a measurement. As long as a student has not edited
them and nothing that the student wrote reads a name that they make or may change, running them changes no
grade, and they take most of the time. So they are left out. When in doubt, a cell runs; if a student's code
looks at names in ways that cannot be read off the code, all of them do.
"""

from collections.abc import Sequence

from course.grading.judging.dataflow import effects


def needed(cells: Sequence[tuple[str, bool]]) -> list[bool]:
    """Say of every code cell whether it has to run.

    `cells` are pairs: the source, and whether it is the lesson's own and as it was released.
    """
    found = [effects(source) for source, _ in cells]
    if any(effect.always for effect, (_, lessons) in zip(found, cells, strict=True) if not lessons):
        return [True] * len(cells)
    # A name stands for what was imported under it, or for a function, only if nothing else ever gives it
    # a value.
    imported = frozenset(name for effect in found for name in effect.imports)
    imported -= {name for effect in found for name in (effect.binds | effect.maybe) - effect.imports}
    functions = frozenset(name for effect in found for name in effect.functions)
    functions -= {name for effect in found for name in (effect.binds | effect.maybe) - effect.functions}
    changes = [effect.changes(imported, functions) for effect in found]
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


def copied(cells: Sequence[tuple[str, bool]]) -> list[bool]:
    """Say of every cell whether it is a check that needs a copy of the process as it is there.

    `cells` are pairs of those that run: the source, and whether it is a check (then the name that it asks
    for). A check can be judged on the copy of the next one if the cells in between do nothing but bind names
    that nothing before has named: then no function can tell the two copies apart.
    """
    found = [effects(source) for source, _ in cells]
    copies = [check for _, check in cells]
    named: set[str] = set()
    told, last = True, None  # can be told what the cells read; the check that nothing was done behind
    for place, effect in enumerate(found):
        if copies[place]:
            if last is not None:
                copies[last] = False
            last = place if told and not effect.always else None
        elif not effect.plain or effect.always or named & effect.binds:
            last = None
        told = told and not effect.always
        named |= effect.names
    return copies
