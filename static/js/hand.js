// What is being written in the margin, and where the caret is: redrawing must not take it away.
const Hand = (() => {
  function held() {
    const field = document.activeElement;
    return {
      field,
      start: field?.selectionStart ?? null,
      end: field?.selectionEnd ?? null,
      replies: [...document.querySelectorAll("#margin .reply-form")].map((form) => ({form, home: form.parentElement.id})),
      edits: [...document.querySelectorAll("#margin .annotation--editing:has(> form:not([hidden]))")].map((card) => (
        {id: card.id, look: card.className, form: card.querySelector(":scope > form")}
      )),
    };
  }

  /** What was taken out of the page has lost its listeners, and htmx thinks that it has them: so from the beginning. */
  const wake = (form) => htmx.process(form, true);

  function giveBack({field, start, end, replies, edits}) {
    for (const {id, look, form} of edits) {
      const card = document.getElementById(id);
      if (!card || form.isConnected) continue;
      card.className = look;
      card.replaceChildren(form);
      wake(form);
    }
    for (const {form, home} of replies) {
      if (form.isConnected) continue;
      const post = document.getElementById(home);
      post?.querySelector(":scope > .reply-form")?.remove();
      post?.append(form);
      wake(form);
    }
    if (!field || document.activeElement === field || !field.isConnected || !field.closest("#margin")) return;
    field.focus({preventScroll: true});
    if (start !== null) field.setSelectionRange?.(start, end);
  }

  /** Draws something into the page without taking anything from the hand. */
  async function quietly(draw) {
    let was = null;
    // At the last moment: a form may open while the answer is on its way.
    const hold = () => { was = held(); };
    document.addEventListener("htmx:before:swap", hold);
    await draw();
    document.removeEventListener("htmx:before:swap", hold);
    if (was) giveBack(was);
  }

  return {quietly};
})();
