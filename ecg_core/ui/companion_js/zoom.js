// The zoom outlives the chart: Streamlit draws the chart anew whenever its figure changes.

const ZOOMS = "ecg-zooms", MOST_ZOOMS = 50;

function rememberedZooms() {
  try { return JSON.parse(sessionStorage.getItem(ZOOMS)) ?? {}; } catch { return {}; }
}

function rememberZoom(key, zoom) {
  const { [key]: _, ...others } = rememberedZooms();
  const kept = Object.entries(others).slice(zoom ? 1 - MOST_ZOOMS : -MOST_ZOOMS);
  try {
    sessionStorage.setItem(ZOOMS, JSON.stringify(Object.fromEntries(zoom ? [...kept, [key, zoom]] : kept)));
  } catch { /* a browser that keeps nothing forgets the zoom */ }
}

const axesOf = gd => [gd._fullLayout.xaxis, gd._fullLayout.yaxis];
const rangesOf = gd => axesOf(gd).map(axis => axis.range.map(Number));
/** As the figure came. */
const firstRangesOf = gd => axesOf(gd).map(axis => [Number(axis._rangeInitial0), Number(axis._rangeInitial1)]);
const isSame = (a, b) => a.every((value, i) => Math.abs(value - b[i]) <= 1e-6 * Math.max(1, Math.abs(b[1] - b[0])));

/** Plotly is no global here; the button that resets the axes knows how to set them. */
function setRanges(gd, ranges) {
  const reset = gd._fullLayout._modeBar?.buttons?.flat().find(button => button.name === "resetScale2d");
  if (!reset) return;
  const axes = axesOf(gd), first = axes.map(axis => [axis._rangeInitial0, axis._rangeInitial1]);
  const put = values => axes.forEach((axis, i) => { [axis._rangeInitial0, axis._rangeInitial1] = values[i]; });
  const attributes = { "data-attr": "zoom", "data-val": "reset" };
  put(ranges);
  try { reset.click(gd, { currentTarget: { getAttribute: name => attributes[name] ?? null } }); }
  finally { put(first); axesOf(gd).forEach((axis, i) => { [axis._rangeInitial0, axis._rangeInitial1] = first[i]; }); }
}

/** What the reader zoomed to, with what it takes to find the place again on a sheet that is laid out anew. */
function noteZoom(gd, facts, key) {
  const ranges = rangesOf(gd), first = firstRangesOf(gd);
  if (isSame(ranges[0], first[0]) && isSame(ranges[1], first[1])) return rememberZoom(key, null);
  const middle = (ranges[1][0] + ranges[1][1]) / 2;
  const lane = facts.lanes.reduce((a, b) => (Math.abs(b.level - middle) < Math.abs(a.level - middle) ? b : a), facts.lanes[0]);
  rememberZoom(key, { ranges, first, lane: lane?.label, level: lane?.level });
}

/** Zoom a fresh chart as the one before it was; nothing where it shows something else. */
function restoreZoom(gd, facts, key) {
  const zoom = rememberedZooms()[key];
  if (!zoom || !isSame(firstRangesOf(gd)[0], zoom.first[0])) return;
  const [x, y] = zoom.ranges, lane = facts.lanes.find(one => one.label === zoom.lane);
  const shift = lane ? lane.level - zoom.level : 0;
  const wanted = [x, y.map(value => value + shift)];
  if (!isSame(rangesOf(gd)[0], wanted[0]) || !isSame(rangesOf(gd)[1], wanted[1])) setRanges(gd, wanted);
}

/** Whether the chart is the one that the facts are about: of the two, either may arrive first. */
function isOf(gd, facts) {
  const zero = gd._fullData?.find(trace => trace.name === "zero");
  const levels = facts.lanes.map(lane => lane.level);
  return !zero || Array.from(zero.y ?? []).every(y =>
    y === null || Number.isNaN(y) || levels.some(level => Math.abs(level - y) < 1e-4 * Math.max(1, Math.abs(y))));
}
