// Discord's Markdown, as elements. `known` tells names: of people, roles and channels by their ids.

import { h } from "./dom.js";

const INLINE = [
  [/^\\([\\*_~|`>#<[\]()-])/, (m) => m[1]],
  [/^(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)/, (m) => h("code", {}, m[2].trim())],
  [/^\*\*([\s\S]+?)\*\*(?!\*)/, (m, known) => h("strong", {}, inline(m[1], known))],
  [/^__([\s\S]+?)__(?!_)/, (m, known) => h("u", {}, inline(m[1], known))],
  [/^\*([^\s*](?:[\s\S]*?[^\s*])?)\*(?!\*)/, (m, known) => h("em", {}, inline(m[1], known))],
  [/^_([^\s_](?:[\s\S]*?[^\s_])?)_(?![\w_])/, (m, known) => h("em", {}, inline(m[1], known))],
  [/^~~([\s\S]+?)~~/, (m, known) => h("s", {}, inline(m[1], known))],
  [
    /^\|\|([\s\S]+?)\|\|/,
    (m, known) =>
      h(
        "button.spoiler",
        { type: "button", "data-do": "reveal", "aria-label": "Spoiler" },
        h("span", {}, inline(m[1], known)),
      ),
  ],
  [
    /^\[([^\]\n]+)\]\(<?(https?:\/\/[^\s)>]+)>?(?: "[^"]*")?\)/,
    (m, known) => link(m[2], inline(m[1], known)),
  ],
  [
    /^<@!?(\d+)>/,
    (m, known) =>
      h(
        "button.mention",
        { type: "button", "data-do": "person", "data-person": m[1] },
        `@${known.person(m[1])}`,
      ),
  ],
  [/^<@&(\d+)>/, (m, known) => h("span.mention", {}, `@${known.role(m[1])}`)],
  [
    /^<#(\d+)>/,
    (m, known) =>
      h(
        "button.mention",
        { type: "button", "data-do": "go", "data-channel": m[1] },
        `#${known.channel(m[1])}`,
      ),
  ],
  [
    /^<\/([^:>]+):\d+>/,
    (m) => h("button.mention", { type: "button", "data-do": "command", "data-name": m[1] }, `/${m[1]}`),
  ],
  [/^<t:(-?\d+)(?::([a-zA-Z]))?>/, (m, known) => moment(Number(m[1]), m[2] || "f", known.locale)],
  [/^<a?:(\w+):\d+>/, (m) => `:${m[1]}:`],
  [/^<(https?:\/\/[^\s>]+)>/, (m) => link(m[1], [m[1]])],
  [/^https?:\/\/[^\s<]+[^\s<.,;:!?"')\]]/, (m) => link(m[0], [m[0]])],
];

export function inline(text, known) {
  const out = [];
  let plain = "";
  for (let at = 0; at < text.length;) {
    const rest = text.slice(at);
    const before = at ? text[at - 1] : "";
    const rule = INLINE.find(([pattern]) => pattern.test(rest) && !(rest[0] === "_" && /\w/.test(before)));
    if (!rule) {
      const char = String.fromCodePoint(text.codePointAt(at));
      plain += char;
      at += char.length;
      continue;
    }
    const found = rule[0].exec(rest);
    if (plain) out.push(plain);
    plain = "";
    out.push(rule[1](found, known));
    at += found[0].length;
  }
  if (plain) out.push(plain);
  return out;
}

// A whole message: code blocks, headings, small print, quotes, lists and lines.
export function blocks(text, known) {
  const out = [];
  for (const [number, part] of (text || "").split(/```(?:\w*\n)?([\s\S]*?)```/).entries()) {
    if (number % 2) out.push(h("pre", {}, h("code", {}, part.replace(/\n$/, ""))));
    else out.push(...lines(part, known));
  }
  return out;
}

const LINE = [
  [
    /^(#{1,3}) (.+)/,
    (m, known) =>
      h(
        "div.heading",
        { role: "heading", "aria-level": m[1].length + 2, "data-level": m[1].length },
        inline(m[2], known),
      ),
  ],
  [/^-# (.+)/, (m, known) => h("small", {}, inline(m[1], known))],
  [/^> ?(.*)/, (m, known) => h("blockquote", {}, inline(m[1], known))],
  [
    /^(\s*)([-*]|\d+\.) (.+)/,
    (m, known) =>
      h(
        "div.item",
        { "data-depth": Math.min(2, m[1].length >> 1), "data-mark": m[2].length > 1 ? m[2] : "•" },
        inline(m[3], known),
      ),
  ],
];

function lines(text, known) {
  const out = [];
  let words = null;
  for (const line of text.replace(/^\n|\n$/g, "").split("\n")) {
    const rule = LINE.find(([pattern]) => pattern.test(line));
    if (rule) {
      out.push(rule[1](rule[0].exec(line), known));
      words = null;
    } else if (words) words.append(h("br"), ...inline(line, known));
    else if (line) out.push((words = h("div.words", {}, inline(line, known))));
  }
  return out;
}

const SITE = /^https:\/\/(?:\w+\.)?discord\.com\/channels\/(\d+|@me)\/(\d+)(?:\/(\d+))?/;

function link(address, label) {
  const inside = SITE.exec(address);
  if (inside) {
    const words = label[0] === address ? ["the message"] : label;
    return h(
      "button.link",
      { type: "button", "data-do": "go", "data-channel": inside[2], "data-message": inside[3] },
      words,
    );
  }
  return h("a", { href: address, target: "_blank", rel: "noreferrer noopener" }, label);
}

export function insideOf(address) {
  return SITE.exec(address);
}

const STEPS = [
  ["year", 31536000],
  ["month", 2592000],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];
const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

function moment(seconds, style, locale) {
  return h(
    "time",
    { datetime: new Date(seconds * 1000).toISOString(), "data-style": style, lang: locale },
    told(seconds * 1000, style, locale),
  );
}

function told(at, style, locale) {
  if (style !== "R") return new Intl.DateTimeFormat(locale, STYLES[style] || STYLES.f).format(at);
  const seconds = Math.round((at - Date.now()) / 1000);
  const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) || STEPS.at(-1);
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}

// Times like "in 5 seconds" go on while one looks at them.
setInterval(() => {
  for (const time of document.querySelectorAll("time[data-style=R]")) {
    const now = told(Date.parse(time.dateTime), "R", time.lang);
    if (time.firstChild && time.firstChild.data !== now) time.firstChild.data = now;
  }
}, 1000);
