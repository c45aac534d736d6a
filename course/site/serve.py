"""Serve the site on this machine, as a web server would: compressed, with the right types, nothing else."""

import contextlib
import gzip
import http.server
import mimetypes
import threading
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from course.errors import CourseError

mimetypes.add_type("application/wasm", ".wasm")
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("application/json", ".ipynb")
_COMPRESSED = ("text/", "application/json", "application/wasm", "image/svg", "application/manifest")


class Site(http.server.ThreadingHTTPServer):
    """A server of the files in `folder` under the path `prefix`, such as "/course/".

    Attributes:
        sent: the bytes that were sent, headers aside; `benchmarks/site.py` counts with it.

    Raises:
        CourseError: if the port is taken or there is none of this number.
    """

    daemon_threads = True

    def __init__(self, folder: Path, port: int = 0, prefix: str = "/") -> None:
        self.folder, self.prefix, self.sent = folder.resolve(), prefix, 0
        try:
            super().__init__(("127.0.0.1", port), _Handler)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise CourseError(
                f"port {port} cannot be served on ({reason}); choose another with --port"
            ) from None

    @property
    def address(self) -> str:
        """Where the first page is."""
        return f"http://127.0.0.1:{self.server_address[1]}{self.prefix}"

    def handle_error(self, *_: object) -> None:
        """A reader who closes the page ends what is being sent: nobody has to hear of it."""

    def in_background(self) -> None:
        """Serve from another thread until `shutdown`."""
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if not path.startswith(self.server.prefix):
            return self._answer(404, b"Nothing is served here.", "text/plain")
        file = (self.server.folder / path.removeprefix(self.server.prefix)).resolve()
        if file != self.server.folder and self.server.folder not in file.parents:
            return self._answer(404, b"Nothing is served here.", "text/plain")
        if file.is_dir():
            if not path.endswith("/"):
                return self._answer(301, b"", "text/plain", {"Location": f"{path}/"})
            file /= "index.html"
        if not file.is_file():
            missing = self.server.folder / "404.html"
            if not missing.is_file():
                return self._answer(404, b"There is no such page.", "text/plain")
            return self._answer(404, missing.read_bytes(), "text/html")
        kind, content, compressed = _content(file, file.stat().st_mtime_ns)
        headers = {"Cache-Control": "no-cache", "ETag": f'"{file.stat().st_mtime_ns:x}-{len(content):x}"'}
        if self.headers.get("If-None-Match") == headers["ETag"]:
            return self._answer(304, b"", kind, headers)
        if compressed is not None and "gzip" in self.headers.get("Accept-Encoding", ""):
            content, headers["Content-Encoding"] = compressed, "gzip"
        return self._answer(200, content, kind, headers)

    do_HEAD = do_GET

    def _answer(self, code: int, content: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.server.sent += len(content)
            with contextlib.suppress(OSError):  # the reader went away
                self.wfile.write(content)


@lru_cache(maxsize=2000)
def _content(file: Path, changed: int) -> tuple[str, bytes, bytes | None]:
    content = file.read_bytes()
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    small = kind.startswith(_COMPRESSED) and len(content) > 500
    return kind, content, gzip.compress(content, 6) if small else None
