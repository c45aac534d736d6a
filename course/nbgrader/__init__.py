"""What nbgrader has to know of us: settings, a late policy, repairs, feedback pages that show nothing secret.

Comes in: `course.toml`. Goes out: the configuration of every nbgrader command. It must never know: the
sandbox, the judge; `course grade` does without all of this.
"""
