"""What readers get: the student's form of a lesson, searched for leaks, and a workspace to open it in.

Comes in: a checked lesson. Goes out: `build/release`, the gradebook's entry of the lesson, `workspace/`, a
running JupyterLab. It must never know: submissions, and how they are graded.
"""
