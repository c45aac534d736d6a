"""What is said about a class: the summary on the terminal, the instructor's page, files for other systems.

Comes in: the gradebook, read only. Goes out: text, HTML, CSV. It must never know: the sandbox, and how to
change a score.
"""
