// Signing in again in place: a form that found its author signed out waits, and is sent as it was once they are back.
const SignInAgain = (() => {
  const dialog = () => document.getElementById("sign-in-again");
  const form = () => dialog()?.querySelector("form");
  let waiting = [];

  /** The form that a request was for, also when a copy of it was sent. */
  const formOf = (ctx) => ctx.sourceElement?.original ?? ctx.sourceElement;

  function ask(ctx) {
    waiting.push({form: formOf(ctx), body: [...ctx.request.body]});
    if (dialog().open) return;
    say("");
    dialog().showModal();
    form().elements.password.focus();
  }

  function say(words) {
    const line = dialog().querySelector("[role='alert']");
    line.textContent = words;
    line.hidden = !words;
  }

  /** Sends what was to be sent, value by value: the page may have moved on meanwhile. */
  function send({form: original, body}) {
    const copy = Object.assign(document.createElement("form"), {hidden: true, method: "post", original});
    for (const name of ["action", "hx-post", "hx-target", "hx-swap"]) {
      if (original.hasAttribute(name)) copy.setAttribute(name, original.getAttribute(name));
    }
    for (const [name, value] of body) copy.append(Object.assign(document.createElement("textarea"), {name, value}));
    document.body.append(copy);
    htmx.process(copy);
    copy.requestSubmit();
  }

  async function signIn() {
    const answer = await fetch(form().action, {
      method: "POST",
      headers: {"HX-Request": "true"},
      body: new URLSearchParams(new FormData(form())),
    }).catch(() => null);
    if (!answer?.ok) {
      say(answer ? form().dataset.wrong : form().dataset.unreached);
      return form().elements.password.select();
    }
    form().elements.password.value = "";
    dialog().close();
    const sent = waiting;
    waiting = [];
    sent.forEach(send);
  }

  document.addEventListener("htmx:before:swap", (event) => {
    const {ctx} = event.detail;
    if (ctx.response?.status !== 401 || !dialog()) return;
    if (ctx.request.method === "GET" || !ctx.request.body) return;
    event.preventDefault();
    ask(ctx);
  });
  document.addEventListener("submit", (event) => {
    if (event.target !== form()) return;
    event.preventDefault();
    signIn();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("#sign-in-again [data-close]")) dialog().close();
  });
  document.addEventListener("htmx:finally:request", ({detail: {ctx}}) => {
    if (ctx.sourceElement?.original) ctx.sourceElement.remove();
  });

  return {formOf};
})();
