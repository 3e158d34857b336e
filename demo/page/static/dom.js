// Making elements, and making one tree into another without touching what stays the same.
// Text only ever becomes text nodes: nothing here parses HTML.

export function h(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return node;
}

const SHAPES = {
  menu: "M3 6h18M3 12h18M3 18h18",
  add: "M12 5v14M5 12h14",
  send: "M4 12l16-8-6 16-3-6z",
  more: "M4.5 12h1M11.5 12h1M18.5 12h1",
  smile: "M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18zM8.5 14.5c2 2.5 5 2.5 7 0M9 9.5h.01M15 9.5h.01",
  reply: "M9 7l-5 5 5 5M4 12h10c4 0 6 3 6 6",
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  down: "M6 9l6 6 6-6",
  thread: "M5 5h14v10H12l-4 4v-4H5z",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

// What the reader has done to an element is not undone by an update.
const OURS = new Set(["open", "data-seen", "aria-busy"]);

export function morph(old, fresh) {
  if (old.nodeName !== fresh.nodeName || keyOf(old) !== keyOf(fresh)) {
    old.replaceWith(fresh);
    return fresh;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return old;
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !OURS.has(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  fill(old, [...fresh.childNodes]);
  return old;
}

// Make `children` the children of `parent`: those with a key stay the same elements wherever they move.
export function fill(parent, children) {
  const keyed = new Map();
  for (const child of parent.childNodes) if (keyOf(child)) keyed.set(keyOf(child), child);
  const staying = new Set(children.map(keyOf));
  for (const [key, node] of keyed) if (!staying.has(key)) node.remove();
  let at = parent.firstChild;
  for (const child of children) {
    const same = keyOf(child)
      ? keyed.get(keyOf(child))
      : at && !keyOf(at) && at.nodeName === child.nodeName
        ? at
        : null;
    if (!same) {
      parent.insertBefore(child, at);
      continue;
    }
    if (same !== at) parent.insertBefore(same, at);
    else at = at.nextSibling;
    if (same !== child) morph(same, child);
    keyed.delete(keyOf(child));
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

function keyOf(node) {
  return node.dataset ? node.dataset.key : undefined;
}
