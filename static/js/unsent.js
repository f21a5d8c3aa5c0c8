// The quiet line that says what is not sent yet, and the list of it: each text with why it is there, to be copied, changed and
// sent again, or thrown away by the person alone.
{
  const DONE = 4000; // ms for which "everything is sent" stands
  const line = () => document.getElementById("unsent");
  const list = () => document.getElementById("unsent-list");
  const words = (name) => list().querySelector(`[data-words] [data-word='${name}']`)?.textContent ?? "";
  let any = false;

  function say(text) {
    const status = line().querySelector("[role='status']");
    if (status.textContent !== text) status.textContent = text;
  }

  function show() {
    if (!line()) return;
    const all = Outbox.shown();
    const refused = all.filter((one) => one.state === "refused").length;
    const parts = [["refused", refused], [Delivery.isSignedOut() ? "signed-out" : "unsent", all.length - refused]];
    if (all.length) say(parts.filter(([, n]) => n).map(([name, n]) => words(name).replace("{n}", n)).join(" · "));
    else if (any) say(words("done"));
    any = all.length > 0;
    line().toggleAttribute("data-any", any);
    line().querySelector("[data-try]").hidden = refused === all.length;
    if (!any) setTimeout(() => any || say(""), DONE);
    if (list().open) draw(all);
  }

  /** Why an entry was refused: in our words where those fit better, else in the server's. */
  const why = ({refused}) => words(`why-${refused.theirs ? "stale" : refused.status}`) || refused.why || words("why");

  function item(entry) {
    const made = document.getElementById("unsent-item").content.firstElementChild.cloneNode(true);
    const part = (name) => made.querySelector(`[data-${name}]`);
    Object.assign(made.dataset, {id: entry.id, state: entry.state});
    part("what").textContent = words(entry.kind);
    part("quote").textContent = Outbox.field(entry, "exact") ?? "";
    const text = Outbox.text(entry);
    part("text").value = text;
    part("text").readOnly = entry.state !== "refused";
    made.querySelector("[data-typed]").hidden = !text;
    part("copy").hidden = !text;
    part("copy").dataset.copy = text;
    if (entry.state !== "refused") return made;
    part("why").textContent = why(entry);
    part("why").hidden = part("again").hidden = false;
    part("theirs").hidden = !entry.refused.theirs;
    part("theirs").querySelector("dd").textContent = entry.refused.theirs;
    return made;
  }

  /** What is being typed in the list stays: only what has come, gone or changed its state is drawn. */
  function draw(all) {
    const rows = list().querySelector("[data-items]");
    for (const row of [...rows.children]) {
      if (!all.some((one) => one.id === row.dataset.id && one.state === row.dataset.state)) row.remove();
    }
    for (const [n, entry] of all.entries()) {
      if (rows.children[n]?.dataset.id !== entry.id) rows.insertBefore(item(entry), rows.children[n] ?? null);
    }
    if (!all.length) list().close();
  }

  /** Once more, with what stands in the list now. What the server has refused for good goes as a new form. */
  function again(entry, typed) {
    const changed = typed !== Outbox.text(entry);
    const id = changed || entry.refused.status === 409 ? Identifiers.uuid7() : entry.id;
    const put = {uid: id, operation: id, note: typed, words: typed, word: typed, version: entry.refused.version};
    const fields = entry.fields.map(([name, value]) => [name, put[name] ?? value]);
    Outbox.put({...entry, id, fields, state: "unsent", refused: null, tries: Math.max(1, entry.tries)});
    if (id !== entry.id) Outbox.remove(entry.id);
    Delivery.now();
  }

  function open() {
    draw(Outbox.shown());
    list().showModal();
  }

  document.addEventListener("click", ({target}) => {
    const button = target.closest?.("#unsent button, #unsent-list button, [data-unsent-show]");
    const row = button?.closest("[data-items] > [data-id]");
    const entry = row && Outbox.get(row.dataset.id);
    if (button?.matches("[data-show], [data-unsent-show]")) open();
    else if (button?.matches("[data-close]")) list().close();
    else if (button?.matches("[data-try]")) Delivery.isSignedOut() ? SignInAgain.ask() : Delivery.now();
    else if (entry && button.matches("[data-again]")) again(entry, row.querySelector("[data-text]").value);
    else if (entry && button.matches("[data-drop]")) Outbox.remove(entry.id);
  });
  document.addEventListener("postil:outbox", show);
  show();
}
