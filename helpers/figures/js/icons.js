// Signs on buttons, drawn: the fonts of many systems lack them.
const iconPaths = {
  first: "M2 2h2v10H2zM12 2v10L5 7z",
  back: "M10 2v10L3 7z",
  play: "M3 1.5v11L12 7z",
  pause: "M3 2h3v10H3zM8 2h3v10H8z",
  next: "M2 2v10l7-5zM10 2h2v10h-2z",
  last: "M2 2v10l6-5zM8 2v10l5-5z",
  less: "M2 6h10v2H2z",
  more: "M6 2h2v4h4v2H8v4H6V8H2V6h4z",
};

function icon(sign) {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg"), path = document.createElementNS(space, "path");
  const looks = { viewBox: "0 0 14 14", width: 14, height: 14, fill: "currentColor", style: "vertical-align: -2px" };
  for (const [name, value] of Object.entries({ ...looks, "aria-hidden": true })) drawing.setAttribute(name, value);
  path.setAttribute("d", iconPaths[sign]);
  drawing.append(path);
  return drawing;
}
