"""The `course` command: finds its sub-commands in `course.commands` and runs one."""

import argparse
import errno
import pkgutil
import sys
from importlib import import_module
from pathlib import Path

from course import commands
from course.errors import CourseError

_NO_PLACE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT)


def main(arguments: list[str] | None = None) -> int:
    """Run `course` with these arguments (by default the command line's); return the exit code.

    0 is success, 1 means that something was found or failed, 2 that the command was not understood
    or could not start: one sentence on standard error then says why.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="course", description="Run the course: lessons, releases, grades.")
    parser.add_argument("--root", type=Path, help="the course's folder (default: found from here upwards)")
    parsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    modules = {}
    for name in sorted(module.name for module in pkgutil.iter_modules(commands.__path__)):
        module = import_module(f"course.commands.{name}")
        help_line = (module.__doc__ or "").strip().splitlines()[0]
        sub = parsers.add_parser(name, help=help_line, description=module.__doc__)
        module.arguments(sub)
        modules[name] = module
    options = parser.parse_args(arguments)
    try:
        return int(modules[options.command].run(options))
    except CourseError as error:
        print(f"course {options.command}: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] in ("course", "helpers"):
            raise
        print(
            f"course {options.command}: Python has no module {error.name}; install the course with its "
            "tools, pip install 'neural-networks-inside[course]', or call setup_environment.py in its folder",
            file=sys.stderr,
        )
        return 2
    except OSError as error:
        if error.errno not in _NO_PLACE:
            raise
        where = error.filename or "a file of the course"  # a disk that fills up names none
        print(
            f"course {options.command}: {where} cannot be written or read ({error.strerror}); make "
            "room, or give yourself the right, and call this again",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        print(f"course {options.command}: stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
