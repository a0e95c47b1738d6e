// One companion a chart: what the pointer and the keys do to it.

const companions = new Map();
const TWICE_MS = 280, STILL_PX = 4, SETTLED_MS = 350;

class Companion {
  constructor() {
    this.data = {};
    this.changed = new Map(); // id -> {start_sample, stop_sample, number}: by hand, not yet answered
    this.selected = null; // {id, part: "start" | "stop" | "whole"}
    this.drag = null;
    this.draft = null;
    this.gd = null;
    this.observer = new MutationObserver(() => this.look());
    this.observer.observe(document.querySelector('[data-testid="stApp"]') ?? document.body, { childList: true, subtree: true });
    this.resized = () => this.draw();
    window.addEventListener("resize", this.resized);
  }

  update({ data, setTriggerValue }) {
    this.post ??= new Post(lot => this.send("events", lot));
    this.send = setTriggerValue;
    this.data = data;
    this.post.had(data.had);
    for (const [id, change] of this.changed) if (!this.post.isPending(change.number)) this.changed.delete(id);
    if (this.draft?.number && !this.post.isPending(this.draft.number)) this.adopt();
    if (this.selected && !data.calipers.some(one => one.id === this.selected.id)) this.selected = null;
    this.look();
    if (this.gd) this.restore();
    this.draw();
  }

  /** The caliper that was just made is the one chosen now. */
  adopt() {
    const { lead, start_sample: a, stop_sample: b } = this.draft;
    const made = this.data.calipers.find(one => one.lead === lead
      && one.start_sample === Math.min(a, b) && one.stop_sample === Math.max(a, b));
    if (made) this.select({ id: made.id, part: "stop" });
    this.draft = null;
  }

  close() {
    this.observer.disconnect();
    window.removeEventListener("resize", this.resized);
    this.post?.close();
    this.letGo();
    this.gd?.querySelector(".ecg-glass")?.remove();
  }

  /** Find the chart, again and again: Streamlit puts a new one in its place. */
  look() {
    const holder = document.querySelector(`.st-key-${CSS.escape(this.data.chart_key ?? "")}`);
    const gd = holder?.querySelector(".js-plotly-plot");
    if (!gd?._fullLayout?.xaxis?._length || !gd.on || !gd.querySelector(".svg-container")) return;
    this.name(holder);
    if (gd !== this.gd) this.take(gd);
    else if (!gd.querySelector(".svg-container > .ecg-glass")) this.draw();
  }

  name(holder) {
    if (holder.dataset.companion) return;
    holder.dataset.companion = "yes";
    holder.tabIndex = 0;
    holder.setAttribute("role", "group");
    holder.setAttribute("aria-label", this.data.label);
  }

  take(gd) {
    this.gd = gd;
    this.isTouched = false;
    this.letGo();
    gd.on("plotly_relayout", () => {
      if (gd === this.gd && this.isTouched) noteZoom(gd, this.data.facts, this.data.view_key);
      this.draw();
    });
    gd.on("plotly_afterplot", () => { if (gd === this.gd) { this.restore(); this.draw(); } });
    gd.addEventListener("pointerdown", event => this.press(event), true);
    this.restore();
    this.draw();
  }

  /** Until the reader takes the new chart in hand: Streamlit may set it back while it is being put in place. */
  restore() {
    const { facts, view_key: key } = this.data;
    if (!this.isTouched && isOf(this.gd, facts)) restoreZoom(this.gd, facts, key);
  }

  shown() {
    return this.data.calipers.map(caliper => {
      const change = this.changed.get(caliper.id);
      return change ? { ...caliper, ...change, label: undefined } : caliper;
    });
  }

  draw() {
    const glass = this.gd?.isConnected && glassOf(this.gd), sheet = sheetOf(this.gd, this.data.facts);
    if (!glass || !sheet || !isOf(this.gd, this.data.facts)) return;
    const { highlight, tool } = this.data;
    drawGlass(glass, sheet, { calipers: this.shown(), draft: this.draft, selected: this.selected, highlight, tool });
    if (!glass.dataset.heard) {
      glass.dataset.heard = "yes";
      // Whatever of the glass is touched is meant: the page does not scroll, whatever the browser thinks of
      // `touch-action` on parts of an SVG.
      glass.addEventListener("touchstart", event => event.preventDefault(), { passive: false });
      glass.addEventListener("focusin", event => {
        const id = event.target.dataset.id;
        if (id && this.selected?.id !== id) { this.select({ id, part: "stop" }); this.draw(); }
      });
    }
  }

  select(chosen) {
    for (const other of companions.values()) {
      if (other !== this && other.selected) { other.selected = null; other.draw(); }
    }
    this.selected = chosen;
  }

  press(event) {
    this.isTouched = true;
    if (event.button !== 0 || this.drag || event.target.closest(".modebar")) return;
    const sheet = sheetOf(this.gd, this.data.facts), glass = glassOf(this.gd);
    if (!sheet || !glass) return;
    const at = one => {
      const box = glass.getBoundingClientRect();
      return [one.clientX - box.left, one.clientY - box.top];
    };
    const [px, py] = at(event);
    if (px < sheet.left || px > sheet.right || py < sheet.top || py > sheet.bottom) return;
    const part = event.target.dataset.part, id = event.target.closest?.(".caliper")?.dataset.id;
    const mine = this.data.tool === "caliper" || (part && id);
    this.gd.closest("[data-companion]")?.focus({ preventScroll: true }); // out of the field that was typed in
    this.drag = { pointer: event.pointerId, px, py, at, mine, part, id, moved: false, began: performance.now(), sheet };
    if (mine) this.grasp(event, glass);
    this.hold();
  }

  /** A hand on a caliper, or about to make one: nothing else shall answer. */
  grasp(event, glass) {
    event.preventDefault();
    event.stopPropagation();
    try { glass.setPointerCapture(event.pointerId); } catch { /* a pointer that is gone already */ }
    const { id, part, sheet, px, py } = this.drag;
    if (part && id) {
      const caliper = this.shown().find(one => one.id === id);
      this.drag.caliper = caliper;
      this.drag.lane = sheet.facts.lanes.filter(lane => lane.lead === caliper?.lead)
        .reduce((best, lane) => (distanceTo(sheet, lane, px, py) < distanceTo(sheet, best, px, py) ? lane : best));
      this.select({ id, part });
    } else {
      this.drag.lane = laneAt(sheet, px, py);
      this.select(null);
    }
    requestAnimationFrame(() => this.draw()); // not now: what is touched must be there for `touchstart`
  }

  hold() {
    this.onMove = event => this.move(event);
    this.onUp = event => this.release(event);
    this.onCancel = event => { if (event.pointerId === this.drag?.pointer) this.cancel(); };
    this.onSelect = event => { if (this.drag?.mine) event.preventDefault(); };
    document.addEventListener("selectstart", this.onSelect, true);
    window.addEventListener("pointermove", this.onMove, true);
    window.addEventListener("pointerup", this.onUp, true);
    window.addEventListener("pointercancel", this.onCancel, true);
  }

  letGo() {
    document.removeEventListener("selectstart", this.onSelect, true);
    window.removeEventListener("pointermove", this.onMove, true);
    window.removeEventListener("pointerup", this.onUp, true);
    window.removeEventListener("pointercancel", this.onCancel, true);
    this.drag = null;
  }

  move(event) {
    const drag = this.drag;
    if (event.pointerId !== drag?.pointer) return;
    const [px, py] = drag.at(event);
    drag.moved ||= Math.hypot(px - drag.px, py - drag.py) >= STILL_PX;
    if (!drag.mine || !drag.moved) return;
    event.preventDefault();
    event.stopPropagation();
    if (drag.caliper) this.moveEnds(px);
    else {
      const { sheet, lane } = drag, start = sampleAt(sheet, lane, drag.px), stop = sampleAt(sheet, lane, px);
      this.draft = { lead: lane.lead, start_sample: start, stop_sample: stop };
    }
    this.draw();
  }

  moveEnds(px) {
    const { sheet, lane, caliper, part } = this.drag;
    if (part !== "whole") return this.change(caliper, { [`${part}_sample`]: sampleAt(sheet, lane, px) });
    const by = Math.round((sheet.xValue(px) - sheet.xValue(this.drag.px)) / lane.dx);
    this.shift(caliper, by, "whole");
  }

  change(caliper, ends) {
    const { start_sample, stop_sample } = { ...caliper, ...ends };
    if (start_sample === stop_sample) return;
    this.changed.set(caliper.id, { start_sample, stop_sample, number: Infinity });
  }

  /** Not beyond the beginning; the end of the recording is Python's to say. */
  shift(caliper, by, part) {
    const earliest = Math.min(caliper.start_sample, caliper.stop_sample);
    if (part === "whole") {
      const whole = Math.max(by, -earliest);
      return this.change(caliper, { start_sample: caliper.start_sample + whole, stop_sample: caliper.stop_sample + whole });
    }
    this.change(caliper, { [`${part}_sample`]: Math.max(caliper[`${part}_sample`] + by, 0) });
  }

  release(event) {
    const drag = this.drag;
    if (event.pointerId !== drag?.pointer) return;
    this.letGo();
    if (drag.mine) { event.preventDefault(); event.stopPropagation(); }
    if (drag.caliper && drag.moved) this.tellMoved(drag.caliper.id);
    else if (drag.mine && this.draft) this.tellMade();
    else if (!drag.mine && !drag.moved && performance.now() - drag.began < 600) this.click(drag);
    this.draw();
  }

  tellMade() {
    const { lead, start_sample: a, stop_sample: b } = this.draft;
    if (a === b) { this.draft = null; return; }
    const [start_sample, stop_sample] = [Math.min(a, b), Math.max(a, b)];
    this.draft.number = this.post.tell("caliper", { lead, start_sample, stop_sample });
  }

  /** Python wants the ends in the order of time. */
  tellMoved(id) {
    const change = this.changed.get(id);
    if (!change) return;
    const [start_sample, stop_sample] = [change.start_sample, change.stop_sample].sort((a, b) => a - b);
    if (change.start_sample !== start_sample && this.selected?.part !== "whole") {
      this.selected = { id, part: this.selected?.part === "start" ? "stop" : "start" };
    }
    this.changed.set(id, { start_sample, stop_sample, number: this.post.tell("moved", { id, start_sample, stop_sample }) });
  }

  /** A click on the paper, unless it was the first of two, which take the zoom back. */
  click({ px, py, sheet }) {
    if (this.selected) { this.selected = null; this.draw(); }
    if (this.clicked) { clearTimeout(this.clicked); this.clicked = 0; return; }
    this.clicked = setTimeout(() => {
      this.clicked = 0;
      const lane = laneAt(sheet, px, py);
      if (lane) this.post.tell("place", { lead: lane.lead, sample: sampleAt(sheet, lane, px) });
    }, TWICE_MS);
  }

  cancel() {
    const drag = this.drag;
    this.letGo();
    if (drag?.caliper) this.changed.delete(drag.caliper.id);
    this.draft = null;
    this.draw();
  }
}

function distanceTo(sheet, lane, px, py) {
  const outside = (value, a, b) => Math.max(Math.min(a, b) - value, value - Math.max(a, b), 0);
  return outside(px, sheet.xPixel(lane.x0), sheet.xPixel(lane.x1)) + outside(py, sheet.yPixel(lane.top), sheet.yPixel(lane.bottom));
}

export default function (component) {
  const { key } = component;
  if (!companions.has(key)) companions.set(key, new Companion());
  companions.get(key).update(component);
  listenToKeys();
  return () => {
    companions.get(key)?.close();
    companions.delete(key);
  };
}
