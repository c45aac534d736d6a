// The same as helpers/handwriting.py, for the page that has no Python: from strokes to 64 pixels, and through the network.
// A test holds both to the same numbers.
const SIDE = 32, BLOCK = 4, WIDE = 20, INK = 0.3, PEN = 4, BROADEST = 10, STRETCH = 1.5;

// The ink of each 4 x 4 block of the straightened, scaled drawing: 64 numbers from 0 to 1.
export function pixels(strokes) {
  const dots = bitmap(strokes.filter((stroke) => stroke.length)), result = new Array(64).fill(0);
  dots.forEach((ink, at) => { if (ink) result[Math.floor(at / SIDE / BLOCK) * 8 + Math.floor((at % SIDE) / BLOCK)] += 1 / BLOCK ** 2; });
  return result;
}

// The network's answer to one row of pixels: the pre-activations and activations of both layers.
export function forward({ sizes, theta }, x) {
  const layers = [];
  let input = x, at = 0;
  for (let i = 1; i < sizes.length; i += 1) {
    const [rows, columns] = [sizes[i - 1], sizes[i]];
    const z = Array.from({ length: columns }, (_, k) => {
      let sum = theta[at + rows * columns + k];
      for (let j = 0; j < rows; j += 1) sum += input[j] * theta[at + j * columns + k];
      return sum;
    });
    input = i < sizes.length - 1 ? z.map((value) => Math.max(0, value)) : softmax(z);
    layers.push({ z, x: input });
    at += (rows + 1) * columns;
  }
  return layers;
}

function softmax(z) {
  const top = Math.max(...z), e = z.map((value) => Math.exp(value - top)), sum = e.reduce((a, b) => a + b);
  return e.map((value) => value / sum);
}

function bitmap(strokes) {
  if (!strokes.length) return new Array(SIDE * SIDE).fill(false);
  const lines = upright(strokes), points = lines.flat();
  const low = [0, 1].map((a) => Math.min(...points.map((p) => p[a]))), high = [0, 1].map((a) => Math.max(...points.map((p) => p[a])));
  const count = Math.round(INK * SIDE ** 2);
  let pen = PEN, distance;
  for (let round = 0; round < 3; round += 1) {
    const room = [WIDE - pen, SIDE - pen], free = room.map((r, a) => r / Math.max(high[a] - low[a], 1e-9));
    const scale = [Math.min(free[0], STRETCH * free[1]), Math.min(free[1], STRETCH * free[0])];
    const placed = lines.map((line) => thinned(line.map((p) => p.map((v, a) => (v - (low[a] + high[a]) / 2) * scale[a] + SIDE / 2))));
    distance = distances(placed);
    pen = Math.min(2 * [...distance].sort((a, b) => a - b)[count], BROADEST);
  }
  return Array.from(distance, (d) => d <= pen / 2);
}

// Sheared so that the leftmost points at the top and at the bottom are in one column.
function upright(lines) {
  const points = lines.map(dense).flat(), ys = points.map((p) => p[1]);
  const top = Math.min(...ys), bottom = Math.max(...ys);
  if (bottom === top) return lines;
  const edge = 0.06 * (bottom - top), left = (chosen) => Math.min(...chosen.map((p) => p[0]));
  const slope = (left(points.filter((p) => p[1] >= bottom - edge)) - left(points.filter((p) => p[1] <= top + edge))) / (bottom - top);
  const clipped = Math.min(0.8, Math.max(-0.8, slope));
  return lines.map((line) => line.map(([x, y]) => [x - clipped * y, y]));
}

function dense(line) {
  if (line.length === 1) return line;
  const points = [];
  for (let i = 0; i + 1 < line.length; i += 1) {
    for (let k = 0; k < 16; k += 1) points.push(line[i].map((v, a) => v + (k / 16) * (line[i + 1][a] - v)));
  }
  return [...points, line[line.length - 1]];
}

function thinned(line) {
  const kept = [line[0]];
  for (const point of line.slice(1, -1)) {
    const last = kept[kept.length - 1];
    if (Math.abs(point[0] - last[0]) + Math.abs(point[1] - last[1]) >= 0.7) kept.push(point);
  }
  return line.length > 1 ? [...kept, line[line.length - 1]] : kept;
}

function distances(lines) {
  const result = new Float64Array(SIDE * SIDE).fill(Infinity);
  for (const line of lines) {
    for (let i = 0; i < Math.max(1, line.length - 1); i += 1) {
      const [ax, ay] = line[i], [bx, by] = line[i + 1] ?? line[i];
      const [dx, dy] = [bx - ax, by - ay], length = Math.max(dx * dx + dy * dy, 1e-12);
      for (let at = 0; at < result.length; at += 1) {
        const x = (at % SIDE) + 0.5 - ax, y = Math.floor(at / SIDE) + 0.5 - ay;
        const foot = Math.min(1, Math.max(0, (x * dx + y * dy) / length));
        result[at] = Math.min(result[at], (x - foot * dx) ** 2 + (y - foot * dy) ** 2);
      }
    }
  }
  return result.map(Math.sqrt);
}
