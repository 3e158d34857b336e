// What is shown of workers and jobs, one card or row each.

import { duration, el, keep, moment, say } from "./dom.js";

const CONFIRM_MS = 5000;

const what = (job) => `${job.recipe}, ${job.width} × ${job.height}`;
const whose = (job) =>
  job.owner.group === job.owner.user ? `member ${job.owner.user}` : `member ${job.owner.user} in ${job.owner.group}`;

// A button that wants to be pressed twice: what it does cannot be undone.
export function twice(label, question, act) {
  let timer;
  const calm = () => {
    clearTimeout(timer);
    button.classList.remove("sure");
    button.textContent = label;
  };
  const button = el("button", {
    type: "button", textContent: label, className: "plain",
    onclick: async () => {
      if (!button.classList.contains("sure")) {
        button.classList.add("sure");
        button.textContent = question;
        timer = setTimeout(calm, CONFIRM_MS);
        return;
      }
      calm();
      button.disabled = true;
      await act();
      button.disabled = false;
    },
    onblur: calm,
  });
  return button;
}

export class Cards {
  // pictures: what fetches and keeps them. cancel: does it to a job by its id.
  constructor(pictures, cancel) {
    this.pictures = pictures;
    this.cancel = cancel;
    this.titles = new Map();
  }

  // Know from now on what the styles of the catalogue are called.
  learn(catalogue) {
    this.titles = new Map(catalogue.map((card) => [card.name, card.title]));
  }

  styles(job) {
    if (job.tiles) return `${job.tiles} styles tried out`;
    return job.styles.map((name) => (name === "image" ? "An image of theirs" : this.titles.get(name) ?? name)).join(" + ");
  }

  left(job, age) {
    return job.eta_seconds === null ? "paused" : `in about ${duration(Math.max(job.eta_seconds - age, 1))}`;
  }

  canceller(job) {
    const button = twice("Cancel", "Really cancel?", () => this.cancel(job.id));
    button.setAttribute("aria-label", `Cancel ${this.styles(job)} for ${whose(job)}`);
    button.addEventListener("click", () => {
      const sure = button.classList.contains("sure") ? "Really cancel" : "Cancel";
      button.setAttribute("aria-label", `${sure} ${this.styles(job)} for ${whose(job)}`);
    });
    button.addEventListener("blur", () =>
      button.setAttribute("aria-label", `Cancel ${this.styles(job)} for ${whose(job)}`));
    return button;
  }

  workers(list, overview, age) {
    const jobs = new Map(overview.running.map((job) => [job.id, job]));
    keep(list, overview.workers, (worker) => worker.number,
      () => el("li", { className: "worker" },
        el("div", { className: "head" }, el("b"), el("span", { className: "state" }), el("span", { className: "quiet" })),
        el("ul", { className: "easels" })),
      (node, worker) => {
        node.dataset.state = worker.state;
        const [name, state, facts] = node.querySelector(".head").children;
        say(name, `Worker ${worker.number + 1}`);
        say(state, { starting: "not ready", idle: "idle", painting: "painting" }[worker.state]);
        const called = worker.called?.toLowerCase() === worker.device ? null : worker.called;
        say(facts, [worker.device, called, worker.precision,
          worker.seconds_per_megapixel === null ? "" : `${worker.seconds_per_megapixel.toFixed(2)} s per megapixel`,
        ].filter(Boolean).join(" · "));
        const painted = worker.jobs.map((id) => jobs.get(id)).filter(Boolean);
        this.easels(node.querySelector(".easels"), painted, age);
      });
  }

  easels(list, jobs, age) {
    keep(list, jobs, (job) => job.id,
      (job) => {
        const node = el("li", { className: "easel" },
          el("div", { className: "canvas" }, el("img", { alt: "", hidden: true })),
          el("div", { className: "facts" },
            el("b"), el("span", { className: "quiet" }), el("span", { className: "quiet ids" }),
            el("progress", { max: 1 }), el("span", { className: "eta" })),
          this.canceller(job));
        node.addEventListener("gone", () => this.pictures.drop(node.querySelector("img")));
        return node;
      },
      (node, job) => {
        const [title, about, ids, bar, eta] = node.querySelector(".facts").children;
        say(title, this.styles(job));
        say(about, what(job) + (job.attempt > 1 ? ` · attempt ${job.attempt}` : ""));
        say(ids, whose(job));
        ids.title = `job ${job.id}${job.request_id ? `, request ${job.request_id}` : ""}`;
        bar.value = job.progress;
        bar.setAttribute("aria-label", `${Math.round(job.progress * 100)} % painted`);
        say(eta, `${Math.round(job.progress * 100)} % · ${this.left(job, age)}`);
        const picture = node.querySelector("img");
        picture.alt = `${this.styles(job)}, as far as it is painted`;
        if (job.preview !== null) this.pictures.show(picture, `/v1/jobs/${job.id}/previews/${job.preview}`);
      });
  }

  queue(list, overview, age) {
    keep(list, overview.waiting, (job) => job.id,
      (job) => el("li", {},
        el("span", { className: "place" }),
        el("div", { className: "facts" }, el("b"), el("span", { className: "quiet" }), el("span", { className: "quiet ids" })),
        el("span", { className: "eta" }),
        this.canceller(job)),
      (node, job) => {
        const [place, facts, eta] = node.children;
        const [title, about, ids] = facts.children;
        say(place, String(job.position));
        say(title, this.styles(job));
        say(about, `${what(job)} · waits for ${duration(overview.now + age - job.created)}`);
        say(ids, whose(job));
        ids.title = `job ${job.id}${job.request_id ? `, request ${job.request_id}` : ""}`;
        say(eta, this.left(job, age));
      });
    this.nothing(list, overview.waiting, "Nobody waits.");
  }

  results(list, overview, age) {
    keep(list, overview.finished, (job) => job.id,
      (job) => {
        const picture = el("img", { alt: `Result: ${this.styles(job)}`, hidden: true });
        const frame = el("button", { type: "button", className: "canvas",
          onclick: () => this.pictures.enlarge(`/v1/jobs/${job.id}/result?max_side=1600`, this.styles(job)) }, picture);
        frame.setAttribute("aria-label", `Look at ${this.styles(job)}`);
        const node = el("li", {}, frame, el("b"), el("span", { className: "quiet" }));
        node.addEventListener("gone", () => this.pictures.drop(picture));
        return node;
      },
      (node, job) => {
        const [frame, title, about] = node.children;
        say(title, this.styles(job));
        const took = job.seconds === null ? "" : ` in ${duration(job.seconds)}`;
        say(about, `${what(job)}${took} · ${duration(overview.now + age - job.ended)} ago`);
        about.title = `${whose(job)}, job ${job.id}, ${moment(job.ended)}`;
        this.pictures.show(frame.firstChild, `/v1/jobs/${job.id}/result?max_side=320`);
      });
    this.nothing(list, overview.finished, "Nothing yet.");
  }

  failures(list, overview, age) {
    keep(list, overview.failed, (job) => job.id,
      () => el("li", {},
        el("div", { className: "facts" }, el("b"), el("span", { className: "quiet" }), el("span", { className: "quiet ids" })),
        el("code")),
      (node, job) => {
        const [title, about, ids] = node.querySelector(".facts").children;
        say(title, job.error?.message ?? "It failed.");
        say(about, `${this.styles(job)}, ${what(job)} · ${duration(overview.now + age - job.ended)} ago`);
        say(ids, whose(job));
        ids.title = `job ${job.id}${job.request_id ? `, request ${job.request_id}` : ""}, ${moment(job.ended)}`;
        say(node.lastChild, job.error?.code ?? "");
      });
    this.nothing(list, overview.failed, "Nothing: good.");
  }

  nothing(list, items, words) {
    list.dataset.nothing = items.length ? "" : words;
  }
}
