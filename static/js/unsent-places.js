// Shows what is not sent yet where it belongs: words stay painted, notes and replies stand as cards, changes on their post.
{
  const here = () => Outbox.shown().filter((one) => one.reading && one.reading === Reader.page()?.dataset.reading);
  const uid = ({address}) => /\/annotations\/([^/?]+)/.exec(address)?.[1];
  const template = () => document.getElementById("unsent-note")?.content.firstElementChild;
  const words = (name) => document.querySelector(`#unsent-list [data-word='${name}']`)?.textContent ?? "";
  const span = (entry) => ({start: Number(Outbox.field(entry, "start")), end: Number(Outbox.field(entry, "end"))});

  /** The element that a note of this entry stands in; null when it is not in this page, or the switch of a reaction says it. */
  function home(entry) {
    if (entry.kind === "mark") {
      const {start} = span(entry);
      const block = Reader.blocks().find(({dataset}) => Number(dataset.start) <= start && start < Number(dataset.end));
      return document.getElementById(`margin-${block?.id.slice(1)}`);
    }
    const n = /[?&]paragraph=(\d+)/.exec(entry.address)?.[1] ?? 0;
    return document.getElementById(entry.kind === "remark" ? `margin-${n}` : `annotation-${uid(entry)}`);
  }

  /** What an entry is, in a word: a mark with a note is a note. */
  const what = (entry) => words(entry.kind === "mark" && Outbox.text(entry) ? "remark" : entry.kind);

  function card(entry) {
    const made = template().cloneNode(true);
    const part = (name) => made.querySelector(`[data-${name}]`);
    Object.assign(made.dataset, {id: entry.id, state: entry.state});
    part("state").textContent = words(entry.state === "refused" ? "not-saved" : "not-sent");
    part("what").textContent = what(entry);
    part("quote").textContent = Outbox.field(entry, "exact") ?? "";
    part("quote").hidden = entry.kind !== "mark";
    part("text").textContent = Outbox.text(entry);
    part("unsent-show").hidden = entry.state !== "refused";
    const tag = document.querySelector(`#tag-bar button[name='tag'][value='${CSS.escape(Outbox.field(entry, "tag") ?? "")}'] .tag`);
    if (tag) part("what").replaceChildren(tag.cloneNode(true));
    return made;
  }

  function stand(entry) {
    const place = home(entry);
    const same = document.querySelector(`.unsent-note[data-id='${entry.id}'][data-state='${entry.state}']`);
    if (!place || same?.parentElement === place) return same;
    same?.remove();
    const made = card(entry);
    place.append(made);
    return made;
  }

  /** A nod looks as it was wished; pressed again, it is taken back. */
  function nod(entry) {
    const on = Outbox.field(entry, "kind");
    const wanted = on ?? Outbox.field(entry, "off");
    const form = document.querySelector(`#annotation-${uid(entry)} > .annotation__talk > .reactions`);
    const button = form?.querySelector(`button[value='${CSS.escape(wanted)}']`);
    if (!button) return;
    button.setAttribute("data-unsent", "");
    button.setAttribute("aria-pressed", String(Boolean(on)));
    button.name = on ? "off" : "kind";
  }

  /** A form that was kept makes way for the words in it, until they have arrived or were refused. */
  function makeWay() {
    for (const form of document.querySelectorAll(".annotation--editing > form")) {
      form.hidden = Boolean(form.parentElement.querySelector(".unsent-note[data-state='unsent'], .unsent-note[data-state='sending']"));
    }
  }

  function show() {
    const entries = here();
    if (!entries.length && !document.querySelector(".unsent-note")) return Painting.paint("unsent", []);
    const standing = entries.filter((one) => one.kind !== "reaction").map(stand);
    for (const one of document.querySelectorAll(".unsent-note")) if (!standing.includes(one)) one.remove();
    entries.filter((one) => one.kind === "reaction" && one.state !== "refused").forEach(nod);
    Painting.paint("unsent", entries.filter((one) => one.kind === "mark").map(span));
    makeWay();
    Margin.layout();
  }

  document.addEventListener("postil:outbox", show);
  document.addEventListener("htmx:after:swap", show);
  show();
}
