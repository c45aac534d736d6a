"""What tests ask of a lesson that is open in the live edition, in JavaScript; cells have nbgrader's names."""

_CELLS = """const { content } = jupyterapp.shell.currentWidget;
  const named = (name) =>
    content.widgets.find(({ model }) => model.getMetadata("nbgrader")?.grade_id === name);"""

OPEN = "() => globalThis.jupyterapp?.shell?.currentWidget?.context?.isReady"
WRITE = f"([name, text]) => {{ {_CELLS} named(name).model.sharedModel.setSource(text); }}"
SOURCE = f"(name) => {{ {_CELLS} return named(name).model.sharedModel.getSource(); }}"
# Begin to run a cell, without waiting for its end.
START = f"""async (name) => {{ {_CELLS}
  content.activeCellIndex = content.widgets.indexOf(named(name));
  jupyterapp.commands.execute("notebook:run-cell");
  while (jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.status !== "busy")
    await new Promise((next) => setTimeout(next, 50)); }}"""
# Run a cell; `RAN` then gives its errors. They are no answer to this: an answer that the page owes is waited
# for without a limit, and is lost when the browser collects its promise.
RUN = f"""(name) => {{ {_CELLS}
  const cell = named(name);
  globalThis.nnRan = null;
  content.activeCellIndex = content.widgets.indexOf(cell);
  jupyterapp.commands.execute("notebook:run-cell").then(() => {{
    const errors = cell.model.outputs.toJSON().filter((one) => one.output_type === "error");
    globalThis.nnRan = errors.map((one) => one.evalue); }}); }}"""
RAN = "() => globalThis.nnRan"
# All that a cell shows, as text.
SHOWN = f"""(name) => {{ {_CELLS}
  return JSON.stringify(named(name).model.outputs.toJSON()); }}"""
# Write into the first cell, and save.
TYPE = """text => {
  jupyterapp.shell.currentWidget.content.widgets[0].model.sharedModel.setSource(text);
  return jupyterapp.commands.execute("docmanager:save"); }"""
FIRST = "() => jupyterapp.shell.currentWidget.content.widgets[0].model.sharedModel.getSource()"
NAMES = """async () => {
  const { content } = await jupyterapp.serviceManager.contents.get("01-structure", { content: true });
  return content.map(({ name }) => name).sort(); }"""
SAVE = """([path, content]) => jupyterapp.serviceManager.contents.save(
  path, { type: "notebook", format: "json", content })"""
BEGAN_WITH = """([path, signature]) =>
  localStorage.setItem("course-releases", JSON.stringify({ [path]: signature }))"""
# Has the page noted from which release its copy was begun?
NOTED = """path => path in JSON.parse(localStorage.getItem("course-releases") ?? "{}")"""
# Whether the browser has compiled the page's scripts for the next visit.
COMPILED = """async () => (await navigator.serviceWorker.getRegistrations()).some(
  ({ active }) => active?.scriptURL.endsWith("?compile"))"""
# Whether the browser keeps a file of the site for a visit without a network.
KEPT = "async (path) => Boolean(await caches.match(new URL(path, location.href).href))"
