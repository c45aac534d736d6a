"""One module per sub-command of `course`.

Each has a docstring whose first line is its help, `arguments(parser)` that declares what it takes, and
`run(options)` that does it and returns the exit code.
"""
