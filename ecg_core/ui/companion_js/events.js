// Events to Python, each exactly once however fast they come: numbered, sent together while one lot is on its
// way, sent again if no answer comes; Python passes over the numbers that it has had.

const AGAIN_MS = 3000, MOST_TOLD = 100;

class Post {
  constructor(send) {
    this.send = send;
    this.run = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
    this.number = 0;
    this.pending = [];
    this.isOut = false;
    this.timer = 0;
  }

  tell(name, fields) {
    const last = this.pending.at(-1);
    if (name === "action" && last?.name === "action" && last.action === fields.action && !last.sent && last.times < 100) {
      last.times += 1;
    } else {
      this.number += 1;
      this.pending.push({ n: this.number, name, ...fields });
    }
    if (!this.isOut) this.flush();
    return this.number;
  }

  flush() {
    clearTimeout(this.timer);
    this.isOut = this.pending.length > 0;
    if (!this.isOut) return;
    const lot = this.pending.slice(0, MOST_TOLD);
    for (const event of lot) event.sent = true;
    this.send({ run: this.run, events: lot.map(({ sent, ...event }) => event) });
    this.timer = setTimeout(() => this.again(), AGAIN_MS);
  }

  /** Not while the page is being made: that would begin it anew. */
  again() {
    const app = document.querySelector('[data-testid="stApp"]');
    if (app?.dataset.testScriptState === "running") this.timer = setTimeout(() => this.again(), AGAIN_MS);
    else this.flush();
  }

  /** Python has had everything up to this number. */
  had(answer) {
    if (answer?.run !== this.run) return;
    const before = this.pending.length;
    this.pending = this.pending.filter(event => event.n > answer.n);
    if (this.pending.length < before || !before) this.flush();
  }

  isPending(number) {
    return this.pending.some(event => event.n === number);
  }

  close() {
    clearTimeout(this.timer);
  }
}
