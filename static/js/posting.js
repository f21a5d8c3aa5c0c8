// Every form that writes in a reading is noted in the outbox before it goes, and crossed out when the server has answered.
const Posting = (() => {
  const LOST = [0, 408, 425, 429, 502, 503, 504, 507]; // not our server's answer, or one that says: later
  const isLost = (status) => LOST.includes(status);

  /** What to say of the sender: a page that one person opened never writes as another who has signed in since. */
  const headers = () => (Outbox.viewer ? {"X-Postil-Viewer": Outbox.viewer} : {});

  function note(ctx) {
    const {action, body} = ctx.request;
    Outbox.put(Outbox.get(ctx.unsent) ?? Outbox.entry(ctx.unsent, action, [...body]));
  }

  /** The request came to nothing: what it carried is shown as unsent. False when it could not be kept. */
  function keep(ctx) {
    const {form, action, body} = ctx.request;
    const entry = Outbox.get(ctx.unsent) ?? Outbox.entry(ctx.unsent, action, [...body]);
    if (!Outbox.put({...entry, state: "unsent", tries: entry.tries + 1})) {
      Toasts.show("failed");
      return false;
    }
    Reader.tell("kept", {...entry, form});
    return true;
  }

  function prepare({detail: {ctx}}) {
    const {method, action, body} = ctx.request;
    if (method !== "POST") return;
    Object.assign(ctx.request.headers, headers());
    if (!Outbox.kind(action)) return;
    ctx.unsent = body.get("uid") || Identifiers.uuid7();
    // Noted before its turn has come, unless it might never come: htmx drops some of what is pressed twice.
    if (body.get("uid")) note(ctx);
    else body.set("operation", ctx.unsent);
  }

  /** Behind what waits already, so that everything arrives in its order. */
  function begin(event) {
    const {ctx} = event.detail;
    if (!ctx.unsent) return;
    note(ctx);
    if (!Outbox.waiting(ctx.unsent) || !keep(ctx)) return;
    ctx.held = true;
    event.preventDefault();
    Delivery.now();
  }

  function finish({detail: {ctx}}) {
    if (!ctx.unsent || ctx.held) return;
    // An answer that broke off is no answer: what it was to draw is not there.
    const status = ctx.text === undefined ? 0 : ctx.response?.status ?? 0;
    if (isLost(status)) {
      if (keep(ctx)) Delivery.later();
    } else if (status === 401) {
      if (keep(ctx)) SignInAgain.ask();
    } else if (status >= 500) {
      if (keep(ctx)) Delivery.refuse(Outbox.get(ctx.unsent), status, ctx.text);
    } else {
      Outbox.remove(ctx.unsent);
      Identifiers.granted(ctx.unsent);
    }
  }

  document.addEventListener("htmx:config:request", prepare);
  document.addEventListener("htmx:before:request", begin);
  document.addEventListener("htmx:finally:request", finish);

  return {headers, isLost, keep};
})();
