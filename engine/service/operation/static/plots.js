// Small plots of the last hours, drawn by hand as SVG.

import { clock, duration, el, say } from "./dom.js";

const WIDTH = 320;
const HEIGHT = 92;
const LEAST_SECONDS = 600; // that a plot is wide, however young the engine is
const NS = "http://www.w3.org/2000/svg";

const PLOTS = [
  {
    id: "busy", title: "Workers busy", unit: "%", kind: "area", most: 100,
    of: (sample) => sample.busy * 100,
    tell: (value) => `${Math.round(value)} %`,
  },
  {
    id: "speed", title: "Evaluations a second", kind: "area",
    of: (sample) => sample.evaluations / sample.seconds,
    tell: (value) => (value >= 10 ? value.toFixed(0) : value.toFixed(1)),
  },
  {
    id: "queue", title: "Waiting", kind: "area", least: 4,
    of: (sample) => sample.queued,
    tell: (value) => String(Math.round(value)),
  },
  {
    id: "ends", title: "Results", kind: "bars", least: 4,
    of: (sample) => sample.finished + sample.failed,
    bad: (sample) => sample.failed,
    tell: (value, sample) => `${sample.finished} painted, ${sample.failed} failed`,
  },
];

function svg(tag, attributes = {}) {
  const node = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

// A round number at or above the largest value, for the top of a plot.
function roof(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((n) => n * power).find((top) => top >= value);
}

export class Plots {
  constructor(place) {
    this.figures = PLOTS.map((plot) => {
      const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" });
      const now = el("span", { className: "now" });
      const top = el("span", { className: "top" });
      const from = el("span");
      const figure = el("figure", { className: `plot ${plot.id}` },
        el("figcaption", {}, el("span", { textContent: plot.title }), now),
        top, drawing,
        el("div", { className: "axis" }, from, el("span", { textContent: "now" })));
      place.append(figure);
      drawing.addEventListener("pointermove", (event) => this.point(plot, drawing, now, event));
      drawing.addEventListener("pointerleave", () => this.draw(this.history, this.end));
      return { plot, drawing, now, top, from };
    });
    this.history = { samples: [], seconds: LEAST_SECONDS };
    this.end = Date.now() / 1000;
  }

  draw(history, end) {
    this.history = history;
    this.end = end;
    const first = history.samples[0];
    const span = first ? end - first.at + first.seconds : 0;
    this.span = Math.min(Math.max(span, LEAST_SECONDS), history.seconds);
    for (const figure of this.figures) this.one(figure);
  }

  x = (at) => WIDTH - ((this.end - at) / this.span) * WIDTH;

  one({ plot, drawing, now, top, from }) {
    const { samples } = this.history;
    const values = samples.map(plot.of);
    const most = plot.most ?? Math.max(roof(Math.max(0, ...values)), plot.least ?? 0);
    const y = (value) => HEIGHT - 2 - (value / most) * (HEIGHT - 6);
    drawing.replaceChildren(svg("line", { class: "ground", x1: 0, x2: WIDTH, y1: HEIGHT - 1, y2: HEIGHT - 1 }));
    drawing.append(svg("line", { class: "grid", x1: 0, x2: WIDTH, y1: y(most / 2), y2: y(most / 2) }));
    if (samples.length) {
      drawing.append(...(plot.kind === "bars" ? this.bars(plot, samples, values, y) : this.area(samples, values, y)));
    }
    const newest = samples.at(-1);
    const told = !newest ? "–" : plot.kind === "bars" ? this.sums(samples) : plot.tell(values.at(-1), newest);
    say(now, told);
    say(top, `${most}${plot.unit ? " " + plot.unit : ""}`);
    say(from, clock(this.end - this.span));
    const peak = values.length ? plot.tell(Math.max(...values), newest) : "nothing yet";
    const words = plot.kind === "bars" ? this.sums(samples) : `now ${told}, at most ${peak}`;
    drawing.setAttribute("aria-label", `${plot.title}, the last ${duration(this.span)}: ${words}`);
  }

  sums(samples) {
    const sum = (name) => samples.reduce((all, sample) => all + sample[name], 0);
    return `${sum("finished")} painted, ${sum("failed")} failed`;
  }

  area(samples, values, y) {
    const points = samples.flatMap((sample, index) => [
      [this.x(sample.at - sample.seconds), y(values[index])],
      [this.x(sample.at), y(values[index])],
    ]);
    const line = points.map(([x, at]) => `${x.toFixed(1)},${at.toFixed(1)}`).join(" ");
    const [first] = points[0];
    const [last] = points.at(-1);
    return [
      svg("polygon", { class: "fill", points: `${first.toFixed(1)},${HEIGHT} ${line} ${last.toFixed(1)},${HEIGHT}` }),
      svg("polyline", { class: "line", points: line }),
    ];
  }

  bars(plot, samples, values, y) {
    return samples.flatMap((sample, index) => {
      const left = this.x(sample.at - sample.seconds);
      const width = Math.max(this.x(sample.at) - left - 0.5, 1.5);
      const bar = (name, low, high) =>
        svg("rect", { class: name, x: left.toFixed(1), width: width.toFixed(1), y: y(high).toFixed(1),
          height: (y(low) - y(high)).toFixed(1) });
      const bad = plot.bad(sample);
      return [...(bad ? [bar("bad", 0, bad)] : []), ...(values[index] > bad ? [bar("good", bad, values[index])] : [])];
    });
  }

  // Tell what was under the pointer, in place of what is now.
  point(plot, drawing, now, event) {
    const box = drawing.getBoundingClientRect();
    const at = this.end - (1 - (event.clientX - box.left) / box.width) * this.span;
    const sample = this.history.samples.find((each) => at <= each.at && at > each.at - each.seconds);
    if (sample) say(now, `${clock(sample.at)}: ${plot.tell(plot.of(sample), sample)}`);
  }
}
