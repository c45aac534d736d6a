"""What a page shows of a widget, asked in JavaScript with the widget's element."""

# What a page shows of a widget: its text, figures, canvases and lists. The page keeps the function: a new one
# is interpreted each time, and the pixels are many.
SEEN = """(window.nnSeen ??= el => {
  const pixels = [...el.querySelectorAll('canvas.nn-layer')].map(c => {
    if (!c.width) return 0;
    const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
    let s = 0; for (const pixel of new Int32Array(d.buffer)) s = Math.imul(s, 31) + pixel | 0; return s; });
  const plots = [...el.querySelectorAll('.js-plotly-plot')].map(p => JSON.stringify(
    (p._fullData || []).map(t => [t.x && [...t.x], t.y && [...t.y], t.text, t.visible])));
  const told = '.nn-say:not(.nn-error) > div:first-child, .nn-readout, .nn-copy pre';
  const texts = [...el.querySelectorAll(told)].map(e => e.textContent);
  return JSON.stringify([texts, plots, pixels]); })"""
# Where the figure and its axes are, in the widget: the figure's top, offset and length of each axis.
PLACES = """el => JSON.stringify([...el.querySelectorAll('.js-plotly-plot')].map(p => {
  const all = Object.entries(p._fullLayout).filter(([k]) => /^[xy]axis\\d*$/.test(k));
  return [Math.round(p.getBoundingClientRect().top - el.getBoundingClientRect().top),
          all.map(([k, a]) => [k, Math.round(a._offset), Math.round(a._length)])]; }))"""
# Numbers and names of axes that stick out of their figure.
CUT = """el => [...el.querySelectorAll('.js-plotly-plot')].flatMap(plot => {
  const edge = plot.getBoundingClientRect();
  return [...plot.querySelectorAll('[class*="tick"] text, [class*="title"]')].filter(e => {
    const box = e.getBoundingClientRect();
    return box.width && (box.left < edge.left - 1 || box.right > edge.right + 1);
  }).map(e => e.textContent); })"""
# Resolves with what is seen, where and what is cut off, once all is drawn and it is not what was seen before
# (or time is up). What the page has sent is answered when the kernel says that it is idle again after it; by
# then the page has sent what a widget held back meanwhile. (JupyterLab sends what widgets say to a thread of
# their own in the kernel: that the kernel has answered a later question says nothing.)
SETTLED = f"""async (el, [before, limit]) => {{
  const look = {SEEN}, began = performance.now();
  const {{ kernel }} = window.jupyterapp.shell.currentWidget.context.sessionContext.session;
  if (!kernel.nnWaits) {{
    kernel.nnWaits = new Set();
    kernel.anyMessage.connect((_, {{ msg, direction }}) => {{
      if (direction === 'send' && msg.channel === 'shell') kernel.nnWaits.add(msg.header.msg_id);
    }});
    kernel.iopubMessage.connect((_, msg) => {{
      if (msg.content.execution_state === 'idle') kernel.nnWaits.delete(msg.parent_header.msg_id);
    }});
    for (let asked = 0; asked < 2; asked += 1) await kernel.requestKernelInfo();  // for what was sent before
  }}
  const frame = () => new Promise(requestAnimationFrame);
  for (;;) {{
    await frame();
    const now = look(el);
    await frame();
    const done = !kernel.nnWaits.size && kernel.status === 'idle' && look(el) === now;
    if (done && (now !== before || performance.now() - began > limit)) {{
      return [now, ({PLACES})(el), ({CUT})(el)];
    }}
  }} }}"""
# Lines of controls that hold nothing that can be seen.
EMPTY = """el => {
  const lines = {};
  for (const e of el.querySelectorAll('.nn-row > :not(.nn-row)')) {
    const box = e.getBoundingClientRect();
    if (!box.height) continue;
    const middle = (box.top + box.bottom) / 2;
    const near = Object.keys(lines).find(at => Math.abs(at - middle) < 15) ?? middle;
    (lines[near] ??= []).push(e);
  }
  const seen = e => e.checkVisibility({ visibilityProperty: true });
  return Object.values(lines).filter(line => !line.some(seen)).map(line => line.map(e => e.textContent)); }"""

# Texts of the widget that stick out of it on the right.
STICKS_OUT = """el => {
  const edge = el.getBoundingClientRect().right + 1;
  return [...el.querySelectorAll('label, output, button, select, text, td, .nn-say div')]
    .filter(e => e.getBoundingClientRect().width && e.getBoundingClientRect().right > edge)
    .map(e => e.textContent.slice(0, 40)); }"""

# The heights of the widget and of its readout in each frame of its player, each pair once.
HEIGHTS = """el => {
  const [range, readout] = el.querySelectorAll('.nn-player input, .nn-readout'), heights = new Set();
  for (range.value = 0; ; range.value = Number(range.value) + 1) {
    range.dispatchEvent(new Event('input', { bubbles: true }));
    heights.add([el, readout].map(e => e.getBoundingClientRect().height).join());
    if (range.value === range.max) return [...heights];
  } }"""
