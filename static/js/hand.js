// What is being written in the margin, and where the caret is: redrawing must not take it away.
const Hand = (() => {
  function held() {
    const field = document.activeElement;
    return {
      field,
      start: field?.selectionStart ?? null,
      end: field?.selectionEnd ?? null,
      replies: [...document.querySelectorAll("#margin .reply-form")].map((form) => ({form, home: form.parentElement.id})),
      edits: [...document.querySelectorAll("#margin .annotation--editing")].map((card) => (
        {id: card.id, look: card.className, form: card.querySelector(":scope > form")}
      )),
    };
  }

  function giveBack({field, start, end, replies, edits}) {
    for (const {id, look, form} of edits) {
      const card = document.getElementById(id);
      if (!card || form.isConnected) continue;
      card.className = look;
      card.replaceChildren(form);
    }
    for (const {form, home} of replies) {
      if (form.isConnected) continue;
      const post = document.getElementById(home);
      post?.querySelector(":scope > .reply-form")?.remove();
      post?.append(form);
    }
    if (!field || document.activeElement === field || !field.isConnected || !field.closest("#margin")) return;
    field.focus({preventScroll: true});
    if (start !== null) field.setSelectionRange?.(start, end);
  }

  return {held, giveBack};
})();
