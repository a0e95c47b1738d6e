// Where things are: between pixels of the chart, samples of a lead and the lanes of the sheet.

const nearest = (value, low, high) => Math.min(Math.max(value, low), high);

/** The drawn chart as geometry; null until Plotly has laid it out. */
function sheetOf(gd, facts) {
  const full = gd?._fullLayout, x = full?.xaxis, y = full?.yaxis;
  if (!x?._length || !y?._length || !facts?.lanes) return null;
  const left = x._offset, top = y._offset;
  return {
    gd, facts, left, top, right: left + x._length, bottom: top + y._length,
    width: full.width, height: full.height,
    xPixel: value => left + x.l2p(value), yPixel: value => top + y.l2p(value),
    xValue: pixel => x.p2l(pixel - left), yValue: pixel => y.p2l(pixel - top),
  };
}

/** Place of a sample on the x axis. A line of full disclosure begins anew at the left. */
function xOfSample(lane, sample) {
  return firstX(lane) + (sample - lane.first_sample) * lane.dx;
}

function firstX(lane) {
  if (lane.first_x !== undefined) return lane.first_x;
  const own = lane.first_sample * lane.dx;
  return own >= lane.x0 - lane.dx && own <= lane.x1 + lane.dx ? own : lane.x0;
}

/** First and last sample that a lane shows. */
function samplesOf(sheet, lane) {
  const trace = sheet.gd._fullData?.[lane.trace], first = lane.first_sample;
  // The first column of a band may begin before the page.
  const from = Math.max(first, first + Math.ceil((lane.x0 - firstX(lane)) / lane.dx - 1e-6));
  let last = first + Math.ceil((lane.x1 - firstX(lane)) / lane.dx - 1e-6) - 1;
  // A band of extremes and a line of full disclosure are no rows of samples: only the lane says where they end.
  const isRow = trace && lane.y_per_unit && !sheet.facts.is_band, drawn = isRow ? lastX(trace) : null;
  if (drawn !== null) last = Math.min(last, first + Math.round((drawn - firstX(lane)) / lane.dx));
  return [from, Math.max(from, last)];
}

function lastX(trace) {
  if (trace.x?.length) return trace.x[trace.x.length - 1];
  return trace.y?.length ? trace.x0 + (trace.y.length - 1) * trace.dx : null;
}

function sampleAt(sheet, lane, pixel) {
  const [first, last] = samplesOf(sheet, lane);
  const sample = lane.first_sample + Math.round((sheet.xValue(pixel) - firstX(lane)) / lane.dx);
  return nearest(sample, first, last);
}

/** The lane under a point, or the nearest one. */
function laneAt(sheet, px, py) {
  const away = lane => {
    const x0 = sheet.xPixel(lane.x0), x1 = sheet.xPixel(lane.x1);
    const top = sheet.yPixel(lane.top), bottom = sheet.yPixel(lane.bottom);
    return Math.max(x0 - px, px - x1, 0) + Math.max(top - py, py - bottom, 0);
  };
  let found = null, least = Infinity;
  for (const lane of sheet.facts.lanes) {
    const distance = away(lane);
    if (distance < least) [found, least] = [lane, distance];
  }
  return found;
}

/** Value of the drawn trace at exactly this sample, in the lead's unit; null where none is drawn. */
function valueAt(sheet, lane, sample) {
  const trace = sheet.gd._fullData?.[lane.trace], values = trace?.customdata;
  if (!lane.y_per_unit || sheet.facts.is_band || !values?.length) return null;
  let index = sample - lane.first_sample;
  if (trace.x?.length) {
    index = lowerBound(trace.x, xOfSample(lane, sample) - lane.dx / 2);
    if (!(Math.abs(trace.x[index] - xOfSample(lane, sample)) < lane.dx / 2)) return null;
  }
  const value = Number(values[index]);
  return values[index] === null || Number.isNaN(value) ? null : value;
}

function lowerBound(sorted, value) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1; else high = middle;
  }
  return low;
}

const LONGEST_BEAT_MS = 10000; // what is longer is no beat, and has no rate

/** As people read it: milliseconds of a beat, minutes of an episode. */
function interval(ms) {
  if (ms < LONGEST_BEAT_MS) return `${ms.toFixed(ms < 100 ? 1 : 0)} ms`;
  const tenths = Math.round(ms / 100), [hours, minutes] = [Math.floor(tenths / 36000), Math.floor(tenths / 600) % 60];
  const seconds = `${(tenths % 600 / 10).toFixed(1)} s`;
  if (hours) return `${hours} h ${minutes} min ${seconds}`;
  return minutes ? `${minutes} min ${seconds}` : seconds;
}

/** What a caliper measures, in words; as `caliper_label` in companion.py. */
function measured(sheet, lane, start, stop) {
  const samples = Math.abs(stop - start), parts = [];
  if (lane.rate) {
    const ms = samples / lane.rate * 1000;
    parts.push(interval(ms));
    if (ms > 0 && ms < LONGEST_BEAT_MS) parts.push(`${(60000 / ms).toFixed(0)} bpm`);
  } else parts.push(`${samples} sample${samples === 1 ? "" : "s"}`);
  const [earlier, later] = [Math.min(start, stop), Math.max(start, stop)];
  const from = valueAt(sheet, lane, earlier), to = valueAt(sheet, lane, later);
  // A filtered trace is not what is measured: the difference is told once the caliper is kept.
  if (from !== null && to !== null && !lane.filtered) parts.push(difference(to - from, lane));
  return parts.join(" · ");
}

function difference(value, lane) {
  const signed = (number, digits) => `${number < 0 ? "−" : "+"}${Math.abs(number).toFixed(digits)}`;
  if (lane.mv_per_unit !== null) return `Δ ${signed(value * lane.mv_per_unit, 2)} mV`;
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : 2;
  return `Δ ${signed(value, digits)} ${lane.unit || "counts"}`;
}
