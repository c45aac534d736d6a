// The site's service worker. What was fetched once is kept under the build's name, so a second visit needs no network; a
// new build has another name and starts afresh. In `live/` it stands in the place of JupyterLite's own worker, whose
// cache is off again whenever the browser restarts it; kept of that one is the channel to the notebook's files.
const CACHE = "course-__BUILD__";
const channel = new BroadcastChannel("/sw-api.v1");
const scope = new URL("./", location.href).pathname;
const scripts = new Promise((heard) => self.addEventListener("message", ({ data }) => data.scripts && heard(data.scripts)));

self.addEventListener("install", (event) => {
  self.skipWaiting();
  if (location.search === "?compile") event.waitUntil(compile());
});
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("message", (event) => {
  if (event.data === "keep all") event.waitUntil(keepAll(event.source));
});
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin) return;
  if (url.pathname === "/api/service-worker-heartbeat") event.respondWith(new Response("ok"));
  else if (/\/api\/(drive|stdin\/)/.test(url.pathname)) event.respondWith(ask(event.request, url));
  else if (event.request.method === "GET") event.respondWith(find(event.request, url));
});

async function takeOver() {
  for (const name of await caches.keys()) if (name.startsWith("course-") && name !== CACHE) await caches.delete(name);
  await self.clients.claim();
}

async function find(request, url) {
  const cache = await caches.open(CACHE);
  const address = url.pathname.endsWith("/") ? `${url.pathname}index.html` : url.pathname;
  const kept = await cache.match(address);
  tell(kept ? "loaded" : "loading", url.pathname);
  if (kept) return kept;
  const answer = await fetch(request).catch(() => new Response("There is no network, and this file has not been kept.", { status: 504 }));
  if (answer.ok && answer.status === 200) {
    cache.put(address, answer.clone()).catch(() => {}).then(() => tell("loaded", url.pathname)); // a full disk is no reason to stop
  }
  return answer;
}

// Chromium compiles a script whole, and keeps what came of it, if it is put away while a worker is installed. So a page
// installs one for nothing but the scripts that it has loaded, and the next visit starts sooner.
async function compile() {
  const cache = await caches.open(CACHE);
  for (const address of await scripts) {
    const answer = (await cache.match(address)) ?? (await fetch(address));
    if (answer.ok) await cache.put(address, answer);
  }
}

// Pages show how far Python's files have come; the workers that fetch them cannot tell.
async function tell(what, file) {
  if (!/\/static\/pyodide\//.test(file)) return;
  for (const client of await self.clients.matchAll({ type: "window" })) client.postMessage({ [what]: file.split("/").pop() });
}

async function keepAll(client) {
  const cache = await caches.open(CACHE);
  const files = await (await fetch(`${scope}files.json`)).json();
  let done = 0;
  for (const file of files) {
    if (!(await cache.match(scope + file))) await cache.add(scope + file);
    client?.postMessage({ kept: ++done, of: files.length });
  }
}

async function ask(request, url) {
  const body = await request.json();
  body.requestId ??= crypto.randomUUID();
  body.pathname = url.pathname;
  return new Promise((resolve) => {
    const hear = ({ data }) => {
      if (data.browsingContextId !== body.browsingContextId || data.requestId !== body.requestId) return;
      channel.removeEventListener("message", hear);
      resolve(new Response(JSON.stringify(data.response)));
    };
    channel.addEventListener("message", hear);
    channel.postMessage(body);
  });
}
