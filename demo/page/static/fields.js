// Fields of forms: the options of a command and the controls of a modal, in one shape:
// {node, value(), files(), wrong()}. `value` is undefined while nothing is given; `wrong` is a sentence or nothing.

import { h, icon } from "./dom.js";
import { sheet } from "./sheet.js";

const NONE = { value: () => undefined, files: () => [], wrong: () => "" };
export const COARSE = matchMedia("(pointer: coarse)");
const MISSING = "Please fill this in.";
let counter = 0;

// A label, a description and a field below.
export function labelled(label, description, required, field) {
  const id = `field-${++counter}`;
  const input = field.node.matches("input, textarea, select")
    ? field.node
    : field.node.querySelector("input, textarea, select, button");
  if (input && !input.id) input.id = id;
  const wrong = h("small.wrong", { role: "alert" });
  const node = h(
    "div.field",
    {},
    label && h("label", { for: input && input.id }, label, !required && h("span.quiet", {}, " optional")),
    description && h("small", {}, description),
    field.node,
    wrong,
  );
  const again = () => wrong.textContent && (wrong.textContent = field.wrong());
  node.addEventListener("input", again);
  node.addEventListener("change", again);
  return {
    ...field,
    node,
    focus: () => input && input.focus(),
    show: (words) => (wrong.textContent = words),
  };
}

export function text({ many = false, required, min = 0, max = 4000, placeholder, value = "", complete }) {
  const input = h(many ? "textarea" : "input", {
    placeholder,
    maxlength: max,
    rows: many && 4,
    autocomplete: "off",
  });
  input.value = value;
  let taken = null; // the choice that the words stand for
  const list = h("div.choices", { role: "listbox", hidden: true });
  let asked;
  const offer = async () => {
    const words = input.value;
    const choices = await complete(words);
    if (words !== input.value || !choices) return;
    list.hidden = !choices.length;
    list.replaceChildren(
      ...choices.map((choice) =>
        h(
          "button.option",
          {
            type: "button",
            role: "option",
            onclick: () => {
              taken = choice;
              input.value = choice.name;
              list.hidden = true;
              input.focus();
            },
          },
          h("span", {}, choice.name),
        ),
      ),
    );
    list.scrollIntoView({ block: "nearest" });
  };
  if (complete) {
    input.addEventListener("focus", () => taken || offer());
    input.addEventListener("input", () => {
      taken = null;
      clearTimeout(asked);
      asked = setTimeout(offer, 150);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" && !list.hidden) list.firstChild.focus();
      else if (event.key === "Escape" && !list.hidden) ((list.hidden = true), event.stopPropagation());
      else return;
      event.preventDefault();
    });
    list.addEventListener("keydown", (event) => {
      const next = { ArrowDown: "nextSibling", ArrowUp: "previousSibling" }[event.key];
      if (!next) return;
      (document.activeElement[next] || input).focus();
      event.preventDefault();
    });
  }
  return {
    ...NONE,
    node: complete ? h("div.completing", {}, input, list) : input,
    value: () => (taken ? taken.value : input.value || (required ? "" : undefined)),
    wrong: () =>
      required && !input.value.trim()
        ? MISSING
        : input.value && input.value.length < min
          ? `Please write at least ${min} characters.`
          : "",
  };
}

export function number({ required, min, max, whole }) {
  const input = h("input", {
    type: "number",
    step: whole ? 1 : "any",
    min,
    max,
    placeholder: min !== undefined && max !== undefined ? `${min} to ${max}` : undefined,
  });
  return {
    ...NONE,
    node: input,
    value: () => (input.value === "" ? undefined : input.value),
    wrong: () =>
      input.value === "" && !input.validity.badInput ? (required ? MISSING : "") : input.validationMessage,
  };
}

// One of several, or several. Options are {value, label, description, emoji, default}.
export function pick({ options, required, min = 1, max = 1, numeric = false }) {
  if (max > 1) return several({ options, required, min, max });
  const list = h(
    "select",
    {},
    h("option", { value: "" }, "Choose…"),
    options.map((option) =>
      h(
        "option",
        { value: option.value, selected: option.default },
        [option.emoji, option.label].filter(Boolean).join(" ") +
          (option.description ? ` — ${option.description}` : ""),
      ),
    ),
  );
  return {
    ...NONE,
    node: list,
    value: () => (list.value === "" ? undefined : numeric ? String(list.value) : list.value),
    wrong: () => (required && list.value === "" ? "Please choose one." : ""),
  };
}

function several({ options, required, min, max }) {
  const boxes = options.map((option) =>
    h(
      "label.tick",
      {},
      h("input", { type: "checkbox", value: option.value, checked: option.default }),
      h(
        "span",
        {},
        option.emoji ? `${option.emoji} ` : "",
        option.label,
        option.description && h("small", {}, option.description),
      ),
    ),
  );
  const node = h("div.ticks", { role: "group" }, boxes);
  const value = () => [...node.querySelectorAll(":checked")].map((box) => box.value);
  const wrong = () => {
    const count = value().length;
    if (!count && !required) return "";
    return count < min || count > max ? `Please choose ${min === max ? min : `${min} to ${max}`}.` : "";
  };
  return { ...NONE, node, value, wrong };
}

// Pictures from this device, by drag and drop, or of the demo's own.
export function files({ required, min = 1, max = 1, photos, accept = "image/*" }) {
  let given = [];
  const input = h("input.away", { type: "file", accept, multiple: max > 1, tabindex: "-1" });
  const shown = h("div.thumbs");
  const add = (more) => {
    given = max === 1 ? [...more].slice(-1) : [...given, ...more].slice(0, max);
    draw();
  };
  const button = h("button.button", { type: "button", onclick: () => input.click() }, max > 1 ? "Choose pictures…" : "Choose a picture…");
  const offer = h(
    "div",
    {},
    h("div.row", {}, button, h("span.quiet", {}, COARSE.matches ? "or tap one:" : "or drop it here, or click one:")),
    bundled(photos, (file) => add([file])),
  );
  // What is full offers nothing more; whoever has pressed there goes on at what has taken its place.
  const draw = () => {
    const isHere = node.contains(document.activeElement);
    shown.replaceChildren(
      ...given.map((file) =>
        thumb(file, () => {
          given = given.filter((one) => one !== file);
          draw();
        }),
      ),
    );
    offer.hidden = given.length >= max;
    if (isHere && !node.contains(document.activeElement)) button.focus();
    if (isHere && offer.hidden) shown.lastChild.querySelector("button").focus();
    node.dispatchEvent(new Event("change", { bubbles: true }));
  };
  input.addEventListener("change", () => add([...input.files]));
  const node = h("div.drop", {}, shown, offer, input);
  dropping(node, add);
  return {
    ...NONE,
    node,
    files: () => given,
    wrong: () => (required && given.length < Math.max(1, min) ? "Please add a picture." : ""),
  };
}

export function thumb(file, remove) {
  const address = URL.createObjectURL(file);
  const image = h("img", { src: address, alt: file.name, onload: () => URL.revokeObjectURL(address) });
  return h(
    "div.thumb",
    {},
    image,
    h(
      "button.plain",
      { type: "button", "aria-label": `Remove ${file.name}`, onclick: remove },
      icon("close"),
    ),
  );
}

export function bundled(photos, take) {
  return h(
    "div.bundled",
    {},
    photos.map((name) =>
      h(
        "button.plain",
        {
          type: "button",
          "aria-label": `The demo's ${name}`,
          title: name,
          onclick: async () => {
            const blob = await (await fetch(`photos/${name}`)).blob();
            take(new File([blob], name, { type: blob.type }));
          },
        },
        h("img", { src: `photos/${name}`, alt: "", loading: "lazy" }),
      ),
    ),
  );
}

export function dropping(node, take) {
  node.addEventListener("dragover", (event) => {
    event.preventDefault();
    node.dataset.over = "";
  });
  node.addEventListener("dragleave", () => delete node.dataset.over);
  node.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    delete node.dataset.over;
    if (event.dataTransfer.files.length) take([...event.dataTransfer.files]);
  });
}

const CHANNEL_SELECT = 8;

// What an entity select can hold: 5 people, 6 roles, 7 both, 8 channels.
export function entities(type, control, known) {
  const people = known.people.map((one) => ({
    value: one.id,
    label: one.name,
    description: one.role || (one.bot ? "App" : ""),
    emoji: "@",
  }));
  const roles = known.roles.map((one) => ({ value: one.id, label: one.name.replace(/^@/, ""), emoji: "@" }));
  const kinds = control.channel_types || [];
  const channels = known.channels
    .filter((one) => one.type !== 1 && (kinds.length ? kinds.includes(one.type) : true))
    .map((one) => ({
      value: one.id,
      label: one.name,
      description: one.parent ? `in #${known.channel(one.parent)}` : one.topic,
      emoji: "#",
    }));
  if (type === CHANNEL_SELECT) return channels;
  return type === 5 ? people : type === 6 ? roles : [...people, ...roles];
}

// The field for one option of a slash command.
export function optionField(option, known, complete) {
  const { required = false } = option;
  const choices = (option.choices || []).map((choice) => ({
    value: String(choice.value),
    label: choice.label,
  }));
  if (choices.length && !option.autocomplete) return pick({ options: choices, required });
  const bounds = { required, min: option.min_value, max: option.max_value };
  switch (option.type) {
    case 4:
      return number({ ...bounds, whole: true });
    case 10:
      return number(bounds);
    case 5:
      return yesNo(required);
    case 6:
      return pick({ options: entities(5, {}, known), required });
    case 7:
      return pick({ options: entities(CHANNEL_SELECT, option, known), required });
    case 8:
      return pick({ options: entities(6, {}, known), required });
    case 9:
      return pick({ options: entities(7, {}, known), required });
    case 11:
      return files({ required, photos: known.photos });
    default:
      return text({
        required,
        min: option.min_length,
        max: option.max_length,
        complete: option.autocomplete && complete,
      });
  }
}

function yesNo(required) {
  const field = pick({
    options: [
      { value: "yes", label: "Yes" },
      { value: "no", label: "No" },
    ],
    required,
  });
  return { ...field, value: () => ({ yes: true, no: false })[field.value()] };
}

// The field for one control of a modal.
function controlField(control, known) {
  const required = control.required ?? ![19, 21, 22, 23].includes(control.type);
  const bounds = { required, min: control.min_values ?? 1, max: control.max_values ?? 1 };
  const listed = (field) => ({
    ...field,
    value: () => {
      const found = field.value();
      return found === undefined || !found.length
        ? undefined
        : { type: control.type, values: [found].flat() };
    },
  });
  switch (control.type) {
    case 4:
      return text({
        many: control.style === 2,
        required,
        min: control.min_length,
        max: control.max_length ?? 4000,
        placeholder: control.placeholder,
        value: control.value,
      });
    case 3:
      return listed(pick({ ...bounds, options: plain(control) }));
    case 5:
    case 6:
    case 7:
    case 8: {
      const chosen = (control.default_values || []).map((one) => one.id);
      return listed(
        pick({
          ...bounds,
          options: entities(control.type, control, known).map((one) => ({
            ...one,
            default: chosen.includes(one.value),
          })),
        }),
      );
    }
    case 19:
      return files({ ...bounds, photos: known.photos });
    case 21:
      return pick({ options: plain(control), required });
    case 22:
      return several({
        options: plain(control),
        required,
        min: control.min_values ?? 0,
        max: control.max_values ?? control.options.length,
      });
    default:
      return ticked(control);
  }
}

function plain(control) {
  return control.options.map((option) => ({
    ...option,
    emoji: option.emoji && !option.emoji.id ? option.emoji.name : "",
  }));
}

function ticked(control) {
  const box = h("input", { type: "checkbox", checked: control.default });
  return { ...NONE, node: box, value: () => box.checked };
}

// A dialog with the controls of a modal; `send` gets values and files by custom_id, and closes it by returning true.
export function modal(spec, known, write, send) {
  const fields = new Map();
  const add = (control, label, description) => {
    const field = labelled(
      label,
      description,
      control.required ?? ![19, 21, 22, 23].includes(control.type),
      controlField(control, known),
    );
    fields.set(control.custom_id, field);
    return field.node;
  };
  const nodes = spec.components.map((part) => {
    if (part.type === 18) return add(part.component, part.label, part.description);
    if (part.type === 1) return part.components.map((control) => add(control, control.label));
    return h("div.words", {}, write(part.content));
  });
  const form = h(
    "form",
    { novalidate: true },
    nodes,
    h("footer", {}, h("button.button.primary", { type: "submit" }, "Submit")),
  );
  const dialog = sheet(null, spec.title, form, { wide: true });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!sound([...fields.values()])) return;
    if (await send(...gathered(fields))) dialog.close();
  });
}

// Whether all is well; else says what is not, and goes there.
export function sound(fields) {
  for (const field of fields) field.show(field.wrong());
  const first = fields.find((field) => field.wrong());
  if (first) first.focus();
  return !first;
}

export function gathered(fields) {
  const values = {};
  const given = {};
  for (const [name, field] of fields) {
    const value = field.value();
    if (value !== undefined) values[name] = value;
    if (field.files().length) given[name] = field.files();
  }
  return [values, given];
}
