// Every form that writes in a reading is noted in the outbox before it goes, and crossed out when the server has answered.
const Posting = (() => {
  const LOST = [0, 408, 425, 429, 502, 503, 504, 507]; // not our server's answer, or one that says: later
  const isLost = (status) => LOST.includes(status);
  // An answer that broke off is no answer: what it was to draw is not there.
  const statusOf = (ctx) => (ctx.text === undefined ? 0 : ctx.response?.status ?? 0);
  /** Whether what a request carried stays in the outbox: it did not arrive, or the server failed. */
  const keeps = (ctx) => Boolean(ctx.unsent) && (isLost(statusOf(ctx)) || statusOf(ctx) === 401 || statusOf(ctx) >= 500);

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
    const status = statusOf(ctx);
    if (!keeps(ctx)) {
      Outbox.remove(ctx.unsent);
      Identifiers.granted(ctx.unsent);
    } else if (keep(ctx)) {
      if (isLost(status)) Delivery.later();
      else if (status === 401) SignInAgain.ask();
      else Delivery.refuse(Outbox.get(ctx.unsent), status, ctx.text);
    }
  }

  document.addEventListener("htmx:config:request", prepare);
  document.addEventListener("htmx:before:request", begin);
  document.addEventListener("htmx:finally:request", finish);

  return {headers, isLost, keeps};
})();
