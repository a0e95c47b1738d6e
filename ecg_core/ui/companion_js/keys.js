// Keys of the whole page: to the caliper that is chosen first, then to the shortcuts.

const TYPED_IN = 'input, textarea, select, [contenteditable=""], [contenteditable="true"], [role="textbox"], '
  + '[role="combobox"], [role="listbox"], [role="menu"], [role="slider"], [role="radiogroup"], [role="tablist"], '
  + '[role="grid"], [data-testid="stDataFrame"]';
const NO_TYPING = /^(button|checkbox|submit|reset|image)$/;
let isListening = false;

function listenToKeys() {
  if (isListening) return;
  isListening = true;
  window.addEventListener("keydown", event => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (isTypedIn(event) || document.querySelector('[role="dialog"]')) return;
    if (![...companions.values()].some(one => answerKey(one, event)) && !answerShortcut(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
}

function isTypedIn(event) {
  const target = event.composedPath()[0];
  const field = target instanceof Element && target.closest(TYPED_IN);
  return Boolean(field) && !(field.matches("input") && NO_TYPING.test(field.type));
}

/** What a key does to a caliper in the hand or chosen. */
function answerKey(one, event) {
  if (event.key === "Escape") {
    const held = one.drag?.mine || one.draft || one.selected;
    if (!held) return false;
    if (one.drag?.mine) one.cancel(); else { one.selected = null; one.draw(); }
    return true;
  }
  if (event.key === "Enter" && isOnChart(one, event)) return placeByKey(one);
  const caliper = one.selected && one.shown().find(shown => shown.id === one.selected.id);
  return caliper ? answerChosen(one, event, caliper) : false;
}

function answerChosen(one, event, caliper) {
  const { id, part } = one.selected, key = event.key;
  if (key === "ArrowLeft" || key === "ArrowRight") {
    one.shift(caliper, (key === "ArrowLeft" ? -1 : 1) * (event.shiftKey ? 10 : 1), part);
    clearTimeout(one.settling);
    one.settling = setTimeout(() => one.tellMoved(id), SETTLED_MS);
  } else if (key === "ArrowUp" || key === "ArrowDown") {
    one.selected = { id, part: key === "ArrowUp" ? "start" : "stop" };
  } else if (key === "Delete" || key === "Backspace") {
    one.selected = null;
    one.post.tell("deleted", { id });
  } else if (key.toLowerCase() === "m" && !event.shiftKey) {
    one.post.tell("marched", { id, marches: !caliper.marches });
  } else return false;
  one.draw();
  return true;
}

const isOnChart = (one, event) => event.target.dataset?.companion && event.target.contains(one.gd);

/** Without a mouse: a caliper over the middle fifth of the first lane, or at the sample that is looked at. */
function placeByKey(one) {
  const sheet = sheetOf(one.gd, one.data.facts), wanted = one.data.highlight;
  if (one.data.tool !== "caliper" || !sheet) return false;
  const lane = sheet.facts.lanes.find(each => each.lead === wanted?.lead) ?? sheet.facts.lanes[0];
  if (!lane) return false;
  const [first, last] = samplesOf(sheet, lane), length = Math.max(1, Math.round((last - first) / 5));
  const start = nearest(wanted?.sample ?? first + 2 * length, first, Math.max(first, last - length));
  one.draft = { lead: lane.lead, start_sample: start, stop_sample: Math.min(start + length, last) };
  one.tellMade();
  one.draw();
  return true;
}

function answerShortcut(event) {
  const isLetter = /^[a-z]$/i.test(event.key);
  if (event.shiftKey && (isLetter || event.key.length > 1)) return false;
  const key = isLetter ? event.key.toLowerCase() : event.key;
  for (const one of companions.values()) {
    const shortcut = one.data.shortcuts?.find(each => each.key === key);
    if (shortcut) { one.post.tell("action", { action: shortcut.action, times: 1 }); return true; }
  }
  return false;
}
