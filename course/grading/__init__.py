"""Grading a class: intake, sandbox, judge, gradebook, export and report.

`intake` makes a submission gradable or says why not; `sandbox` and `supervisor` run its cells where they can
harm nobody; `judge` gives the points, outside; `gradebook` is the only writer; `run` drives a class.
"""
