// The engine as this page asks it. Rule: the token goes into a header and nowhere else.

const KEPT = "atelier-engine-token"; // in sessionStorage: it ends with the tab
const SILENT_MS = 40_000; // the engine says something every 15 s

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export class Engine {
  constructor() {
    this.token = sessionStorage.getItem(KEPT);
  }

  use(token) {
    this.token = token;
    if (token) sessionStorage.setItem(KEPT, token);
    else sessionStorage.removeItem(KEPT);
  }

  async ask(path, options = {}) {
    const headers = {};
    if (this.token) {
      // A header holds bytes; those of the token are UTF-8.
      headers.Authorization = "Bearer " + String.fromCharCode(...new TextEncoder().encode(this.token));
    }
    const answer = await fetch(path, { ...options, headers, cache: "no-store", credentials: "omit" });
    if (!answer.ok) {
      const body = await answer.json().catch(() => ({}));
      throw new Refused(answer.status, body.message ?? `The engine answers ${answer.status}.`);
    }
    return answer;
  }

  get = async (path) => (await this.ask(path)).json();
  post = async (path) => (await this.ask(path, { method: "POST" })).json();
  picture = async (path) => URL.createObjectURL(await (await this.ask(path)).blob());

  // Tell `hear` of each overview until the stream ends; a silent one is cut off.
  async watch(hear, signal) {
    const silence = new AbortController();
    let timer;
    const patient = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENT_MS);
    };
    patient();
    try {
      const both = AbortSignal.any([signal, silence.signal]);
      const answer = await this.ask("/v1/overview/events", { signal: both });
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        patient();
        const parts = (rest + value).split("\n\n");
        rest = parts.pop();
        const data = parts.filter((part) => part.startsWith("data: ")).pop(); // the newest is enough
        if (data) hear(JSON.parse(data.slice(6)));
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
