// Elements and lists of them. Rule: text is only ever text; nothing is made of markup.

export const byId = (id) => document.getElementById(id);

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && name !== "list") node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// Only what differs is touched, so that a screen reader says only what is new and a selection stays.
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Make the children of `list` those of `items`: kept by their keys, so that focus and pictures stay where they are.
export function keep(list, items, key, make, update) {
  const there = new Map([...list.children].map((node) => [node.dataset.key, node]));
  items.forEach((item, index) => {
    const name = String(key(item));
    let node = there.get(name);
    there.delete(name);
    if (!node) {
      node = make(item);
      node.dataset.key = name;
    }
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
    update(node, item);
  });
  for (const node of there.values()) {
    node.dispatchEvent(new Event("gone"));
    node.remove();
  }
}

export function duration(seconds) {
  const whole = Math.max(Math.round(seconds), 0);
  if (whole < 90) return `${whole} s`;
  if (whole < 5400) return `${Math.round(whole / 60)} min`;
  if (whole < 172800) return `${Math.round(whole / 3600)} h`;
  return `${Math.round(whole / 86400)} days`;
}

export const clock = (at) =>
  new Date(at * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

export const moment = (at) => new Date(at * 1000).toLocaleString();
