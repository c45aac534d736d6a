"""What a lesson's author works with: the pair of text and notebook, its rules, its pages, a headless run.

Comes in: `lessons/` and `course.toml`. Goes out: sentences about what is wrong, and a report of a run. It
must never know: the classroom, nbgrader's commands, how points are given.
"""
