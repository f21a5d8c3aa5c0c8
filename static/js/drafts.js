// Keeps what is typed in the page's htmx forms until a 2xx has answered that form: over reloads, lost networks and an
// expired sign-in, for this person alone (<html data-viewer>).
const Drafts = (() => {
  const fields = "form[hx-post] textarea[name], form[hx-post] [name][data-draft]";
  const prefix = () => {
    const {viewer} = document.documentElement.dataset;
    return viewer ? `postil:draft:${viewer}:` : null;
  };
  const key = (field) => prefix() && `${prefix()}${field.form.getAttribute("hx-post")}:${field.name}`;
  const version = (form) => form.elements.version?.value ?? null;

  function read(field) {
    try {
      return JSON.parse(localStorage.getItem(key(field)));
    } catch {
      return null;
    }
  }

  function keep(field, base = version(field.form)) {
    if (!key(field)) return;
    try {
      localStorage.setItem(key(field), JSON.stringify({text: field.value, version: base}));
    } catch {
      // A full or forbidden store: the text is still in its field.
    }
  }

  /**
   * Put a draft back where the page shows something else. It brings the version that it was written over, so that the
   * server can tell when somebody has changed the note since; null means written over what the server sent last.
   */
  function restore(field) {
    const draft = key(field) && read(field);
    if (!draft) return;
    if (field.value === draft.text) return keep(field);
    if (document.activeElement === field) return;
    field.value = draft.text;
    if (draft.version !== null && version(field.form) !== null) field.form.elements.version.value = draft.version;
  }

  const restoreAll = () => document.querySelectorAll(fields).forEach(restore);

  /** Only the text that was sent is safe; what was typed since stays a draft. */
  function saved(form, sent, moved) {
    for (const field of form.querySelectorAll("textarea[name], [data-draft]")) {
      const draft = key(field) && read(field);
      if (!draft) continue;
      if (moved) keep(field, null);
      else if (draft.text === sent.get(field.name)?.replace(/\r\n/g, "\n")) localStorage.removeItem(key(field));
    }
  }

  /** A text that is in the outbox, or was in it and has arrived, is no draft any more. */
  function forget({detail: {address, fields}}) {
    for (const [name, text] of prefix() ? fields : []) {
      const draft = `${prefix()}${address}:${name}`;
      if (JSON.parse(localStorage.getItem(draft))?.text === text.replace(/\r\n/g, "\n")) localStorage.removeItem(draft);
    }
  }

  for (const name of ["postil:kept", "postil:sent"]) document.addEventListener(name, forget);
  document.addEventListener("input", ({target}) => {
    if (target.matches?.(fields)) keep(target);
  });
  document.addEventListener("htmx:after:request", ({detail: {ctx}}) => {
    const {form, body, submitter} = ctx.request;
    if (form?.matches("[hx-post]") && body && ctx.response?.status < 300) saved(form, body, submitter?.name === "move");
  });
  document.addEventListener("htmx:after:swap", restoreAll);
  // Cancel gives a draft up; Escape and leaving do not.
  document.addEventListener("click", ({target}) => {
    const form = target.closest?.("[data-cancel]")?.closest("form[hx-post]");
    for (const field of form?.querySelectorAll(fields) ?? []) {
      field.value = field.defaultValue;
      if (key(field)) localStorage.removeItem(key(field));
    }
  });
  restoreAll();

  /** What stands for the star in the addresses of forms that have a draft. */
  function waiting(address) {
    const [before, after] = address.split("*");
    const start = prefix() && prefix() + before;
    const kept = start ? Object.keys(localStorage).filter((one) => one.startsWith(start) && one.includes(`${after}:`)) : [];
    return kept.map((one) => one.slice(start.length, one.indexOf(after, start.length)));
  }

  return {waiting, restore: (form) => form.querySelectorAll(fields).forEach(restore)};
})();
