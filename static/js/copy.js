// Buttons with data-copy put their text on the clipboard, also on plain HTTP; data-print opens the print dialogue.
{
  function byCommand(text) {
    const field = document.createElement("textarea");
    field.value = text;
    field.setAttribute("readonly", "");
    field.className = "visually-hidden";
    const before = document.activeElement;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    before?.focus({preventScroll: true});
    return done;
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return byCommand(text); // no clipboard without TLS, or not allowed
    }
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (button) Toasts.show((await copy(button.dataset.copy)) ? "copied" : "not-copied");
    if (event.target.closest?.("[data-print]")) print();
  });
}
