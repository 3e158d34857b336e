// Menus and choosers: a dialog beside what was pressed, or at the bottom of a narrow window. It belongs to the
// page and not to a message, so nothing that happens in the channel closes it.

import { h, icon } from "./dom.js";

export function sheet(anchor, title, content, { wide = false, onclose } = {}) {
  const dialog = h("dialog.sheet", { "aria-label": title });
  if (wide) dialog.classList.add("wide");
  const close = () => dialog.close();
  dialog.append(
    h(
      "header",
      {},
      h("h2", {}, title),
      h("button.plain", { type: "button", "aria-label": "Close", onclick: close }, icon("close")),
    ),
    h("div.inside", {}, content),
  );
  dialog.addEventListener("click", (event) => event.target === dialog && close());
  dialog.addEventListener("keydown", steer);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (onclose) onclose();
  });
  document.body.append(dialog);
  dialog.showModal();
  if (anchor) place(dialog, anchor.getBoundingClientRect());
  const first = dialog.querySelector(
    "[autofocus], .inside input, .inside textarea, .inside select, .inside button",
  );
  if (first) first.focus();
  return dialog;
}

function place(dialog, beside) {
  if (innerWidth < 700 || dialog.classList.contains("wide")) return;
  const { width, height } = dialog.getBoundingClientRect();
  const below = beside.bottom + 6 + height <= innerHeight;
  const top = below
    ? beside.bottom + 6
    : Math.max(8, Math.min(beside.top - height - 6, innerHeight - height - 8));
  dialog.classList.add("placed");
  dialog.style.top = `${top}px`;
  dialog.style.left = `${Math.max(8, Math.min(beside.left, innerWidth - width - 8))}px`;
}

// Arrow keys go through the choices.
function steer(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.target.matches("textarea, select")) return;
  const all = [
    ...event.currentTarget.querySelectorAll("[role=option], [role=menuitem], .inside input[type=search]"),
  ];
  const next = all.filter((one) => !one.hidden)[
    all.filter((one) => !one.hidden).indexOf(document.activeElement) + step
  ];
  if (next) next.focus();
  if (all.length) event.preventDefault();
}

export function menu(anchor, title, items) {
  const dialog = sheet(
    anchor,
    title,
    h(
      "div.menu",
      { role: "menu" },
      items.filter(Boolean).map((item) => {
        if (item.heading) return h("h3", {}, item.heading);
        const press = () => {
          dialog.close();
          item.act();
        };
        return h(
          item.danger ? "button.danger" : "button",
          { type: "button", role: "menuitem", onclick: press, "aria-current": item.current },
          item.before,
          h("span", {}, item.label, item.note && h("small", {}, item.note)),
        );
      }),
    ),
  );
  return dialog;
}

// Choose between `min` and `max` of `options`; `done` gets the values. One choice is taken at once.
export function choose(anchor, title, options, { min = 1, max = 1, chosen = [] }, done) {
  const picked = new Set(chosen);
  const several = max > 1 || min === 0;
  const confirm = h("button.button.primary", { type: "button" }, "Done");
  const buttons = options.map((option) => {
    const press = () => {
      if (!several) {
        dialog.close();
        return done([option.value]);
      }
      if (picked.has(option.value)) picked.delete(option.value);
      else if (max === 1) (picked.clear(), picked.add(option.value));
      else if (picked.size < max) picked.add(option.value);
      refresh();
    };
    return h(
      "button.option",
      { type: "button", role: "option", "data-value": option.value, onclick: press },
      option.emoji && h("span.emoji", {}, option.emoji),
      h("span", {}, option.label, option.description && h("small", {}, option.description)),
    );
  });
  const refresh = () => {
    for (const button of buttons)
      button.setAttribute("aria-selected", String(picked.has(button.dataset.value)));
    confirm.disabled = picked.size < min || picked.size > max;
  };
  refresh();
  confirm.addEventListener("click", () => {
    dialog.close();
    done([...picked]);
  });
  const filter = h("input", {
    type: "search",
    placeholder: "Search",
    "aria-label": "Search",
    oninput: () => {
      const words = filter.value.toLowerCase();
      for (const button of buttons) button.hidden = !button.textContent.toLowerCase().includes(words);
    },
  });
  const dialog = sheet(anchor, title, [
    buttons.length > 9 && filter,
    h(
      "div.options",
      { role: "listbox", "aria-label": title, "aria-multiselectable": String(several) },
      buttons.length ? buttons : h("p.quiet", {}, "There is nothing to choose from."),
    ),
    several &&
      h(
        "footer",
        {},
        h("small", {}, min === max ? `Choose ${min}.` : max < options.length ? `Choose up to ${max}.` : ""),
        confirm,
      ),
  ]);
}

let telling;
export function tell(words) {
  const told = document.getElementById("told");
  told.textContent = words;
  told.dataset.shown = "";
  clearTimeout(telling);
  telling = setTimeout(() => delete told.dataset.shown, 6000);
}
