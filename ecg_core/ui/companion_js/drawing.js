// The sheet of glass over the chart: calipers, what they repeat, the line of the sample that is looked at.

const SVG = "http://www.w3.org/2000/svg";
const BAR_PX = 16, LABEL_PX = 14, LEAST_MARCH_PX = 4, LEAST_NUMBER_PX = 16;
// Of a long window: a caliper narrower than this is seen but not moved by hand; so many names over one another.
const LEAST_HOLD_PX = 14, MOST_NAMES = 2;

function shape(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** The glass of a chart, made if it is not there. It goes with the chart when that is drawn anew. */
function glassOf(gd) {
  const holder = gd.querySelector(".svg-container");
  if (!holder) return null;
  let glass = holder.querySelector(":scope > .ecg-glass");
  if (!glass) {
    glass = shape("svg", { class: "ecg-glass" });
    holder.append(glass);
  }
  return glass;
}

function isDark(colour) {
  const [red, green, blue] = (colour.match(/[\da-f]{2}/gi) ?? []).map(part => parseInt(part, 16));
  const [r, g, b] = colour.startsWith("#") ? [red, green, blue] : (colour.match(/[\d.]+/g) ?? []).map(Number);
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}

/** Draw all of it. `calipers` as shown now: those of the server with what the hand has changed since. */
function drawGlass(glass, sheet, { calipers, draft, selected, highlight, tool }) {
  const paper = sheet.gd._fullLayout.plot_bgcolor;
  glass.setAttribute("width", sheet.width);
  glass.setAttribute("height", sheet.height);
  glass.setAttribute("class", `ecg-glass ${isDark(paper) ? "dark" : "light"} tool-${tool}`);
  glass.style.setProperty("--paper", paper);
  const { left, top, right, bottom } = sheet;
  const field = shape("rect", { class: "field", x: left, y: top, width: right - left, height: bottom - top });
  const drawn = shape("svg", { x: left, y: top, width: right - left, height: bottom - top,
                               viewBox: `${left} ${top} ${right - left} ${bottom - top}` });
  if (highlight) drawn.append(...highlightShapes(sheet, highlight));
  const all = draft ? [...calipers, draft] : calipers;
  const slots = new Map();
  for (const caliper of all) drawn.append(caliperShape(sheet, caliper, caliper.id === selected?.id ? selected : null, slots));
  const focused = glass.contains(document.activeElement) ? document.activeElement.dataset.id : null;
  glass.replaceChildren(field, drawn);
  if (focused) [...glass.querySelectorAll(".caliper")].find(g => g.dataset.id === focused)?.focus({ preventScroll: true });
}

function highlightShapes(sheet, { lead, sample, x }) {
  const lanes = sheet.facts.lanes.filter(lane => !lead || lane.lead === lead);
  return lanes.flatMap(lane => {
    const at = x ?? xOfSample(lane, sample);
    if (at < lane.x0 - lane.dx || at > lane.x1) return [];
    const px = sheet.xPixel(at), top = sheet.yPixel(lane.top), bottom = sheet.yPixel(lane.bottom);
    return [shape("line", { class: "highlight", x1: px, x2: px, y1: top, y2: bottom }),
            shape("path", { class: "highlight-arrow", d: `M${px - 5} ${top} h10 l-5 8 z` })];
  });
}

function caliperShape(sheet, caliper, selected, slots) {
  const group = shape("g", {
    class: `caliper${selected ? " selected" : ""}${caliper.marches ? " marches" : ""}`,
    "data-id": caliper.id ?? "", tabindex: caliper.id ? 0 : -1, role: "button",
    "aria-label": [caliper.name, caliper.label].filter(Boolean).join(": "),
  });
  const [start, stop] = [caliper.start_sample, caliper.stop_sample].sort((a, b) => a - b);
  for (const lane of sheet.facts.lanes) {
    if (lane.lead !== caliper.lead) continue;
    const box = laneBox(sheet, lane);
    const [from, to] = [start, stop].map(sample => sheet.xPixel(xOfSample(lane, sample)));
    if (caliper.marches) group.append(...marchShapes(from, to, box));
    if (to < box.left || from > box.right || (isLines(sheet) && isOnAnother(from, to, box))) continue;
    group.append(...endShapes(sheet, caliper, lane, from, to, box, selected, slots));
  }
  return group;
}

function laneBox(sheet, lane) {
  const clamp = px => nearest(px, sheet.left, sheet.right);
  return { left: clamp(sheet.xPixel(lane.x0)), right: clamp(sheet.xPixel(lane.x1)),
           top: sheet.yPixel(lane.top), bottom: sheet.yPixel(lane.bottom) };
}

/** Calipers whose bars or labels would lie over one another in a row of lanes get different heights. */
function takeSlot(slots, box, low, high) {
  const row = Math.round(box.bottom);
  if (!slots.has(row)) slots.set(row, []);
  const taken = slots.get(row);
  let slot = 0;
  while (taken.some(one => one.slot === slot && one.low < high && low < one.high)) slot += 1;
  taken.push({ slot, low, high });
  return slot;
}

/** What stands at the bar: in a long window the name, and its measure once it is chosen or while it is drawn. */
function textOf(sheet, caliper, lane, from, to, box, selected) {
  const measure = () => caliper.label ?? measured(sheet, lane, caliper.start_sample, caliper.stop_sample);
  if (!sheet.facts.is_band || selected || !caliper.id) return [caliper.name, measure()].filter(Boolean).join(": ");
  return from < box.left - 0.01 && sheet.facts.lanes[0] !== lane && isLines(sheet) ? "" : caliper.name; // once, not on each line
}

/** What begins where a line ends is on the next one. */
const isOnAnother = (from, to, box) => from >= box.right - 0.01 || to <= box.left + 0.01;

/** A full disclosure: one lead, line after line. */
const isLines = sheet => sheet.facts.is_band && sheet.facts.lanes.length > 1
  && sheet.facts.lanes.every(lane => lane.lead === sheet.facts.lanes[0].lead);

function endShapes(sheet, caliper, lane, from, to, box, selected, slots) {
  const made = [], height = box.bottom - box.top;
  const isBand = sheet.facts.is_band, isHeld = !isBand || to - from >= LEAST_HOLD_PX;
  const raised = isBand && !isLines(sheet) ? BAR_PX : 4; // the label of a band stands within its own lane
  const [x1, x2] = [Math.max(from, box.left), Math.min(to, box.right)];
  const text = textOf(sheet, caliper, lane, from, to, box, selected);
  const [low, high] = labelEnds(sheet, text, (x1 + x2) / 2);
  const slot = takeSlot(slots, box, Math.min(low, x1), Math.max(high, x2));
  const y = box.bottom - Math.min(raised + slot * BAR_PX, Math.max(height - 2 * BAR_PX, 4));
  made.push(shape("line", { class: "bar", x1, x2, y1: y, y2: y }));
  if (isHeld) made.push(shape("line", { class: "hold whole", "data-part": "whole", x1, x2, y1: y, y2: y }));
  const flipped = caliper.start_sample > caliper.stop_sample;
  for (const [part, x] of [[flipped ? "stop" : "start", from], [flipped ? "start" : "stop", to]]) {
    if (x < box.left - 1 || x > box.right + 1) continue;
    const chosen = selected?.part === part ? " chosen" : "";
    made.push(shape("line", { class: `end${chosen}`, x1: x, x2: x, y1: box.top, y2: box.bottom }));
    if (isHeld) made.push(shape("line", { class: "hold end-hold", "data-part": part, x1: x, x2: x, y1: box.top, y2: box.bottom }));
  }
  const hasRoom = !isBand || selected || !caliper.id || slot < (isLines(sheet) ? 1 : MOST_NAMES);
  if (text && hasRoom) made.push(...labelShapes(sheet, text, low, high, y, isHeld));
  return made;
}

/** From and to of a label that is centred under a bar, but on the sheet. */
function labelEnds(sheet, text, middle) {
  const width = widthOf(text) + 8;
  const [low, high] = [sheet.left + width / 2, sheet.right - width / 2];
  const x = high < low ? low : nearest(middle, low, high);
  return [x - width / 2, x + width / 2];
}

/** The measure under the bar, on a piece of paper so that no grid runs through it. */
function labelShapes(sheet, text, low, high, y, isHeld) {
  const top = Math.min(y + 2, sheet.bottom - LABEL_PX);
  const written = shape("text", { class: "measure", x: (low + high) / 2, y: top + 11, "text-anchor": "middle" }, text);
  const paper = { class: isHeld ? "paper" : "paper still", ...(isHeld && { "data-part": "whole" }), x: low, y: top, width: high - low, height: LABEL_PX, rx: 2 };
  return [shape("rect", paper), written];
}

const pen = document.createElement("canvas").getContext("2d");

function widthOf(text) {
  pen.font = '12px "Source Sans", "Source Sans Pro", sans-serif';
  return pen.measureText(text).width;
}

/** The interval again and again to both sides, numbered. */
function marchShapes(from, to, box) {
  const step = to - from, made = [];
  if (step < LEAST_MARCH_PX) return made;
  const every = Math.max(1, Math.ceil(LEAST_NUMBER_PX / step));
  const add = (number, x) => {
    made.push(shape("line", { class: "march", x1: x, x2: x, y1: box.top, y2: box.bottom }));
    if (number % every === 0) {
      made.push(shape("text", { class: "march-number", x: x + 2, y: box.bottom - 3 }, String(number)));
    }
  };
  for (let n = Math.max(1, Math.ceil((box.left - to) / step)); to + n * step <= box.right; n += 1) add(n, to + n * step);
  for (let n = Math.max(1, Math.ceil((from - box.right) / step)); from - n * step >= box.left; n += 1) add(n, from - n * step);
  return made;
}
