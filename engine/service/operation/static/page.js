// The operator's page: signs in, watches, shows, steers. Rule: without the right token nothing of the engine is in it.

import { Cards } from "./cards.js";
import { byId, clock, duration, el, keep, say } from "./dom.js";
import { Engine, Refused } from "./engine.js";
import { Plots } from "./plots.js";

const AGAIN_MS = 2000; // between two tries of a connection
const HISTORY_MS = 10_000;
const HIDDEN = "atelier-pictures-hidden"; // in localStorage: a wish about this browser, and no secret

const engine = new Engine();
const state = { overview: null, heardAt: 0, connected: false, leaving: null };

// --- pictures: fetched with the token, one after the other, and gone with what they are of ------------------------------

const pictures = {
  shown: !localStorage.getItem(HIDDEN),
  waiting: new Map(),
  isBusy: false,

  show(image, path) {
    if (!this.shown || image.dataset.path === path) return;
    image.dataset.path = path;
    this.waiting.set(image, path); // of one picture only the newest is fetched
    this.fetch();
  },

  async fetch() {
    if (this.isBusy) return;
    this.isBusy = true;
    while (this.waiting.size) {
      const [image, path] = this.waiting.entries().next().value;
      this.waiting.delete(image);
      try {
        const address = await engine.picture(path);
        if (this.shown && image.isConnected) this.put(image, address);
        else URL.revokeObjectURL(address);
      } catch (error) {
        if (!(error instanceof Refused)) image.dataset.path = ""; // asked for again when there is a connection
      }
    }
    this.isBusy = false;
  },

  put(image, address) {
    const old = image.src;
    image.src = address;
    image.hidden = false;
    if (old) URL.revokeObjectURL(old);
  },

  drop(image) {
    this.waiting.delete(image);
    if (image.src) URL.revokeObjectURL(image.src);
    image.removeAttribute("src");
    image.dataset.path = "";
    image.hidden = true;
  },

  async enlarge(path, words) {
    if (!this.shown) return;
    const dialog = byId("look");
    const image = dialog.querySelector("img");
    this.drop(image);
    image.alt = words;
    dialog.showModal();
    try {
      this.put(image, await engine.picture(path));
    } catch (error) {
      dialog.close();
      tell(error.message);
    }
  },
};
byId("look").addEventListener("close", () => pictures.drop(byId("look").querySelector("img")));

// --- what is shown -------------------------------------------------------------------------------------------------------

const cards = new Cards(pictures, cancel);
const plots = new Plots(byId("plots"));

const QUIET = { paused: "Paused", draining: "Draining", drained: "Drained", starting: "Starting" };

function verdict(overview) {
  if (!state.connected) return ["lost", "No connection to the engine"];
  const worst = overview.conditions[0];
  if (!worst) return ["well", "All is well"];
  if (worst.severity === "trouble") return ["trouble", "Something is wrong"];
  if (worst.severity === "warning") return ["warning", "Something wants a look"];
  return ["notice", QUIET[worst.condition] ?? "All is well"];
}

function summary(overview) {
  const painting = overview.running.length;
  const busy = painting ? `${painting} ${painting === 1 ? "picture is" : "pictures are"} being painted` : "Nothing is being painted";
  return `${busy}, ${overview.queued || "nobody"} ${overview.queued === 1 ? "waits" : overview.queued ? "wait" : "waits"}.`;
}

function render() {
  const { overview } = state;
  if (!overview) return;
  const age = (performance.now() - state.heardAt) / 1000;
  const [mood, words] = verdict(overview);
  const status = byId("status");
  status.dataset.mood = mood;
  say(status.querySelector("h1"), words);
  document.title = `${words} · Atelier’s engine`;
  const told = state.connected
    ? overview.conditions.map((each) => each.message)
    : [`Heard last ${duration(age)} ago; trying again by itself.`];
  keep(status.querySelector(".conditions"), told.length ? told : [summary(overview)], (text) => text,
    (text) => el("li", { textContent: text }), () => {});
  const steering = status.contains(document.activeElement);
  for (const button of status.querySelectorAll("[data-flow]")) {
    const now = { resume: "open", pause: "paused", drain: "draining" }[button.dataset.flow] === overview.flow.flow;
    button.hidden = now; // the heading says it
    button.disabled = !state.connected;
    button.classList.toggle("primary", button.dataset.flow === "resume");
  }
  // Whoever has just pressed one that is of no use now goes on from the next.
  const next = status.querySelector("[data-flow]:not([hidden]):not(:disabled)");
  if (steering && !document.activeElement?.matches("[data-flow]:not([hidden]):not(:disabled)")) next?.focus();
  say(byId("about"), `version ${overview.version} · up since ${clock(overview.started)}`);
  byId("sign-out").hidden = !engine.token;
  numbers(overview, age);
  cards.workers(byId("workers"), overview, age);
  cards.queue(byId("queue"), overview, age);
  cards.results(byId("results"), overview, age);
  cards.failures(byId("failures"), overview, age);
  say(byId("queue-count"), overview.queued ? `${overview.queued} of ${overview.most} at most` : "");
  const more = overview.queued - overview.waiting.length;
  say(byId("queue-more"), more > 0 ? `and ${more} more` : "");
}

function numbers(overview, age) {
  const ready = overview.workers.filter((worker) => worker.state !== "starting").length;
  const oldest = Math.max(0, ...overview.waiting.map((job) => overview.now + age - job.created));
  const last = overview.waiting.at(-1);
  const isWhole = overview.queued === overview.waiting.length; // of a long queue only the first are told
  const facts = [
    ["Painting", String(overview.running.length)],
    ["Waiting", String(overview.queued)],
    ["Longest wait", overview.waiting.length ? duration(oldest) : "–"],
    ["Queue done", isWhole && last?.eta_seconds != null ? `in ${duration(Math.max(last.eta_seconds - age, 1))}` : "–"],
    ["Workers ready", `${ready} of ${overview.workers.length}`],
  ];
  keep(byId("numbers"), facts, ([name]) => name,
    ([name]) => el("div", {}, el("dt", { textContent: name }), el("dd")),
    (node, [, value]) => say(node.lastChild, value));
}

async function drawHistory() {
  if (!state.connected) return;
  try {
    const history = await engine.get("/v1/history");
    if (state.overview) plots.draw(history, state.overview.now + (performance.now() - state.heardAt) / 1000);
  } catch (error) {
    if (error instanceof Refused && error.status === 401) signOut("The token is not accepted any more.");
  }
}

// --- what can be done ----------------------------------------------------------------------------------------------------

let saying;
function tell(words) {
  const said = byId("said");
  said.textContent = words;
  clearTimeout(saying);
  saying = setTimeout(() => { said.textContent = ""; }, 6000);
}

async function act(path, done) {
  try {
    await engine.post(path);
    tell(done);
  } catch (error) {
    if (error.status === 401) signOut("The token is not accepted any more.");
    else tell(error instanceof Refused ? error.message : "The engine did not answer: nothing may have changed.");
  }
}

function cancel(id) {
  return act(`/v1/jobs/${id}/cancel`, "Cancelled.");
}

const DONE = {
  pause: "Paused: nothing new begins.",
  drain: "Draining: no new pictures are taken in.",
  resume: "Resumed.",
};
for (const button of document.querySelectorAll("[data-flow]")) {
  button.addEventListener("click", () => act(`/v1/${button.dataset.flow}`, DONE[button.dataset.flow]));
}
byId("pictures").checked = pictures.shown;
byId("pictures").addEventListener("change", (event) => {
  pictures.shown = event.target.checked;
  if (pictures.shown) localStorage.removeItem(HIDDEN);
  else localStorage.setItem(HIDDEN, "yes");
  if (!pictures.shown) for (const image of document.querySelectorAll("#studio main .canvas img")) pictures.drop(image);
  render();
});

// --- coming and going ----------------------------------------------------------------------------------------------------

function signOut(why = "") {
  engine.use(null);
  state.leaving?.abort();
  state.overview = null;
  state.connected = false;
  for (const image of document.querySelectorAll("#studio main .canvas img")) pictures.drop(image);
  if (byId("look").open) byId("look").close();
  for (const id of ["workers", "queue", "results", "failures", "numbers"]) byId(id).replaceChildren();
  byId("status").querySelector(".conditions").replaceChildren();
  for (const id of ["about", "queue-count", "queue-more", "said"]) say(byId(id), "");
  say(byId("status").querySelector("h1"), "");
  plots.draw({ samples: [], seconds: 1 }, Date.now() / 1000);
  document.title = "Atelier’s engine";
  byId("studio").hidden = true;
  byId("door").hidden = false;
  say(byId("token-wrong"), why);
  byId("token").value = "";
  byId("token").focus();
}
byId("sign-out").addEventListener("click", () => signOut());

byId("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  engine.use(byId("token").value.trim());
  enter("That is not this engine’s token.");
});

async function enter(refusal = "") {
  try {
    state.overview = await engine.get("/v1/overview");
    cards.learn((await engine.get("/v1/styles")).styles);
  } catch (error) {
    if (error instanceof Refused && error.status === 401) signOut(refusal);
    else if (refusal) signOut("The engine does not answer: try again in a moment.");
    else setTimeout(enter, AGAIN_MS);
    return;
  }
  state.heardAt = performance.now();
  state.connected = true;
  byId("token").value = "";
  byId("door").hidden = true;
  byId("studio").hidden = false;
  render();
  drawHistory();
  watch();
}

async function watch() {
  const leaving = new AbortController();
  state.leaving = leaving;
  while (!leaving.signal.aborted) {
    try {
      await engine.watch((overview) => {
        const isBack = !state.connected;
        Object.assign(state, { overview, heardAt: performance.now(), connected: true });
        render();
        if (isBack) drawHistory();
      }, leaving.signal);
    } catch (error) {
      if (error instanceof Refused && error.status === 401) {
        signOut("The token is not accepted any more.");
        return;
      }
    }
    if (leaving.signal.aborted) return;
    state.connected = false;
    render();
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

setInterval(render, 1000);
setInterval(drawHistory, HISTORY_MS);
enter();
