"""Grading a class, in rooms, in the order in which a submission walks through them.

`submissions` (make it gradable, or say why not), `sandbox` (run it where it can harm nobody), `judging`
(give the points, outside), `gradebook` (the only writer), `reports` (export, report, summary). `run` drives
a class through them, on the workers of `cluster`; `assignment` is what all of them know of a lesson.
"""
