// The size of a millimetre on this screen. Kept in device pixels, so that the zoom of the page does not matter;
// screens are told apart by their size in pixels.

const CARD_MM = { long: 85.6, short: 53.98 }, ROOM_PX = 560, USUAL_PX_PER_MM = 96 / 25.4;
const PLACE = () => `ecg-screen-${screen.width}x${screen.height}`;

function kept() {
  try {
    const device = Number(localStorage.getItem(PLACE()));
    return device > 0 ? device / devicePixelRatio : null;
  } catch { return null; }
}

function keep(pixels) {
  try {
    if (pixels) localStorage.setItem(PLACE(), String(pixels * devicePixelRatio)); else localStorage.removeItem(PLACE());
  } catch { /* kept for this visit only, by Python */ }
}

export default function ({ parentElement, data, setTriggerValue }) {
  const form = parentElement.querySelector(".screen-size");
  return form ? calibrate(form, data, setTriggerValue) : probe(parentElement, data, setTriggerValue);
}

function probe(parent, data, tell) {
  const state = (parent.screenSize ??= { known: null, told: undefined });
  state.known = data.known;
  state.tell = () => {
    const now = kept();
    const isSame = now === null ? state.known === null : Math.abs(now - (state.known ?? 0)) < 1e-3;
    if (isSame || now === state.told) return;
    state.told = now;
    tell("size", { px_per_mm: now });
  };
  if (!state.resized) {
    state.resized = () => { state.told = undefined; state.tell(); };
    window.addEventListener("resize", state.resized);
    state.tell();
  }
  return () => window.removeEventListener("resize", state.resized);
}

function calibrate(form, data, tell) {
  const part = name => form.querySelector(name), slider = part("input");
  const side = form.clientWidth >= ROOM_PX ? "long" : "short";
  const show = () => {
    const pixels = Number(slider.value);
    part(".card").style.width = `${pixels * CARD_MM[side]}px`;
    part(".card-name").textContent = `${side} side of a card`;
    part("output").textContent = `${pixels.toFixed(2)} pixels a millimetre`;
  };
  const step = by => { slider.value = String(Number(slider.value) + by); show(); };
  const save = pixels => { keep(pixels); tell("size", { px_per_mm: pixels }); };
  if (!form.dataset.ready) {
    form.dataset.ready = "yes";
    slider.value = String(data.known ?? kept() ?? USUAL_PX_PER_MM);
  }
  slider.oninput = show;
  part(".less").onclick = () => step(-0.01);
  part(".more").onclick = () => step(0.01);
  part(".save").onclick = () => save(Number(slider.value));
  part(".forget").onclick = () => save(null);
  show();
}
