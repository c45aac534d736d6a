// compile.mjs FOLDER RUNTIME: compile the modules in every wheel and zip file of FOLDER with the browser's own Python.
import { pathToFileURL } from "node:url";
import path from "node:path";

const [folder, runtime] = process.argv.slice(2).map((name) => path.resolve(name));
const { loadPyodide } = await import(pathToFileURL(path.join(runtime, "pyodide.mjs")));
const python = await loadPyodide({ indexURL: `${runtime}/` });
python.FS.mkdirTree("/archives");
python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, "/archives");
await python.runPythonAsync(`
import importlib.util, io, marshal, struct, zipfile
from pathlib import Path

LIBRARY = "python_stdlib.zip"  # Python's own, which stays one file there; wheels are unpacked
PLACES = {LIBRARY: "/lib/python312.zip/"}
NO_DOCSTRINGS = ("plotly/", "_plotly_utils/", "narwhals/", "prompt_toolkit/", "wcwidth/")  # nobody reads them there
READABLE = ("helpers/",)  # readers open these files: the source stays beside the compiled form

def compiled(source, place, name):
    optimize = 2 if name.startswith(NO_DOCSTRINGS) else 0
    code = compile(source, place + name, "exec", dont_inherit=True, optimize=optimize)
    unchecked = struct.pack("<I", 0b01)  # never compared with the source again
    return importlib.util.MAGIC_NUMBER + unchecked + importlib.util.source_hash(source) + marshal.dumps(code)

for path in sorted(Path("/archives").iterdir()):
    place = PLACES.get(path.name, "/lib/python3.12/site-packages/")
    buffer = io.BytesIO()
    kind = zipfile.ZIP_DEFLATED if path.name == LIBRARY else zipfile.ZIP_STORED  # wheels are taken apart again
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer, "w", kind, compresslevel=7) as new:
        def put(file, content):
            entry = zipfile.ZipInfo(file, (2026, 1, 1, 0, 0, 0))
            entry.compress_type = kind
            new.writestr(entry, content)

        for file in sorted(name for name in old.namelist() if not name.endswith("/")):
            content = old.read(file)
            if not file.endswith(".py"):
                put(file, content)
                continue
            try:
                code = compiled(content, place, file)
            except SyntaxError:
                put(file, content)
                continue
            if file.startswith(READABLE):
                put(file, content)
                folder, _, last = file.rpartition("/")
                put(f"{folder}/__pycache__/{last[:-3]}.cpython-312.pyc", code)
            else:
                put(file + "c", code)
    path.write_bytes(buffer.getvalue())
`);
