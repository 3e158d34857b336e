// The page: one stream of what the member sees, drawn again whenever it changes, and one way to act.

import { Composer, droppable, leaves } from "./composer.js";
import { fill, h, icon, morph } from "./dom.js";
import { entities, modal } from "./fields.js";
import { avatar, components, message } from "./message.js";
import { choose, menu, sheet, tell } from "./sheet.js";
import { blocks } from "./text.js";

const DM = 1;
const THREADS = [11, 12];
const FORUM = 15;
const EPHEMERAL = 1 << 6;
const ANSWER_MS = 15_000;
const HAND_MS = 500;
const COMMON = [
  ..."😀😄😍🤩🥳😎🤔😢😡👍👎👏🙌🙏💪👀❤️🧡💛💚💙💜🖤💯🔥✨🎉🎈⭐🌈☀️🌙🌲🌷🌻🍁🐱🐶🦊🐢🦋🍎☕🍰🚀🎵📷🖼️🖌️✏️",
].filter((one) => one !== "\ufe0f");

const start = await (await fetch("start.json")).json();
const state = { table: new Map(), me: "", source: null, stream: "", last: 100 };
const dismissed = new Set(JSON.parse(sessionStorage.getItem("dismissed") || "[]"));
const seen = new Map();

// ---- names ----

function get(key, otherwise) {
  return state.table.has(key) ? state.table.get(key) : otherwise;
}

const known = {
  get people() {
    return get("people", []);
  },
  get roles() {
    return get("roles", []);
  },
  get channels() {
    return get("channels", []);
  },
  photos: start.photos,
  get locale() {
    return this.person(state.me, null, true).locale || "en-US";
  },
  person(id, user, whole) {
    const found = this.people.find((one) => one.id === id) || {
      id,
      name: user ? user.global_name || user.username : "somebody",
      bot: Boolean(user && user.bot),
      role: "",
    };
    return whole ? found : found.name;
  },
  role: (id) => (known.roles.find((one) => one.id === id)?.name || "role").replace(/^@/, ""),
  channel: (id) => known.channels.find((one) => one.id === id)?.name || "a channel",
  named: (id) =>
    known.people.find((one) => one.id === id)?.name ||
    known.roles.find((one) => one.id === id)?.name ||
    `#${known.channel(id)}`,
  style(emoji) {
    const bare = emoji.replaceAll("\ufe0f", "");
    const found = get("styles", []).find((one) => one.emoji.replaceAll("\ufe0f", "") === bare);
    return found && found.title;
  },
};

// ---- where one is: #/member/channel/thread ----

function place() {
  const [, handle, channel, thread] = decodeURIComponent(location.hash).split("/");
  const person = start.people.find((one) => one.handle === handle) || start.people[0];
  return { me: person.id, handle: person.handle, channel, thread };
}

function addressOf(handle, channel, thread) {
  return `#/${[handle, channel.type === DM ? "@me" : channel.name, thread].filter(Boolean).map(encodeURIComponent).join("/")}`;
}

// The channel and the thread of the address, as far as the member sees them.
function opened() {
  const { channel, thread } = place();
  const tops = known.channels.filter((one) => !one.parent);
  const main =
    tops.find((one) => (channel === "@me" ? one.type === DM : one.name === channel && one.type !== DM)) ||
    tops[0];
  return [main, known.channels.find((one) => one.id === thread)].filter(Boolean);
}

function go(id, messageId) {
  const channel = known.channels.find((one) => one.id === id);
  if (!channel) return tell("You cannot see that channel, or it is gone.");
  const parent = channel.parent && known.channels.find((one) => one.id === channel.parent);
  location.hash = parent ? addressOf(place().handle, parent, id) : addressOf(place().handle, channel);
  const pane = parent ? panes[1] : panes[0];
  pane.wanted = messageId || null;
  pane.stuck = !messageId;
  draw();
}

// ---- the stream ----

function listen() {
  const { me } = place();
  const inside = opened().map((one) => one.id);
  const query = new URLSearchParams([
    ["as", me],
    ["last", state.last],
    ...inside.map((id) => ["in", id]),
  ]).toString();
  if (query === state.stream) return;
  if (state.source) state.source.close();
  state.stream = query;
  const source = (state.source = new EventSource(`events?${query}`));
  let whole = true; // the first that comes after connecting, and after each time that the line was down
  source.onopen = () => (whole = true);
  source.onmessage = ({ data }) => {
    const { set, gone } = JSON.parse(data);
    if (whole) state.table = new Map();
    whole = false;
    state.me = me;
    for (const key of gone) state.table.delete(key);
    for (const [key, value] of Object.entries(set)) state.table.set(key, value);
    document.body.removeAttribute("data-lost");
    draw();
    listen(); // the channels are known now, or one of them has come or gone
  };
  source.onerror = () => (document.body.dataset.lost = "");
}

// ---- acts ----

async function act(doing, files = {}) {
  for (const pane of panes) if (pane.channel?.id === doing.channel) pane.asked = performance.now();
  const body = new FormData();
  body.append("act", JSON.stringify({ as: state.me, ...doing }));
  for (const [field, given] of Object.entries(files))
    for (const file of given) body.append(`file:${field}`, file, file.name);
  let answer;
  try {
    const response = await fetch("act", { method: "POST", body });
    answer = response.ok
      ? await response.json()
      : {
          error:
            response.status === 413 ? "That is too much at once." : "That did not work. Please try again.",
        };
  } catch {
    answer = { error: "The demo has ended: start it again with make demo." };
  }
  if (answer.error && doing.do !== "complete") tell(answer.error);
  if (answer.modal) {
    modal(
      answer.modal,
      known,
      (text) => blocks(text, known),
      async (values, given) =>
        !(await act({ do: "submit", channel: doing.channel, modal: answer.modal.key, values }, given)).error,
    );
  }
  return answer;
}

// ---- a channel ----

class Pane {
  constructor(node) {
    this.node = node;
    this.stuck = true; // to what is newest
    this.head = h("header.head");
    this.list = h("div.list", { role: "log", "aria-label": "Messages", tabindex: "0" });
    this.scroller = h("div.scroller", {}, this.list);
    this.newer = h(
      "button.newer",
      { type: "button", hidden: true, onclick: () => this.follow(true) },
      "Newer messages ",
      icon("down"),
    );
    this.foot = h("div.foot");
    node.append(this.head, this.scroller, this.newer, this.foot);
    this.scroller.addEventListener("scroll", () => {
      // Only who scrolls up by hand wants to stay: the browser moves it too, when pictures take their places.
      const { scrollHeight, scrollTop, clientHeight } = this.scroller;
      const now = performance.now();
      const isBelow = scrollHeight - scrollTop - clientHeight < 80;
      const isByHand = now - this.handled < HAND_MS;
      if (isByHand) this.handled = now; // it rolls on
      if (isBelow && now > this.quiet) this.stuck = true;
      else if (isByHand && scrollTop < this.top - 2) this.stuck = false;
      this.top = scrollTop;
      if (this.stuck) this.newer.hidden = true;
    });
    for (const hand of ["wheel", "touchmove", "pointerdown", "pointermove", "keydown"])
      this.scroller.addEventListener(hand, ({ buttons }) => {
        if (hand !== "pointermove" || buttons) this.handled = performance.now();
      }, { passive: true });
    // At once: on a busy machine the scrolling comes too late to be known as by hand.
    this.scroller.addEventListener("wheel", ({ deltaY, ctrlKey }) => {
      if (deltaY < 0 && !ctrlKey && this.scroller.scrollTop > 0) this.stuck = false;
    }, { passive: true });
    const grown = new ResizeObserver(() => this.follow());
    grown.observe(this.list);
    grown.observe(this.scroller);
    this.quiet = this.top = 0;
    this.handled = -Infinity; // when it was last scrolled by hand, as far as one can tell
    this.asked = -Infinity; // when something was pressed here
    droppable(node, () => this.composer);
  }

  follow(now = false) {
    if (now) this.stuck = true;
    if (!this.stuck || this.wanted) return;
    this.newer.hidden = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  show(channel) {
    this.node.hidden = !channel;
    this.channel = channel;
    if (!channel) return (this.shown = "");
    const inside = get(`in:${channel.id}`);
    const place = `${state.me}:${channel.id}`;
    morph(this.head, this.heading(channel));
    if (!inside) return;
    if (this.shown !== place) {
      if (!this.shown.endsWith(`:${channel.id}`) && !this.wanted) this.stuck = true;
      this.shown = place;
      this.newest = null;
      this.compose(channel, inside.may);
    }
    const data = inside.order
      .map((id) => get(`message:${id}`))
      .filter((one) => one && !dismissed.has(one.id))
      .map((one) => (one.thread?.id === channel.id ? { ...one, thread: null } : one)); // one is in it
    const rows = data.map((one, number) => message(one, data[number - 1], known, state.me, inside.may));
    fill(
      this.list,
      [
        inside.earlier &&
          h(
            "button.link",
            { type: "button", "data-key": "earlier", "data-do": "earlier" },
            "Show earlier messages",
          ),
        ...(rows.length ? rows : [h("div.empty", { "data-key": "empty" }, this.emptiness(channel))]),
      ].filter(Boolean),
    );
    dress(this.list);
    const newest = inside.order.at(-1);
    if (this.newest && newest !== this.newest && !this.stuck) this.announce(get(`message:${newest}`));
    this.newest = newest;
    if (this.wanted) this.find();
    this.follow();
  }

  // Something new, while one looks at what is older: the private answer to what was just pressed is gone to.
  announce(message) {
    const isAnswer = message.flags & EPHEMERAL && performance.now() - this.asked < ANSWER_MS;
    if (isAnswer) this.stuck = true;
    else this.newer.hidden = false;
  }

  heading(channel) {
    const isThread = THREADS.includes(channel.type);
    const left = isThread
      ? h(
          "a.plain",
          { href: addressOf(place().handle, opened()[0]), "aria-label": "Close the thread" },
          icon("back"),
        )
      : h(
          "button.plain.narrow",
          { type: "button", "data-do": "side", "aria-label": "Channels and members" },
          icon("menu"),
        );
    return h(
      "header.head",
      {},
      left,
      h(
        "h1",
        {},
        channel.type === DM || isThread ? "" : h("span.quiet", { "aria-hidden": "true" }, "# "),
        channel.name,
      ),
      h(
        "p.quiet",
        {},
        isThread
          ? `Thread in #${known.channel(channel.parent)}`
          : channel.type === DM
            ? "Only you and the bot"
            : channel.topic,
      ),
    );
  }

  emptiness(channel) {
    if (channel.type === FORUM) {
      const posts = known.channels.filter((one) => one.parent === channel.id);
      if (!posts.length) return "Nothing has been posted yet: write below, or add a picture.";
      return posts.map((one) =>
        h(
          "button.thread",
          { type: "button", "data-do": "go", "data-channel": one.id },
          icon("thread"),
          h("b", {}, one.name),
        ),
      );
    }
    const [person] = known.people.filter((one) => one.bot);
    return channel.type === DM
      ? `This is where ${person?.name || "the bot"} writes to you in private.`
      : `This is the beginning of #${channel.name}.`;
  }

  compose(channel, may) {
    const desk = {
      act: (doing, files) => {
        if (doing.do !== "complete") this.follow(true);
        return act({ channel: channel.id, ...doing }, files);
      },
      isForum: channel.type === FORUM,
      open: (id) => (location.hash = addressOf(place().handle, channel, id)),
      known: () => known,
      commands: () => get(`commands:${channel.id}`, {})["1"] || [],
      may: () => get(`in:${channel.id}`, { may }).may,
      tell,
    };
    const name = channel.type === DM ? channel.name : `#${channel.name}`;
    this.composer = may.send ? new Composer(desk, desk.isForum ? `A new post in ${name}` : `Message ${name}`) : null;
    this.foot.replaceChildren(
      this.composer ? this.composer.node : h("p.quiet", {}, "You cannot write here."),
    );
  }

  find() {
    const node = this.list.querySelector(`[data-message="${CSS.escape(this.wanted)}"]`);
    if (!node) return;
    this.wanted = null;
    this.stuck = false;
    this.quiet = performance.now() + 300;
    node.scrollIntoView({ block: "center" });
    node.animate([{ background: "var(--glow)" }, { background: "transparent" }], 1600);
  }
}

// What the policy forbids as an attribute is set as a property.
function dress(list) {
  for (const node of list.querySelectorAll("[data-colour]"))
    node.style.setProperty("--colour", node.dataset.colour);
  for (const video of list.querySelectorAll("video")) video.muted = true;
}

const panes = [new Pane(document.getElementById("channel")), new Pane(document.getElementById("thread"))];
panes.forEach((pane) => (pane.shown = ""));

function draw() {
  if (!state.table.size) return;
  const [main, thread] = opened();
  document.body.toggleAttribute("data-thread", Boolean(thread));
  document.title = `${main.type === DM ? main.name : `#${main.name}`} · Atelier demo`;
  mark([main, thread]);
  morph(side, sidebar(main, thread));
  panes[0].show(main);
  panes[1].show(thread);
}

// ---- the sidebar ----

const side = document.getElementById("side");

// What is open is seen; what was there when one first looked is too, but for words of the bot in private.
function mark(open) {
  const first = !seen.has(state.me);
  if (first) seen.set(state.me, new Map());
  for (const channel of known.channels) {
    const isOpen = open.includes(channel) || open.some((one) => one && one.id === channel.id);
    if (isOpen || (first && channel.type !== DM)) seen.get(state.me).set(channel.id, channel.last);
  }
}

function isNew(channel) {
  return Boolean(channel.last) && seen.get(state.me).get(channel.id) !== channel.last;
}

function sidebar(main, thread) {
  const { handle } = place();
  const me = known.person(state.me, null, true);
  const entry = (channel) => {
    const parent = channel.parent && known.channels.find((one) => one.id === channel.parent);
    const isHere = (thread || main).id === channel.id;
    const news = !isHere && isNew(channel);
    return h(
      parent ? "a.below" : "a",
      {
        href: parent ? addressOf(handle, parent, channel.id) : addressOf(handle, channel),
        "data-key": channel.id,
        "data-new": news,
        "aria-current": isHere ? "page" : undefined,
      },
      channel.type === DM
        ? avatar(bot())
        : h("span.quiet", { "aria-hidden": "true" }, parent ? icon("thread") : "#"),
      h("span", {}, channel.name),
      news && h("span.dot", { role: "img", "aria-label": "new messages" }),
    );
  };
  return h(
    "nav",
    { id: "side", "aria-label": "Channels" },
    h(
      "header.head",
      {},
      h("img.logo", { src: "static/logo.svg", alt: "" }),
      h("h1", {}, get("server").name),
      h("button.plain.narrow", { type: "button", "data-do": "side", "aria-label": "Close" }, icon("close")),
    ),
    h(
      "div.entries",
      {},
      h("h2", {}, "Channels"),
      known.channels.filter((one) => one.type !== DM && (!one.archived || one === thread)).map(entry),
      h("h2", {}, "Direct messages"),
      known.channels.filter((one) => one.type === DM).map(entry),
    ),
    h(
      "button.me",
      {
        type: "button",
        "data-do": "become",
        "aria-haspopup": "menu",
        "aria-label": `You are ${me.name}${me.role ? `, ${me.role}` : ""}. Be somebody else`,
      },
      avatar(me),
      h("span", {}, h("b", {}, me.name), h("small.quiet", {}, me.role || "Member")),
      h("span.quiet.small", {}, "switch"),
    ),
  );
}

function bot() {
  return known.people.find((one) => one.bot) || { id: "0", name: "Bot", bot: true };
}

// ---- what can be pressed ----

const doing = {
  side: () => document.body.toggleAttribute("data-side"),
  become(node) {
    const { channel, thread } = place();
    menu(
      node,
      "Be somebody else",
      start.people.map((one) => {
        const person = known.person(one.id, null, true);
        return {
          label: person.name,
          note: person.role || "Member",
          before: avatar(person),
          current: one.id === state.me ? "true" : undefined,
          act: () => {
            location.hash = `#/${[one.handle, channel, thread].filter(Boolean).map(encodeURIComponent).join("/")}`;
          },
        };
      }),
    );
  },
  go: (node) => go(node.dataset.channel, node.dataset.message),
  earlier() {
    state.last += 200;
    listen();
  },
  reveal: (node) => (node.dataset.seen = ""),
  enlarge(node) {
    if (node.dataset.hidden === "true" && !("seen" in node.dataset)) return (node.dataset.seen = "");
    const image = node.querySelector("img");
    sheet(
      null,
      image.alt,
      [
        h("img.large", { src: image.src, alt: image.alt }),
        h("a", { href: image.src, target: "_blank", rel: "noreferrer" }, "Open it in a tab of its own"),
      ],
      { wide: true },
    ).classList.add("lightbox");
  },
  command: (node) => paneOf(node).composer?.open(node.dataset.name),
  press: (node, data) =>
    busy(node, { do: "press", channel: data.channel_id, message: data.id, control: node.dataset.control }),
  choose(node, data) {
    const control = components(data.components).find((one) => one.custom_id === node.dataset.control);
    const isPlain = control.type === 3;
    const options = isPlain
      ? control.options.map((one) => ({ ...one, emoji: one.emoji && !one.emoji.id ? one.emoji.name : "" }))
      : entities(control.type, control, known);
    const chosen = isPlain
      ? control.options.filter((one) => one.default).map((one) => one.value)
      : (control.default_values || []).map((one) => one.id);
    choose(
      node,
      control.placeholder || "Choose",
      options,
      { min: control.min_values ?? 1, max: control.max_values ?? 1, chosen },
      (values) =>
        busy(node, {
          do: "choose",
          channel: data.channel_id,
          message: data.id,
          control: control.custom_id,
          type: control.type,
          values,
        }),
    );
  },
  react: (node, data) =>
    act({
      do: "react",
      channel: data.channel_id,
      message: data.id,
      emoji: node.dataset.emoji,
      on: node.getAttribute("aria-pressed") !== "true",
    }),
  emoji(node, data) {
    const take = (emoji) => () => {
      dialog.close();
      act({ do: "react", channel: data.channel_id, message: data.id, emoji, on: true });
    };
    const dialog = sheet(node, "React", [
      h("h3", {}, "Paintings"),
      h(
        "div.menu",
        {},
        get("styles", []).map((one) =>
          h(
            "button",
            { type: "button", role: "menuitem", onclick: take(one.emoji) },
            h("span.emoji", {}, one.emoji),
            h("span", {}, one.title, h("small", {}, one.artist)),
          ),
        ),
      ),
      h("h3", {}, "More"),
      h(
        "div.emojis",
        {},
        COMMON.map((one) =>
          h("button.plain.emoji", { type: "button", "aria-label": one, onclick: take(one) }, one),
        ),
      ),
    ]);
  },
  reply(node, data) {
    const { composer } = paneOf(node);
    if (composer) composer.answer(data, known.person(data.author.id, data.author));
  },
  dismiss(node, data) {
    dismissed.add(data.id);
    sessionStorage.setItem("dismissed", JSON.stringify([...dismissed]));
    draw();
  },
  person(node, data) {
    const person = known.person(node.dataset.person, data && data.author, true);
    const channel = data ? data.channel_id : paneOf(node).channel.id;
    const apps = (get(`commands:${paneOf(node).channel.id}`, {})["2"] || []).map((one) => ({
      label: one.label,
      before: avatar(bot()),
      act: () => act({ do: "member app", channel, member: person.id, name: one.name }),
    }));
    if (apps.length) menu(node, person.name, [{ heading: "Apps" }, ...apps]);
    else
      sheet(
        node,
        person.name,
        h(
          "p",
          {},
          person.bot ? "A bot" : person.role || "A member",
          h("span.quiet", {}, person.handle ? ` · ${person.handle}` : ""),
        ),
      );
  },
  more: (node, data) => menu(node, "Message", moreOf(node, data)),
};

function moreOf(node, data) {
  const pane = paneOf(node);
  const here = pane.channel.id;
  const { may } = get(`in:${here}`);
  const target = { channel: data.channel_id, message: data.id };
  const isPrivate = Boolean(data.flags & 64);
  const isMine = data.author.id === state.me;
  const apps = isPrivate ? [] : get(`commands:${here}`, {})["3"] || [];
  const link = `https://discord.com/channels/${get("server").id}/${data.channel_id}/${data.id}`;
  return [
    !isPrivate && may.react && { label: "React…", act: () => doing.emoji(node, data) },
    !isPrivate && pane.composer && { label: "Reply", act: () => doing.reply(node, data) },
    apps.length && { heading: "Apps" },
    ...apps.map((one) => ({
      label: one.label,
      before: avatar(bot()),
      act: () => act({ do: "message app", ...target, name: one.name }),
    })),
    { heading: "Message" },
    !isPrivate && { label: "Forward…", act: () => forward(node, target) },
    { label: "Copy the link", act: () => navigator.clipboard.writeText(link).then(() => tell("Copied.")) },
    isPrivate && { label: "Dismiss", act: () => doing.dismiss(node, data) },
    !isPrivate &&
      (isMine || may.manage) && { label: "Delete…", danger: true, act: () => confirmed(node, target) },
  ];
}

function forward(node, target) {
  const options = known.channels
    .filter((one) => one.type !== DM && one.type !== FORUM)
    .map((one) => ({ value: one.id, label: one.name, emoji: "#" }));
  choose(node, "Forward to", options, {}, ([to]) => act({ do: "forward", ...target, to }));
}

function confirmed(node, target) {
  const dialog = sheet(
    node,
    "Delete this message?",
    h(
      "footer",
      {},
      h(
        "button.button.danger",
        { type: "button", onclick: () => (dialog.close(), act({ do: "delete", ...target })) },
        "Delete",
      ),
      h("button.button.secondary", { type: "button", onclick: () => dialog.close() }, "Keep it"),
    ),
  );
}

async function busy(node, what) {
  if (node.getAttribute("aria-busy")) return;
  node.setAttribute("aria-busy", "true");
  await act(what);
  node.removeAttribute("aria-busy");
}

function paneOf(node) {
  return panes.find((pane) => pane.node.contains(node)) || panes[0];
}

function dataOf(node) {
  const row = node.closest("[data-message][data-key]");
  return row && get(`message:${row.dataset.message}`);
}

document.addEventListener("click", (event) => {
  const node = event.target.closest("[data-do]");
  if (node && !node.disabled) doing[node.dataset.do](node, dataOf(node));
  else if (event.target === document.body || event.target.closest("#side a"))
    document.body.removeAttribute("data-side");
});

// Whoever types, types into the channel: with the keyboard it is far away else.
document.addEventListener("keydown", (event) => {
  const isText = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!isText || event.target.matches("input, textarea, select") || document.querySelector("dialog[open]")) return;
  const pane = panes[1].node.contains(event.target) ? panes[1] : panes[0];
  if (pane.composer?.text.isConnected) pane.composer.text.focus();
});

document.addEventListener("contextmenu", (event) => {
  const row = event.target.closest("article.message");
  if (!row || event.shiftKey || String(getSelection())) return;
  event.preventDefault();
  doing.more(row.querySelector("[data-do=more]"), dataOf(row));
});

addEventListener("hashchange", () => {
  document.body.removeAttribute("data-side");
  listen();
  draw();
});

listen();
