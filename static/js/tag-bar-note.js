// The note field of the tag bar: N opens it, Ctrl+Enter saves, and the words stay lit while it has the focus.
const TagBarNote = (() => {
  const bar = () => document.getElementById("tag-bar");
  const area = () => document.getElementById("tag-bar-note");
  const field = () => bar().elements.note;
  const isOpen = () => Boolean(area() && !area().hidden);

  /** What would be sent: a field that is not shown is not sent, whatever an earlier try left in it. */
  function text() {
    field().disabled = !isOpen();
    return isOpen() ? field().value : "";
  }

  function show(shown) {
    area().hidden = !shown;
    field().disabled = !shown;
    bar().querySelector("[data-note]")?.setAttribute("aria-expanded", String(shown));
    Reader.tell("noting", shown ? TagBar.span() : null);
  }

  function open() {
    show(true);
    field().focus({preventScroll: true});
    Floating.atWords(bar(), TagBar.span());
  }

  /** Blurred by hand: a hidden field keeps the focus, and so the next key, until the page is drawn. */
  function close() {
    if (!isOpen()) return;
    field().blur();
    show(false);
  }

  /** Empty the field if it still holds what was saved. Says whether it did. */
  function clear(saved) {
    if (field().value.replace(/\r?\n/g, "\n") !== saved.replace(/\r?\n/g, "\n")) return false;
    field().value = "";
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || Keys.composing(event)) return;
    const form = event.target.localName === "textarea" && event.target.form;
    if (!form || !form.matches("#tag-bar, .annotation form")) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("button.button--primary"));
  });

  return {text, isOpen, open, close, clear};
})();
