// Opens the form of an answer under the post that is answered; what was typed and not sent opens it again after a reload.
{
  const template = () => document.getElementById("reply-template");
  const post = (uid) => document.getElementById(`annotation-${uid}`);
  const address = (uid) => Reader.at(`annotations/${uid}/replies`);

  function open(uid, {secret = false, focus = true} = {}) {
    const place = post(uid);
    if (!place || !template()) return false;
    let form = place.querySelector(":scope > .reply-form");
    if (!form) {
      form = template().content.firstElementChild.cloneNode(true);
      form.action = address(uid);
      form.setAttribute("hx-post", address(uid));
      place.append(form);
      htmx.process(form);
      Drafts.restore(form);
    }
    if (secret) form.elements.private.checked = true;
    if (focus) form.elements.note.focus();
    Margin.layout();
    return true;
  }

  function close(form) {
    if (!form?.matches("#margin .reply-form")) return;
    const link = form.contains(document.activeElement) && form.parentElement.querySelector("[data-reply]");
    form.remove();
    if (link) link.focus();
  }

  function reopen() {
    if (!template()) return;
    for (const uid of Drafts.waiting(address("*"))) open(uid, {focus: false});
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("#margin [data-reply]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (open(link.dataset.reply, {secret: link.hasAttribute("data-private")})) {
      event.preventDefault();
      link.closest("details")?.removeAttribute("open");
    }
  });
  document.addEventListener("click", (event) => {
    const form = event.target.closest?.(".reply-form [data-cancel]")?.closest("form");
    if (!form) return;
    const link = form.parentElement.querySelector("[data-reply]");
    form.remove();
    link?.focus();
    Margin.layout();
  });
  // Before the form goes: the same id for the same wish again, so that a retry is harmless.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches?.("#margin .reply-form")) return;
    form.elements.uid.value = Identifiers.forWish([form.action, form.elements.note.value, form.elements.private?.checked]);
  }, true);
  // Only now: htmx draws nothing for a form that is gone.
  document.addEventListener("htmx:finally:request", ({detail: {ctx}}) => {
    if (ctx.response?.status < 300 && ctx.text !== undefined) close(ctx.request.form);
  });
  // What is kept stands under the post as unsent.
  document.addEventListener("postil:kept", ({detail}) => close(detail.form));
  document.addEventListener("htmx:after:swap", reopen);
  reopen();
}
