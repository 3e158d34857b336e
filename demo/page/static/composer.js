// Where one writes: words and pictures, commands by "/", people by "@". A command that was chosen takes the
// place of the composer as a form, so that each of its options can be read.

import { h, icon } from "./dom.js";
import { COARSE, bundled, dropping, gathered, labelled, optionField, sound, thumb } from "./fields.js";
import { sheet } from "./sheet.js";

const MAX_PICTURES = 10;

// The commands of a channel with their subcommands: {name, label, description, options}, where one types the label.
export function leaves(commands) {
  const below = (command, name, label) => {
    const children = (command.options || []).filter((option) => option.type <= 2);
    return children.length
      ? children.flatMap((child) => below(child, `${name} ${child.name}`, `${label} ${child.label}`))
      : [{ ...command, name, label }];
  };
  return commands.flatMap((command) => below(command, command.name, command.label));
}

export class Composer {
  // `desk` has act(doing, files), known(), commands() and may(), of the one channel that this belongs to; in a forum
  // (`isForum`) what is sent begins a post, which desk.open(id) shows.
  constructor(desk, placeholder) {
    this.desk = desk;
    this.pictures = [];
    this.reply = null;
    this.node = h("div.composer");
    this.build(placeholder);
    this.show();
  }

  build(placeholder) {
    this.text = h("textarea", {
      rows: 1,
      placeholder,
      "aria-label": placeholder,
      maxlength: 4000,
      "aria-autocomplete": "list",
    });
    this.list = h("div.suggestions", { role: "listbox", "aria-label": "Suggestions", hidden: true });
    this.context = h("div.replying", { hidden: true });
    this.thumbs = h("div.thumbs");
    const input = h("input.away", {
      type: "file",
      accept: "image/*",
      multiple: true,
      "aria-label": "Pictures to post",
      tabindex: "-1",
    });
    input.addEventListener("change", () => {
      this.add([...input.files]);
      input.value = "";
    });
    const attach = h(
      "button.plain",
      {
        type: "button",
        "aria-label": "Add a picture",
        "aria-haspopup": "dialog",
        onclick: () => {
          const dialog = sheet(attach, "Add a picture", [
            h(
              "button.button.primary",
              { type: "button", onclick: () => (dialog.close(), input.click()) },
              "Choose from this device…",
            ),
            h(
              "p.quiet.small",
              {},
              COARSE.matches
                ? "Or take one of these:"
                : "You can also drop pictures into the channel, or paste them. Or take one of these:",
            ),
            bundled(this.desk.known().photos, (file) => (dialog.close(), this.add([file]))),
          ]);
        },
      },
      icon("add"),
    );
    const slash = h(
      "button.plain.slash",
      {
        type: "button",
        "aria-label": "Commands",
        onclick: () => {
          this.text.value = "/";
          this.text.focus();
          this.suggest();
        },
      },
      "/",
    );
    const send = h("button.plain.send", { type: "submit", "aria-label": "Send" }, icon("send"));
    this.form = h(
      "form",
      {},
      this.list,
      this.context,
      this.thumbs,
      h("div.bar", {}, attach, input, !this.desk.isForum && slash, this.text, send),
    );
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.text.addEventListener("input", () => this.suggest());
    this.text.addEventListener("blur", () =>
      setTimeout(() => this.form.contains(document.activeElement) || this.offer([]), 150),
    );
    this.text.addEventListener("keydown", (event) => this.key(event));
    this.text.addEventListener("paste", (event) => {
      if (event.clipboardData.files.length) {
        event.preventDefault();
        this.add([...event.clipboardData.files]);
      }
    });
  }

  show() {
    this.node.replaceChildren(this.form);
  }

  add(files) {
    const may = this.desk.may();
    if (!may.attach || !may.send) return this.desk.tell("You cannot post pictures here.");
    this.pictures = [...this.pictures, ...files].slice(0, MAX_PICTURES);
    this.show();
    this.draw();
    this.text.focus();
  }

  draw() {
    this.thumbs.replaceChildren(
      ...this.pictures.map((file) =>
        thumb(file, () => {
          this.pictures = this.pictures.filter((one) => one !== file);
          this.draw();
        }),
      ),
    );
    const row = [...this.thumbs.children];
    row.forEach((node, number) => {
      const file = this.pictures[number];
      const hidden = file.name.startsWith("SPOILER_");
      node.append(
        h(
          "button.plain.veil",
          {
            type: "button",
            "aria-pressed": String(hidden),
            title: "Hide it behind a spoiler",
            onclick: () => {
              const name = hidden ? file.name.slice(8) : `SPOILER_${file.name}`;
              this.pictures[number] = new File([file], name, { type: file.type });
              this.draw();
            },
          },
          hidden ? "hidden" : "hide",
        ),
      );
    });
  }

  answer(message, name) {
    this.reply = message.id;
    this.context.hidden = false;
    this.context.replaceChildren(
      "Replying to ",
      h("b", {}, name),
      h(
        "button.plain",
        { type: "button", "aria-label": "Do not reply", onclick: () => this.unreply() },
        icon("close"),
      ),
    );
    this.show();
    this.text.focus();
  }

  unreply() {
    this.reply = null;
    this.context.hidden = true;
  }

  key(event) {
    if (event.isComposing) return;
    if (!this.list.hidden) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) this.mark((this.marked + step + this.list.children.length) % this.list.children.length);
      else if (event.key === "Escape") this.offer([]);
      else if (event.key === "Enter" || event.key === "Tab") this.list.children[this.marked].click();
      else return;
      event.preventDefault();
      return;
    }
    if (event.key === "Enter" && !event.shiftKey && !COARSE.matches) {
      event.preventDefault();
      this.send();
    }
  }

  mark(number) {
    this.marked = number;
    for (const [at, option] of [...this.list.children].entries())
      option.setAttribute("aria-selected", String(at === number));
    this.list.children[number]?.scrollIntoView({ block: "nearest" });
  }

  offer(options) {
    this.list.hidden = !options.length;
    this.list.replaceChildren(
      ...options.map(({ label, note, take }, number) =>
        h(
          "button.option",
          {
            type: "button",
            role: "option",
            onmousedown: (event) => event.preventDefault(),
            onmousemove: () => this.mark(number),
            onclick: take,
          },
          h("span", {}, label, note && h("small", {}, note)),
        ),
      ),
    );
    if (options.length) this.mark(0);
  }

  suggest() {
    const words = this.text.value;
    if (/^\/[^\n]*$/.test(words) && !this.desk.isForum) {
      const wanted = words.slice(1).toLowerCase();
      const found = leaves(this.desk.commands()).filter((one) => one.label.includes(wanted.trim()));
      found.sort((a, b) => !a.label.startsWith(wanted) - !b.label.startsWith(wanted));
      return this.offer(
        found.map((one) => ({ label: `/${one.label}`, note: one.description, take: () => this.command(one) })),
      );
    }
    const person = /(^|\s)@([^\s@]*)$/.exec(words);
    if (!person) return this.offer([]);
    const people = this.desk
      .known()
      .people.filter((one) => one.name.toLowerCase().startsWith(person[2].toLowerCase()));
    this.offer(
      people.map((one) => ({
        label: `@${one.name}`,
        note: one.role || (one.bot ? "App" : ""),
        take: () => {
          this.text.value = `${words.slice(0, person.index)}${person[1]}@${one.name} `;
          this.offer([]);
          this.text.focus();
        },
      })),
    );
  }

  async send() {
    const known = this.desk.known();
    const text = known.people.reduce(
      (words, one) => words.replaceAll(`@${one.name}`, `<@${one.id}>`),
      this.text.value.trim(),
    );
    if (!text && !this.pictures.length) return;
    const pictures = this.pictures;
    const doing = this.desk.isForum
      ? { do: "post", text, name: text.split("\n")[0] }
      : { do: "send", text, reply: this.reply };
    const answer = await this.desk.act(doing, { pictures });
    if (answer.error) return;
    this.text.value = "";
    this.pictures = [];
    this.unreply();
    this.draw();
    this.offer([]);
    if (answer.thread) this.desk.open(answer.thread);
  }

  // The form of a command.
  command(command) {
    this.offer([]);
    this.text.value = "";
    const fields = new Map();
    const rows = h("div.fields");
    const known = this.desk.known();
    const add = (option) => {
      const complete = async (text) => {
        const [options] = gathered(new Map([...fields].filter(([name]) => name !== option.name)));
        return (
          await this.desk.act({ do: "complete", name: command.name, option: option.name, text, options })
        ).choices;
      };
      const field = labelled(
        option.label,
        option.description,
        Boolean(option.required),
        optionField(option, known, complete),
      );
      field.node.dataset.option = option.name;
      fields.set(option.name, field);
      rows.append(field.node);
      return field;
    };
    const options = command.options || [];
    options.filter((option) => option.required).forEach(add);
    const more = options
      .filter((option) => !option.required)
      .map((option) => {
        const chip = h(
          "button.chip",
          {
            type: "button",
            title: option.description,
            "data-name": option.name,
            onclick: () => {
              chip.remove();
              const field = add(option);
              field.focus();
              field.node.scrollIntoView({ block: "nearest" });
            },
          },
          `+ ${option.label}`,
        );
        return chip;
      });
    // Of a command that needs nothing, the first options are what it is usually given.
    if (!fields.size) more.slice(0, 2).forEach((chip) => chip.click());
    const run = h("button.button.primary", { type: "submit" }, "Send");
    const cancel = h("button.button.secondary", { type: "button", onclick: () => this.leave() }, "Cancel");
    const form = h(
      "form.command",
      { novalidate: true, "aria-label": `The command /${command.label}` },
      h("header", {}, h("h2", {}, `/${command.label}`), h("small", {}, command.description)),
      rows,
      more.length
        ? h(
            "div.row.options",
            {},
            more.filter((chip) => chip.isConnected || !fields.has(chip.dataset.name)),
          )
        : null,
      h("footer.row", {}, run, cancel),
    );
    form.addEventListener("keydown", (event) => event.key === "Escape" && this.leave());
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (!sound([...fields.values()])) return;
      run.disabled = true;
      const [values, files] = gathered(fields);
      const answer = await this.desk.act({ do: "slash", name: command.name, options: values }, files);
      run.disabled = false;
      if (!answer.error) return this.leave();
      fields.get(answer.field)?.show(answer.error);
    });
    this.node.replaceChildren(form);
    const first = [...fields.values()][0];
    if (first) first.focus();
    else run.focus();
  }

  leave() {
    this.show();
    this.text.focus();
  }

  // A command by its name, as a mention of it asks for.
  open(name) {
    const found = leaves(this.desk.commands()).find((one) => one.name === name);
    if (found) this.command(found);
  }
}

export function droppable(node, composer) {
  dropping(node, (files) => composer() && composer().add(files));
}
