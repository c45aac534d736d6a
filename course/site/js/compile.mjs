// compile.mjs FOLDER RUNTIME: compile every wheel in FOLDER with the browser's own Python, and renew the lock's hashes.
// Python starts a third sooner when nothing has to be compiled in the page.
import { pathToFileURL } from "node:url";
import path from "node:path";

const [folder, runtime] = process.argv.slice(2).map((name) => path.resolve(name));
const { loadPyodide } = await import(pathToFileURL(path.join(runtime, "pyodide.mjs")));
const python = await loadPyodide({ indexURL: `${runtime}/` });
python.FS.mkdirTree("/wheels");
python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, "/wheels");
await python.runPythonAsync(`
import hashlib, importlib.util, io, json, marshal, struct, zipfile
from pathlib import Path

PLACE = "/lib/python3.12/site-packages/"
NO_DOCSTRINGS = {"plotly", "narwhals", "prompt-toolkit", "wcwidth"}  # nobody reads them there; they are most of plotly
READABLE = {"neural-networks-inside"}  # readers open these files: the source stays beside the compiled form

def compiled(source, name, optimize):
    code = compile(source, PLACE + name, "exec", dont_inherit=True, optimize=optimize)
    checked_by_hash = struct.pack("<I", 0b01)  # trusted: never compared with the source again
    return importlib.util.MAGIC_NUMBER + checked_by_hash + importlib.util.source_hash(source) + marshal.dumps(code)

lock_file = Path("/wheels/pyodide-lock.json")
lock = json.loads(lock_file.read_text())
for name, package in lock["packages"].items():
    path = Path("/wheels") / package["file_name"]
    buffer = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new:
        def put(file, content):
            entry = zipfile.ZipInfo(file, (2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)

        for file in sorted(old.namelist()):
            content = old.read(file)
            if not file.endswith(".py"):
                put(file, content)
                continue
            try:
                code = compiled(content, file, 2 if name in NO_DOCSTRINGS else 0)
            except SyntaxError:
                put(file, content)
                continue
            if name in READABLE:
                put(file, content)
                folder, _, last = file.rpartition("/")
                put(f"{folder}/__pycache__/{last[:-3]}.cpython-312.pyc", code)
            else:
                put(file + "c", code)
    path.write_bytes(buffer.getvalue())
    package["sha256"] = hashlib.sha256(buffer.getvalue()).hexdigest()
lock_file.write_text(json.dumps(lock, sort_keys=True))
`);
