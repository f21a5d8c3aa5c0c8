// Forms that load a page: each is sent once however often it is pressed; those that write in a reading are kept as well when
// they cannot be delivered, and stay as they are.
{
  const WAIT = 10000; // ms after which a form whose answer never came may be pressed again
  const passed = new WeakSet();

  function hold(form) {
    form.setAttribute("data-sent", "");
    setTimeout(() => form.removeAttribute("data-sent"), WAIT);
  }

  const release = (form) => form.removeAttribute("data-sent");

  /** As the browser would have sent it: the answer's page is opened, or drawn by the browser when it is a refusal. */
  async function deliver(form, submitter) {
    const fields = [...new FormData(form, submitter)];
    const id = form.elements.uid?.value || Identifiers.uuid7();
    const entry = Outbox.entry(id, form.getAttribute("action"), form.elements.uid ? fields : [...fields, ["operation", id]]);
    Outbox.put(entry);
    const how = {method: "POST", headers: {Accept: "text/html", ...Posting.headers()}, body: new URLSearchParams(entry.fields)};
    const answer = await fetch(form.action, how).catch(() => null);
    if (!answer || Posting.isLost(answer.status)) {
      if (Outbox.put({...entry, state: "unsent", tries: 1})) Reader.tell("kept", {...entry, form});
      Delivery.later();
      return release(form);
    }
    Outbox.remove(id);
    if (answer.ok) return location.assign(answer.url);
    passed.add(form);
    release(form);
    form.requestSubmit(submitter);
  }

  document.addEventListener("submit", (event) => {
    const {target: form, submitter} = event;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.hasAttribute("data-sent")) return event.preventDefault();
    hold(form);
    const kind = Outbox.kind(form.getAttribute("action") ?? "");
    // Words that are quoted must be found first, which only the page can ask about.
    if (!kind || kind === "mark" || passed.has(form)) return;
    event.preventDefault();
    deliver(form, submitter);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
}
