// freeze.mjs FOLDER FILE: start Python as FOLDER/python.mjs does, run the program on the standard input, and keep its
// memory in FILE.
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import zlib from "node:zlib";

const [folder, target] = process.argv.slice(2).map((name) => path.resolve(name));
// The same memory every time and as in a browser: no clock, no chance, no name of a program.
process.argv.length = 1;
process.env.TZ = "UTC";
let now = Date.UTC(2026, 0, 1);
Date.now = () => now++;
performance.now = () => now++ - Date.UTC(2026, 0, 1);
const same = (array) => array.fill(7);
crypto.randomFillSync = same;
globalThis.crypto.getRandomValues = same;

try {
  await freeze();
} catch (error) {
  console.error(error.type ?? error.message); // of Python's errors the type: the kernel takes the message for itself
  process.exit(1);
}

async function freeze() {
  const { entries, known, start } = await import(pathToFileURL(path.join(folder, "python.mjs")));
  const files = entries(new Uint8Array(zlib.gunzipSync(fs.readFileSync(path.join(folder, "packages.bin")))));
  const python = await start({ indexURL: `${folder}/`, _makeSnapshot: true }, files);
  python.runPython(fs.readFileSync(0, "utf8"));
  for (const name of Object.keys(python.loadedPackages)) delete python.loadedPackages[name]; // the same list at the start
  const names = Object.entries(known(python._api));
  const memory = python.makeMemorySnapshot({
    serializer(thing) {
      const [name] = names.find(([, one]) => one === thing) ?? [];
      if (!name) throw new Error(`Python holds something of JavaScript's that cannot be kept: ${thing}`);
      return { name, arranged: python._api.arranged };
    },
  });
  fs.writeFileSync(target, zlib.gzipSync(memory, { level: 7 }));
}
