// The worker that early.js starts: JupyterLite's own, and Python at once.
import "__WORKER__";
import { startAhead } from "./python.mjs";

startAhead();
