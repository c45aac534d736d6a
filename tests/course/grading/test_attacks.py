"""Attacks and accidents, each with the points it must get. After each, an honest submission gets all its own.

Every attack is a real notebook through the real sandbox. `own` is a cell that stands before the first
exercise, `late` one between the first and the second, `functions` what stands in the exercises' cells.
"""
# ruff: noqa: E501 - an attack is easier to read in one line

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field

import pytest

from course.config import Limits
from course.grading.judging import sanitize
from helpers.exercises import exercise
from helpers.exercises.engine.judging import cases_of
from tests.course.grading.classroom import ALL, ANSWER, POINTS, RIGHT, SEEDS, answered, cell, with_cell
from tests.course.grading.conftest import LIMITS, SHORT, STRICT

pytestmark = pytest.mark.sandbox

FIRST, SECOND, THIRD = POINTS


def lying(body):
    """All exercises answered with functions of this body."""
    heads = {name: source.split("\n")[0] for name, source in RIGHT.items()}
    return {name: f"{head}\n    {body}" for name, head in heads.items()}


@dataclass
class Attack:
    name: str
    points: float
    own: str = ""
    late: str = ""
    functions: dict[str, str] = field(default_factory=dict)
    says: str = ""  # must stand in the outputs: what the attack itself found out
    never: tuple[str, ...] = ()  # must not stand anywhere in the graded notebook
    reason: str = ""  # must stand in what the instructor is told
    limits: Limits = LIMITS


ANSWERS = """
import os, struct, json
frame = json.dumps({"kind": "called", "value": 13, "failure": None, "returned": "int", "iterator": False,
    "printed": "", "warned": [], "mutated": [], "rng_used": None, "global_rng": False, "seconds": 0.1}).encode()
record = json.dumps({"cell": 3, "outputs": [{"output_type": "execute_result", "execution_count": 1,
    "metadata": {}, "data": {"text/plain": "3"}}]}).encode() + b"\\n"
"""

FORGED = (
    Attack(
        "returns something equal to everything",
        0,
        own="class Equal:\n    __eq__ = __ge__ = lambda *_: True\n    __hash__ = None\n"
        "    def __array__(self, *_, **__): return np.zeros(3)\n",
        functions=lying("return Equal()"),
    ),
    Attack(
        "an array subclass that is close to everything",
        0,
        own="class Close(np.ndarray):\n"
        "    def __array_ufunc__(self, *_, **__): return np.True_\n"
        "    def __array_function__(self, *_, **__): return True\n",
        functions=lying("return np.zeros(3).view(Close)"),
    ),
    Attack(
        "a number that lies about itself",
        0,
        own="class Number(int):\n    __eq__ = lambda *_: True\n    __hash__ = int.__hash__\n"
        "    __sub__ = __rsub__ = lambda *_: 0\n",
        functions=lying("return Number(0)"),
    ),
    Attack(
        "numpy's comparisons patched",
        0,
        own="for name in ('allclose', 'isclose', 'array_equal', 'all', 'array_equiv'):\n"
        "    setattr(np, name, lambda *_, **__: True)\n"
        "np.testing.assert_allclose = lambda *_, **__: None\n",
        functions=lying("return 0"),
    ),
    Attack(
        "built-in functions patched",
        0,
        own="import builtins\nbuiltins.isinstance = lambda *_: True\nbuiltins.abs = lambda *_: 0\n"
        "builtins.AssertionError = type('Never', (Exception,), {})\n",
        functions=lying("return 0"),
    ),
    Attack("check overridden", 0, own="def check(*_, **__): return 3\nimport helpers\nhelpers.check = check"),
    Attack(
        "the engine in the sandbox patched",
        0,
        own="import helpers.exercises.engine.calling as calling, sys\n"
        "fake = lambda *_: calling.Outcome(value=13, returned='int')\n"
        "calling.call_function = fake\nsys.modules['calls'].call_function = fake\n"
        "sys.modules['calls'].inspect_function = lambda *_: calling\n",
        functions=lying("return None"),
    ),
    Attack(
        "records forged on every open file",
        0,
        own=ANSWERS + "for fd in range(3, 60):\n    try: os.write(fd, record)\n    except OSError: pass\n",
    ),
    Attack(
        "answers forged on every open file",
        0,
        own=ANSWERS + "for fd in range(3, 60):\n"
        "    try: os.write(fd, struct.pack('!I', len(frame)) + frame)\n    except OSError: pass\n",
    ),
    Attack(
        "a length of four gigabytes announced on every open file",
        0,
        own="import os\nfor fd in range(3, 60):\n"
        "    try: os.write(fd, b'\\xff' * 64)\n    except OSError: pass\n",
    ),
    Attack(
        "an input transformer that erases cells",
        0,
        own="get_ipython().input_transformers_cleanup.append(lambda lines: [])\n"
        "get_ipython().ast_transformers.append(type('T', (), {'visit': lambda self, node: node})())\n",
    ),
    Attack("a number printed where points are read", 0, own="3", late="print(3)\n3"),
    Attack(
        "the visible cases learnt by heart",
        0,
        functions={
            FIRST: "def parameter_count(sizes):\n    return {(2, 3, 1): 13}.get(tuple(sizes), 0)",
        },
    ),
    Attack(
        "right for the first calls only",
        0,
        own="calls = []",
        functions={
            FIRST: RIGHT[FIRST].replace(
                "    return", "    calls.append(1)\n    if len(calls) > 7: return 0\n    return"
            )
        },
    ),
    Attack(
        "the reference looked for in the helpers",
        0,
        functions={
            FIRST: "from helpers.exercises.structure.parameter_count import PARAMETER_COUNT\nparameter_count = PARAMETER_COUNT.reference",
        },
    ),
    Attack(
        "the reference looked for in memory",
        0,
        functions={
            FIRST: "import gc\nfound = [f for f in gc.get_objects() if callable(f)\n"
            "         and getattr(f, '__name__', '') == 'parameter_count']\nparameter_count = found[0]",
        },
    ),
    Attack(
        "a pickled surprise returned",
        0,
        own="class Surprise:\n    def __reduce__(self): return (exec, (\"open('/tmp/surprise', 'w')\",))\n",
        functions=lying("return Surprise()"),
    ),
)

VALUES = (
    Attack(
        "lists nested too deeply",
        0,
        functions=lying("x = []\n    for _ in range(50000): x = [x]\n    return x"),
    ),
    Attack("a list that holds itself", 0, functions=lying("x = []; x.append(x)\n    return x")),
    Attack("an array of ten gigabytes", 0, functions=lying("return np.zeros(10**9)")),
    Attack(
        "an array of no bytes and endless shape", 0, functions=lying("return np.zeros((0, 10**9, 10**9))")
    ),
    Attack("a number of a hundred thousand digits", 0, functions=lying("return 10 ** 100_000")),
    Attack("nan and infinity", 0, functions=lying("return [float('nan'), float('inf'), -0.0]")),
    Attack(
        "a generator without an end", 0, functions=lying("import itertools\n    return itertools.count()")
    ),
    Attack(
        "text and objects where numbers belong",
        0,
        functions=lying("return np.array(['x', None], dtype=object)"),
    ),
    Attack("complex numbers", 0, functions=lying("return np.full((2, 2), 1j)")),
    Attack("a dict with strange keys", 0, functions=lying("return {(1,): 2, None: 3, '\\ud800': 4}")),
)

ACCIDENTS = (
    Attack("an endless loop in a cell", ALL, limits=SHORT, own="while True: pass", functions=RIGHT),
    Attack("an endless loop in a function", ALL - 3, functions=RIGHT | {SECOND: lying("while True: pass")[SECOND]}),
    Attack(
        "an endless loop in compiled code",
        3, limits=STRICT,
        late="sum(iter(int, 1))",
        functions=RIGHT,
    ),
    Attack(
        "an endless loop in compiled code in a function",
        ALL - 3, limits=STRICT,
        functions=RIGHT | {SECOND: lying("sum(iter(int, 1))")[SECOND]},
    ),
    Attack(
        "signals ignored",
        3, limits=STRICT,
        late="import signal\nfor s in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT):\n"
        "    signal.signal(s, signal.SIG_IGN)\nwhile True: pass",
        functions=RIGHT,
    ),
    Attack(
        "an hour slept",
        3,
        limits=STRICT,
        late="import signal, time\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\ntime.sleep(3600)",
        functions=RIGHT,
    ),
    Attack(
        "a crowd that keeps itself waiting",  # time lost to others does not count, but this is its own
        3,
        limits=STRICT,
        late="import os, signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\n"
        "for _ in range(20):\n    if os.fork() == 0: break\nwhile True: pass",
        functions=RIGHT,
    ),
    Attack(
        "a priority so low that it always waits",
        ALL,
        own="import os\nrefused = 0\nfor call in (lambda: os.nice(19), lambda: os.setpriority(0, 0, 5),\n"
        "    lambda: os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))):\n"
        "    try: call()\n    except PermissionError: refused += 1\nprint('refused', refused)",
        functions=RIGHT,
        says="refused 3",
    ),
    Attack("sys.exit in a cell", ALL, own="import sys\nsys.exit(0)", functions=RIGHT),
    Attack("the process ends", 3, late="import os\nos._exit(0)", functions=RIGHT),
    Attack("a crash in compiled code", 3, late="import ctypes\nctypes.string_at(0)", functions=RIGHT),
    Attack("the process kills itself", 3, late="import os\nos.kill(os.getpid(), 9)", functions=RIGHT),
    Attack("the process stops itself", 3, limits=STRICT, late="import os\nos.kill(os.getpid(), 19)", functions=RIGHT),
    Attack("everything in sight killed", ALL - 3, late="import os\nos.kill(-1, 9)", functions=RIGHT),
    Attack("another program in its place", 3, limits=STRICT, late="import os\nos.execv('/bin/sleep', ['sleep', '60'])", functions=RIGHT),
    Attack("all files closed", 3, late="import os\nos.closerange(0, 256)", functions=RIGHT),
    Attack("recursion without an end", ALL, own="def f(): return f()\nf()", functions=RIGHT),
    Attack(
        "output without an end",
        3, limits=SHORT,
        late="while True: print('x' * 1000)",
        functions=RIGHT | {SECOND: "", THIRD: ""},
    ),
    Attack(
        "an error that cannot be shown",
        ALL,
        own="class E(Exception):\n    def __str__(self): raise self\n    __repr__ = __str__\nraise E()",
        functions=RIGHT,
    ),
    Attack(
        "a value that ends the process when it is shown",
        3,
        late="class V:\n    def __repr__(self): import os; os._exit(0)\nV()",
        functions=RIGHT,
    ),
    Attack(
        "stdout replaced",
        0,  # as in Jupyter, where no later cell runs either
        own="import sys\nsys.stdout = sys.stderr = None",
        functions=RIGHT,
    ),
    Attack(
        "built-ins deleted",
        0,
        own="import builtins\nfor name in list(vars(builtins)):\n    if name not in ('delattr',): delattr(builtins, name)",
        functions=RIGHT,
    ),
    Attack("a syntax error", ALL, own="def f(:", functions=RIGHT),
    Attack("input asked for", ALL, own="input('your name')", functions=RIGHT),
    Attack("threads without an end", ALL, own="import threading, time\nfor _ in range(20):\n"
           "    threading.Thread(target=time.sleep, args=(60,)).start()", functions=RIGHT),
    Attack("top-level await and magics", ALL, own="import asyncio\nawait asyncio.sleep(0)\n%timeit -n1 -r1 1\n!true",
           functions=RIGHT),
)  # fmt: skip

# Children that fill their memory one after the other, each with one call into C, until one of them is ended.
CROWD = """
import os, signal, time
signal.signal(signal.SIGALRM, signal.SIG_IGN)  # memory is to run out before time does, however slow the machine
ended = None
for _ in range({processes}):
    filled, tell = os.pipe()
    if os.fork() == 0:
        x = bytearray(b"x") * ({megabytes} * 2**20)
        os.write(tell, b"x")
        time.sleep(3600)
    os.close(tell)
    os.read(filled, 1)
    child, status = os.waitpid(-1, os.WNOHANG)
    if child:
        ended = os.WTERMSIG(status)
        break
"""

BOMBS = (
    Attack(
        "a fork bomb",
        3,
        limits=STRICT,
        late="import os, signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\n"
        "while True:\n    try: os.fork()\n    except OSError: pass",
        functions=RIGHT,
    ),
    Attack("a memory bomb", ALL, own="x = []\nwhile True: x.append(bytearray(10**7))", functions=RIGHT),
    Attack(
        "a memory bomb of many processes",
        ALL,  # the kernel ends the largest, which is one of the children
        late=CROWD.format(processes=8, megabytes=200) + "print('ended by signal', ended)",
        functions=RIGHT,
        says="ended by signal 9\n",
    ),
    Attack(
        "memory taken by many processes and then by the run",
        3,  # here the run itself is the largest
        late=CROWD.format(processes=10, megabytes=60) + "y = bytearray(b'y') * (240 * 2**20)",
        functions=RIGHT,
        reason="more memory than the 256 MB it may",
    ),
    Attack(
        "memory without a name",
        ALL,
        own="import os\ntry: os.memfd_create('x')\nexcept PermissionError: print('refused')",
        functions=RIGHT,
        says="refused",
    ),
    Attack(
        "every disk filled",
        ALL,
        own="import os\nfull = 0\nfor folder in ('/tmp', '.', '/dev/shm'):\n    try:\n"
        "        for i in range(100):\n"
        "            with open(f'{folder}/{i}', 'wb') as file: file.write(bytes(8 * 2**20))\n"
        "    except OSError: full += 1\nprint('full', full)",
        functions=RIGHT,
        says="full 3",
    ),
    Attack(
        "a file without an end",
        ALL,
        own="try:\n    with open('x', 'wb') as file:\n        while True: file.write(bytes(10**6))\n"
        "except OSError: print('refused')",
        functions=RIGHT,
        says="refused",
    ),
    Attack(
        "limits raised again",
        ALL,
        own="import resource\nraised = 0\nfor name in ('AS', 'NPROC', 'FSIZE', 'CPU', 'NOFILE'):\n"
        "    try: resource.setrlimit(getattr(resource, 'RLIMIT_' + name), (-1, -1)); raised += 1\n"
        "    except (ValueError, OSError): pass\nprint('raised', raised)",
        functions=RIGHT,
        says="raised 0",
    ),
)

ESCAPES = (
    Attack(
        "network in every family",
        0,
        own="import socket\nopened = []\nfor family in range(0, 50):\n    for kind in (1, 2, 3, 5):\n"
        "        try: s = socket.socket(family, kind)\n        except OSError: continue\n"
        "        if family != socket.AF_UNIX: opened.append(family)\n"
        "        s.close()\nprint('opened', opened)",
        says="opened []",
    ),
    Attack(
        "a local server reached",
        0,
        own="import socket\ns = socket.socket(socket.AF_UNIX)\nreached = []\n"
        "for name in ('\\0dbus', '/run/dbus/system_bus_socket', '/var/run/docker.sock', '/tmp/.s.PGSQL.5432'):\n"
        "    try: s.connect(name); reached.append(name)\n    except OSError: pass\nprint('reached', reached)",
        says="reached []",
    ),
    Attack(
        "every folder written to",
        0,
        own="import os\nwritten = []\nfor top, folders, files in os.walk('/'):\n"
        "    folders[:] = [f for f in folders if top.count('/') < 4 and f not in ('proc', 'share', 'site-packages')]\n"
        "    try: open(os.path.join(top, 'w'), 'w'); written.append(top)\n    except OSError: pass\n"
        "print('written', sorted(written))",
        says="written ['/dev/shm', '/home/student', '/tmp']",
    ),
    Attack(
        "secrets searched for in every file's name",
        0,
        own="import os\nfound = []\nfor top, folders, files in os.walk('/'):\n"
        "    folders[:] = [f for f in folders if f not in ('proc', 'usr', 'lib', 'site-packages')]\n"
        "    found += [f for f in files if f.endswith(('.db', '.ipynb', 'course.toml', '.sqlite')) and 'lib/python' not in top]\n"
        "    found += [f for f in folders if f in ('classroom', 'lessons', 'submitted', '.git', '.ssh')]\n"
        "print('found', [f for f in found if 'jupyter' not in f])",
        says="found []",
    ),
    Attack(
        "the course and its tests imported",
        0,
        own="import importlib\nfor name in ('course', 'course.grading.judging.judge', 'tests', 'helpers.exercises.structure',\n"
        "             'helpers.exercises.engine.judging'):\n"
        "    try: importlib.import_module(name); print('imported', name)\n"
        "    except ImportError: pass\nprint('done')",
        says="done",
        never=("imported ",),
    ),
    Attack(
        "passwords and the root's home read",
        0,
        own="import os\nread = []\nfor path in ('/etc/passwd', '/etc/shadow', '/root/.bash_history', '/root/.ssh',\n"
        "    '/proc/1/environ', '/proc/1/mem', '/proc/kcore', '/dev/mem', '/dev/sda', '/var/log'):\n"
        "    try: os.listdir(path) if os.path.isdir(path) else open(path, 'rb').read(1); read.append(path)\n"
        "    except OSError: pass\nprint('read', read)",
        says="read []",
    ),
    Attack(
        "other processes' memory",
        0,
        own="import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\ngot = []\n"
        "for pid in [p for p in os.listdir('/proc') if p.isdigit() and int(p) != os.getpid()]:\n"
        "    for part in ('mem', 'environ', 'maps'):\n"
        "        try: open(f'/proc/{pid}/{part}', 'rb').read(1); got.append((pid, part))\n"
        "        except OSError: pass\n"
        "    if libc.ptrace(16, int(pid), 0, 0) == 0: got.append((pid, 'ptrace'))\nprint('got', got)",
        says="got []",
    ),
    Attack(
        "name spaces, mounts and privileges",
        0,
        own="import ctypes, os\nlibc = ctypes.CDLL(None)\ngot = []\n"
        "for flag in (0x20000, 0x10000000, 0x40000000, 0x20000000):\n"
        "    if libc.unshare(flag) == 0: got.append(hex(flag))\n"
        "if libc.mount(b'tmpfs', b'/usr', b'tmpfs', 0, None) == 0: got.append('mount')\n"
        "if libc.umount2(b'/home/student', 2) == 0: got.append('umount')\n"
        "if libc.chroot(b'/tmp') == 0: got.append('chroot')\n"
        "for call in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.chown('/tmp', 0, 0),\n"
        "             lambda: os.mknod('/tmp/d', 0o20600, 259), lambda: os.nice(-20)):\n"
        "    try: call(); got.append('privilege')\n    except OSError: pass\n"
        "print('got', got, os.getuid() == 0)",
        says="got [] False",
    ),
    Attack(
        "rare system calls",
        0,
        own="import ctypes\nlibc = ctypes.CDLL(None)\nallowed = []\n"
        "for number in (101, 310, 311, 321, 298, 323, 425, 426, 319, 248, 250, 304, 175, 246, 29, 435, 447):\n"
        "    if libc.syscall(number, 0, 0, 0, 0, 0) != -1: allowed.append(number)\nprint('allowed', allowed)",
        says="allowed []",
    ),
    Attack(
        "a program that gives rights",
        0,
        own="import subprocess\nr = subprocess.run(['su', '-c', 'id', 'root'], capture_output=True, input=b'')\n"
        "print('rights', b'uid=0' in r.stdout)",
        says="rights False",
    ),
    Attack(
        "a daemon left behind",
        ALL,
        own="import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        for _ in range(600):\n            time.sleep(0.1)\n"
        "            open('/tmp/alive', 'a').write('x')\n    os._exit(0)\n",
        functions=RIGHT,
    ),
    Attack(
        "answers given by a daemon after the run",
        0,
        own=ANSWERS + "import time\nif os.fork() == 0:\n    for _ in range(400):\n        for fd in range(3, 30):\n"
        "            try: os.write(fd, struct.pack('!I', len(frame)) + frame)\n            except OSError: pass\n"
        "        time.sleep(0.005)\n    os._exit(0)\n",
    ),
)  # fmt: skip

TRACES = (
    Attack(
        "traces left for the next one",
        0,
        own="import os, sys, helpers, builtins\nfor folder in ('/tmp', '.', '/dev/shm'):\n"
        "    open(f'{folder}/trace', 'w').write('TRACE-OF-ANOTHER')\n"
        "os.environ['TRACE'] = np.TRACE = helpers.TRACE = builtins.TRACE = 'TRACE-OF-ANOTHER'\n"
        "helpers.MLP = None\nnp.zeros = None",
    ),
    Attack(
        "traces of another looked for",
        0,
        own="import os, gc, helpers\nfound = [f for f in ('/tmp/trace', 'trace', '/dev/shm/trace') if os.path.exists(f)]\n"
        "found += [k for k in ('TRACE',) if k in os.environ or hasattr(np, k) or hasattr(helpers, k)]\n"
        "found += [1 for o in gc.get_objects() if type(o) is dict and len(o) < 500 and ''.join(['TRACE-OF', '-ANOTHER']) in map(str, o.values())]\n"
        "print('found', found, helpers.MLP is not None, np.zeros(1))",
        says="found [] True [0.]",
    ),
    Attack(
        "the ready-made network by a name that stands nowhere",
        0,
        own="from helpers import MLP",
        functions={FIRST: "def parameter_count(sizes):\n    return globals()['ML' + 'P'](sizes).count"},
    ),
    Attack(
        "hidden inputs carried out by an error",
        0,
        functions={FIRST: "def parameter_count(sizes):\n    raise ValueError('SEEN ' + str(tuple(sizes)))"},
    ),
    Attack(
        "hidden inputs carried out through files, into a later exercise",
        0,
        functions={
            FIRST: "def parameter_count(sizes):\n    open('/tmp/seen', 'a').write('SEEN ' + str(tuple(sizes)))\n    return 1",
            SECOND: "def layer_shapes(sizes):\n    raise ValueError(open('/tmp/seen').read())",
        },
    ),
    Attack(
        "escape sequences on the terminal and in the notebook",
        0,
        own="print('\\x1b]0;owned\\x07\\x1b[2J\\x9b31m\\u202eevil')\nraise ValueError('\\x1b[31mred\\x08\\x08')",
        never=("\x1b", "\x07", "\x9b", "\x08", "\u202e"),
    ),
    Attack(
        "HTML and scripts in outputs",
        0,
        own="from IPython.display import HTML, Javascript, SVG, display\n"
        "display(HTML('<script>alert(1)</script>'), Javascript('alert(1)'))\n"
        "display({'text/html': '<img src=x onerror=alert(1)>', 'text/markdown': '<script>', 'image/svg+xml': '<svg onload=alert(1)>',\n"
        "         'image/png': '\"><script>alert(1)</script>', 'application/vnd.x': 1}, raw=True)\n"
        "HTML('<iframe src=javascript:alert(1)>')",
        functions={FIRST: "def parameter_count(sizes):\n    raise ValueError('<script>alert(2)</script>`<b>`')"},
        never=("onerror", "<svg", "<iframe"),
    ),
)  # fmt: skip


def graded(grade, released, attack):
    notebook = answered(released, attack.functions)
    if attack.own:
        notebook = with_cell(notebook, attack.own, before=FIRST)
    if attack.late:
        notebook = with_cell(notebook, attack.late, before=SECOND)
    return grade(notebook, limits=attack.limits)


def text_of(result):
    """All text that the graded notebook shows."""
    return [
        output.get("text", "")
        + "".join(output.get("data", {}).values())
        + "".join(output.get("traceback", []))
        for c in json.loads(result.notebook)["cells"]
        for output in c.get("outputs", [])
    ]


EVERY = (*FORGED, *VALUES, *ACCIDENTS, *BOMBS, *ESCAPES, *TRACES)


@pytest.mark.parametrize("attack", EVERY, ids=lambda attack: attack.name.replace(" ", "-"))
def test_attack_gets_its_points_and_the_next_one_all(attack, grade, released, monkeypatch):
    # A call that hangs is waited for as long as its exercise says: no right answer here needs a hundredth.
    monkeypatch.setitem(vars(exercise(SECOND)), "seconds", 0.5)
    result = graded(grade, released, attack)
    assert sum(points or 0 for points in result.points.values()) == attack.points, result
    assert result.state in ("graded", "needs a person")
    shown = text_of(result)
    assert any(attack.says in text for text in shown), shown
    assert any(attack.reason in repair for repair in ["", *result.repairs]), result.repairs
    assert not [word for word in attack.never if word in "".join(shown)]
    assert "\x1b" not in result.notebook
    honest = grade(answered(released))
    assert sum(points or 0 for points in honest.points.values()) == ALL, honest


@pytest.fixture
def busy():
    """Four processes for each processor that want all of it."""
    command = [sys.executable, "-c", "while True: pass"]
    crowd = [subprocess.Popen(command) for _ in range(4 * (os.cpu_count() or 1))]
    yield
    for process in crowd:
        process.kill()
    for process in crowd:
        process.wait()


@pytest.mark.usefixtures("busy")
def test_time_that_others_take_is_not_counted(grade, released):
    """The limit inside ends a cell in time by its own clock, so the limit outside must wait for it."""
    notebook = with_cell(answered(released), "while True: pass", before=FIRST)
    result = grade(notebook, limits=STRICT)
    assert sum(points or 0 for points in result.points.values()) == ALL, result
    assert any("CellTimeout" in text for text in text_of(result))


def test_there_are_enough_attacks():
    assert len(EVERY) >= 60
    assert len({attack.name for attack in EVERY}) == len(EVERY)


def test_hidden_inputs_never_stand_in_the_graded_notebook(grade, released):
    """What the functions were called with in the second round is shown nowhere."""
    hidden = [tuple(case.arguments[0]) for case in cases_of(exercise(FIRST), SEEDS[FIRST]) if case.hidden]
    seen = {tuple(case.arguments[0]) for case in cases_of(exercise(FIRST))}
    for attack in TRACES:
        notebook = graded(grade, released, attack).notebook
        for sizes in hidden:
            assert sizes in seen or str(sizes) not in notebook
            assert sizes in seen or str(list(sizes)) not in notebook


def test_script_in_an_error_is_escaped_where_the_report_is_html(grade, released):
    attack = next(attack for attack in TRACES if attack.name.startswith("HTML"))
    notebook = json.loads(graded(grade, released, attack).notebook)
    pages = [
        o["data"]["text/html"]
        for c in notebook["cells"]
        for o in c.get("outputs", [])
        if "text/html" in o.get("data", {})
    ]
    assert pages
    assert all(page.startswith("<style>") for page in pages)  # the judge's own, nothing of the student's
    assert not any("<script" in page or "onerror" in page for page in pages)


def test_written_answers_hold_no_tags(grade, released):
    notebook = answered(released)
    hostile = (
        "<script>alert(1)</script> a < b, `x<y` [link](javascript:alert(1)) <IMG SRC=x onerror=alert(1)>"
    )
    cell(notebook, ANSWER)["source"] = hostile
    shown = cell(json.loads(grade(notebook).notebook), ANSWER)["source"]
    assert not re.search(r"<[A-Za-z/!?]", shown)
    assert "javascript:" not in shown
    assert "a < b" in shown
    assert shown.replace("\N{ZERO WIDTH SPACE}", "") == hostile
    assert sanitize.markdown("1 < 2") == "1 < 2"


def test_an_output_of_nothing_leaves_no_empty_box():
    figure = {"output_type": "display_data", "data": {"text/plain": " \n"}, "metadata": {}}
    assert sanitize.output(figure) is None
    assert sanitize.output(figure | {"data": {"text/plain": "0"}}) == figure | {"data": {"text/plain": "0"}}
