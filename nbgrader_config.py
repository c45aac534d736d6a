"""Read by every nbgrader command that is started in this folder. The course itself is in course.toml."""

from pathlib import Path

from course import classroom, config

course = config.load(Path(__file__).parent)
classroom.prepare(course)
get_config().merge(classroom.settings(course))  # noqa: F821 - nbgrader's own name
