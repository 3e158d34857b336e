// A message of Discord's API as an element. What can be pressed says so in data-do; `page.js` does it.

import { h, icon } from "./dom.js";
import { blocks, inline, insideOf } from "./text.js";

const EPHEMERAL = 1 << 6;
const LOADING = 1 << 7;
const TIME = new Intl.DateTimeFormat("en", { timeStyle: "short" });
const DAY = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
const CLOSE_BY = 7 * 60 * 1000; // messages of one author within this share one heading

export function avatar(person) {
  if (person.bot) return h("img.avatar", { src: "static/logo.svg", alt: "" });
  return h("span.avatar", { "aria-hidden": "true", "data-tint": person.tint }, person.name[0]);
}

export function message(data, before, known, me, may) {
  if (data.type === 18) return threadNews(data, known);
  const author = known.person(data.author.id, data.author, true);
  const used = data.interaction_metadata && data.interaction_metadata.name ? data.interaction_metadata : null;
  const reply =
    data.referenced_message ||
    (data.message_reference && data.message_reference.type !== 1 ? { gone: true } : null);
  const compact =
    !used &&
    !reply &&
    before &&
    before.author.id === data.author.id &&
    before.type !== 18 &&
    !((before.flags | data.flags) & EPHEMERAL) &&
    new Date(data.timestamp) - new Date(before.timestamp) < CLOSE_BY;
  const node = h("article.message", {
    "data-key": data.id,
    "data-message": data.id,
    "data-at": data.channel_id,
  });
  node.classList.toggle("compact", Boolean(compact));
  node.classList.toggle("private", Boolean(data.flags & EPHEMERAL));
  node.classList.toggle("mentioned", data.mentions.some((one) => one.id === me) && data.author.id !== me);
  node.append(
    ...[used && usedLine(used, known), !used && reply && replyLine(reply, known)].filter(Boolean),
    compact ? h("span.avatar") : avatar(author),
    h(
      "header",
      { "data-key": "header" },
      h("button.author", { type: "button", "data-do": "person", "data-person": author.id }, author.name),
      author.bot && h("span.badge", {}, "APP"),
      h("time.quiet", { datetime: data.timestamp }, written(data.timestamp)),
      data.edited_timestamp &&
        !data.components.length &&
        !(data.flags & EPHEMERAL) &&
        h("small.quiet", {}, "(edited)"),
    ),
    body(data, known, author, me),
    tools(author, may, data),
  );
  return node;
}

function written(timestamp) {
  const at = new Date(timestamp);
  return at.toDateString() === new Date().toDateString() ? TIME.format(at) : DAY.format(at);
}

function usedLine(used, known) {
  const name = used.command_type === 1 ? `/${used.name}` : used.name;
  return h(
    "div.context",
    {},
    icon("reply"),
    h("b", {}, known.person(used.user.id, used.user)),
    " used ",
    h("b", {}, name),
  );
}

function replyLine(reply, known) {
  if (reply.gone) return h("div.context", {}, icon("reply"), "The message was deleted.");
  const words = reply.content.split("\n")[0] || (reply.attachments.length ? "a picture" : "a message");
  return h(
    "button.context",
    { type: "button", "data-do": "go", "data-channel": reply.channel_id, "data-message": reply.id },
    icon("reply"),
    h("b", {}, known.person(reply.author.id, reply.author)),
    " ",
    h(
      "span",
      {},
      inline(words, known).map((part) => part.textContent ?? part),
    ),
  );
}

function threadNews(data, known) {
  return h(
    "article.news",
    { "data-key": data.id, "data-message": data.id, "data-at": data.channel_id },
    icon("thread"),
    h("span", {}, h("b", {}, known.person(data.author.id, data.author)), " started a thread."),
    data.thread && threadCard(data.thread),
  );
}

function body(data, known, author, me) {
  const snapshots = (data.message_snapshots || []).map((one) =>
    h("div.forwarded", {}, h("small.quiet", {}, "Forwarded"), content(one.message, known)),
  );
  return h(
    "div.body",
    { "data-key": "body" },
    data.flags & LOADING
      ? h("p.thinking", {}, `${author.name} is thinking`, h("span", { "aria-hidden": "true" }))
      : content(data, known),
    snapshots,
    data.reactions.length ? reactions(data, known) : null,
    data.thread && threadCard(data.thread),
    data.flags & EPHEMERAL
      ? h(
          "p.small.quiet",
          {},
          "Only you can see this. ",
          h("button.link", { type: "button", "data-do": "dismiss" }, "Dismiss"),
        )
      : null,
  );
}

// Always in this order: words, cards, pictures, and what can be pressed below all of them.
function content(data, known) {
  const byName = new Map(data.attachments.map((one) => [`attachment://${one.filename}`, one]));
  const within = JSON.stringify([data.embeds, data.components]);
  const loose = data.attachments.filter(
    (one) => !within.includes(`attachment://${one.filename}"`) && !within.includes(`${one.url}"`),
  );
  return [
    blocks(data.content, known),
    data.embeds.map((one) => embed(one, known, byName)),
    (data.sticker_items || []).map((one) => h("p.quiet", {}, `Sticker: ${one.name}`)),
    loose.length
      ? h("div.pictures", { "data-key": "pictures", "data-count": Math.min(4, loose.length) }, loose.map(file))
      : null,
    (data.components || []).map((one) => component(one, known, byName)),
  ];
}

function file(one) {
  const alt = one.description || one.filename;
  const kind = one.content_type || "";
  if (kind.startsWith("video/"))
    return h("video", {
      src: one.url,
      controls: true,
      loop: true,
      muted: true,
      autoplay: true,
      playsinline: true,
      "aria-label": alt,
    });
  if (!kind.startsWith("image/"))
    return h(
      "a.file",
      { href: one.url, target: "_blank", rel: "noreferrer" },
      one.filename,
      h("small.quiet", {}, ` ${size(one.size)}`),
    );
  return picture(one.url, alt, one.width, one.height, one.filename.startsWith("SPOILER_"));
}

function picture(url, alt, width, height, hidden = false) {
  const image = h("img", { src: url, alt, width, height });
  return h(
    "button.picture",
    {
      type: "button",
      "data-do": "enlarge",
      "data-hidden": hidden ? "true" : undefined,
      title: alt,
      "aria-label": hidden ? "A picture behind a spoiler: show it" : `Enlarge: ${alt}`,
    },
    image,
  );
}

function size(bytes) {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function embed(one, known, byName) {
  const media = (found, name) =>
    found &&
    picture(
      (byName.get(found.url) || found).url,
      found.description || (byName.get(found.url) || {}).description || name,
    );
  const title =
    one.title && (one.url ? inline(`[${one.title}](${one.url})`, known) : inline(one.title, known));
  return h(
    "div.embed",
    { "data-colour": one.color ? `#${one.color.toString(16).padStart(6, "0")}` : undefined },
    one.author && h("b.small", {}, one.author.name),
    title && h("b", {}, title),
    one.description && h("div", {}, blocks(one.description, known)),
    (one.fields || []).length
      ? h(
          "dl",
          {},
          one.fields.map((part) =>
            h(
              "div",
              { "data-inline": part.inline },
              h("dt", {}, inline(part.name, known)),
              h("dd", {}, blocks(part.value, known)),
            ),
          ),
        )
      : null,
    media(one.image, "a picture"),
    media(one.thumbnail, "a small picture"),
    one.footer && h("small.quiet", {}, one.footer.text),
  );
}

function reactions(data, known) {
  return h(
    "div.reactions",
    {},
    data.reactions.map((one) => {
      const name = one.emoji.id ? `:${one.emoji.name}:` : one.emoji.name;
      const means = known.style(name);
      const label = `${means || name}: ${one.count} ${one.count === 1 ? "reaction" : "reactions"}${one.me ? ", one of them yours" : ""}`;
      return h(
        "button.chip",
        {
          type: "button",
          "data-key": name,
          "data-do": "react",
          "data-emoji": one.emoji.id ? `${one.emoji.name}:${one.emoji.id}` : name,
          "aria-pressed": String(one.me),
          "aria-label": label,
          title: means ? `${name} ${means}` : name,
        },
        h("span.emoji", {}, name),
        h("span", {}, one.count),
      );
    }),
  );
}

function threadCard(thread) {
  const count = thread.count === 1 ? "1 message" : `${thread.count} messages`;
  return h(
    "button.thread",
    { type: "button", "data-do": "go", "data-channel": thread.id },
    icon("thread"),
    h("span", {}, h("b", {}, thread.name), h("small.quiet", {}, `${count} · open the thread`)),
    h(
      "span.strip",
      {},
      thread.pictures.map((one) => h("img", { src: one.url, alt: one.alt, "data-key": one.url })),
    ),
  );
}

function tools(author, may, data) {
  return h(
    "div.tools",
    {},
    may.react &&
      !(data.flags & EPHEMERAL) &&
      h(
        "button.plain",
        { type: "button", "data-do": "emoji", "aria-label": `React to the message of ${author.name}` },
        icon("smile"),
      ),
    may.send &&
      !(data.flags & EPHEMERAL) &&
      h(
        "button.plain",
        { type: "button", "data-do": "reply", "aria-label": `Reply to ${author.name}` },
        icon("reply"),
      ),
    h(
      "button.plain",
      {
        type: "button",
        "data-do": "more",
        "aria-haspopup": "menu",
        "aria-label": `More about the message of ${author.name}: apps, delete`,
      },
      icon("more"),
    ),
  );
}

const BUTTON_STYLES = ["", "primary", "secondary", "success", "danger", "secondary", "secondary"];
const SELECTS = [3, 5, 6, 7, 8];

function component(one, known, byName) {
  const inside = () => (one.components || []).map((child) => component(child, known, byName));
  if (one.type === 2) return button(one);
  if (SELECTS.includes(one.type)) return select(one, known);
  switch (one.type) {
    case 1:
      return h("div.row.controls", {}, inside());
    case 9:
      return h("div.section", {}, h("div", {}, inside()), component(one.accessory, known, byName));
    case 10:
      return h("div", {}, blocks(one.content, known));
    case 11:
      return media(one, byName);
    case 12:
      return h(
        "div.pictures",
        { "data-count": Math.min(4, one.items.length) },
        one.items.map((item) => media(item, byName)),
      );
    case 13:
      return h(
        "a.file",
        { href: found(one.file, byName), target: "_blank", rel: "noreferrer" },
        one.name || "a file",
      );
    case 14:
      return h("hr", { "data-bare": one.divider === false });
    case 17:
      return h(
        "div.embed.container",
        {
          "data-colour": one.accent_color ? `#${one.accent_color.toString(16).padStart(6, "0")}` : undefined,
        },
        inside(),
      );
    default:
      return null;
  }
}

function media(one, byName) {
  return picture(
    found(one.media, byName),
    one.description || "a picture",
    one.media.width,
    one.media.height,
    one.spoiler,
  );
}

function found(media, byName) {
  return (byName.get(media.url) || media).url;
}

function button(one) {
  const emoji = one.emoji && h("span.emoji", {}, one.emoji.id ? `:${one.emoji.name}:` : one.emoji.name);
  const name = `button.button.${BUTTON_STYLES[one.style] || "secondary"}`;
  if (one.style !== 5)
    return h(
      name,
      {
        type: "button",
        "data-key": one.custom_id,
        "data-do": "press",
        "data-control": one.custom_id,
        disabled: one.disabled,
        "aria-label": one.label ? undefined : one.emoji && one.emoji.name,
      },
      emoji,
      one.label,
    );
  const inside = insideOf(one.url);
  if (inside)
    return h(
      name,
      { type: "button", "data-do": "go", "data-channel": inside[2], "data-message": inside[3] },
      emoji,
      one.label,
    );
  return h(
    "a.button.secondary",
    { href: one.url, target: "_blank", rel: "noreferrer noopener" },
    emoji,
    one.label,
    " ↗",
  );
}

function select(one, known) {
  const chosen =
    one.type === 3
      ? (one.options || [])
          .filter((option) => option.default)
          .map((option) =>
            [option.emoji && !option.emoji.id ? option.emoji.name : "", option.label]
              .filter(Boolean)
              .join(" "),
          )
      : (one.default_values || []).map((value) => known.named(value.id));
  return h(
    "button.select",
    {
      type: "button",
      "data-key": one.custom_id,
      "data-do": "choose",
      "data-control": one.custom_id,
      "aria-haspopup": "listbox",
      disabled: one.disabled,
    },
    chosen.length ? h("span", {}, chosen.join(", ")) : h("span.quiet", {}, one.placeholder || "Choose"),
    icon("down"),
  );
}

// Every component of a message, however deep.
export function components(list) {
  return (list || []).flatMap((one) => [
    one,
    ...components(one.components),
    ...(one.accessory ? [one.accessory] : []),
  ]);
}
