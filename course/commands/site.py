"""Build the browser edition: pages to read, and lessons that run with nothing installed.

The site is a folder of static files, build/site, for any web server. It is refused if a solution or a
hidden test would reach a page, or if a page would fetch anything from elsewhere. What an earlier build made
and nothing has changed is used again. With --check every lesson is then run in a browser, with --serve the
site is served on this machine.
"""

import argparse

from course import config, progress


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.epilog = "example: course site --serve"
    parser.add_argument(
        "lessons", nargs="*", metavar="LESSON", help="a site of these lessons only (default: all)"
    )
    parser.add_argument(
        "--check", action="store_true", help="run every lesson in a browser afterwards; minutes"
    )
    parser.add_argument("--serve", action="store_true", help="serve it on this machine until Ctrl+C")
    parser.add_argument("--port", type=int, default=8000, help="the port to serve on (default: 8000)")


def run(options: argparse.Namespace) -> int:
    """Build, say where it is, and serve it if asked to."""
    from course.site.build import FOLDER, build
    from course.site.serve import Site

    course = config.load(options.root)
    chosen = course.chosen(options.lessons)
    # Before minutes of building, because the port may be taken.
    server = Site(course.build / FOLDER, options.port) if options.serve else None
    with progress.bar("site", len(chosen) + 2, "parts") as bar:
        folder = build(course, options.lessons, lambda part: (bar.set_postfix_str(part), bar.update(1)))
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"The site is in {folder.relative_to(course.root)}, {size / 1e6:.0f} MB.")
    problems = []
    if options.check:
        from course.site.trial import try_lesson

        lessons = progress.each("in a browser", chosen, "lessons")
        problems = [problem for lesson in lessons for problem in try_lesson(folder, lesson)]
        for problem in problems:
            print(f"  {problem}")
    if server is not None:
        with server:
            print(f"It is served at {server.address} until you press Ctrl+C.", flush=True)
            server.serve_forever()
    return 1 if problems else 0
