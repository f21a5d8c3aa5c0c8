// Signing in again in place, when a form found its author signed out: what it carried waits in the outbox meanwhile.
const SignInAgain = (() => {
  const dialog = () => document.getElementById("sign-in-again");
  const form = () => dialog()?.querySelector("form");

  /** Opens the dialog; where a page has none, the sign-in page, which comes back here. */
  function ask() {
    if (!dialog()) return location.reload();
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
    Reader.tell("signed-in");
  }

  document.addEventListener("htmx:before:swap", (event) => {
    const {ctx} = event.detail;
    if (ctx.response?.status !== 401 || !dialog()) return;
    if (ctx.request.method === "GET" || !ctx.request.body) return;
    event.preventDefault();
    ask();
  });
  document.addEventListener("submit", (event) => {
    if (event.target !== form()) return;
    event.preventDefault();
    signIn();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("#sign-in-again [data-close]")) dialog().close();
  });

  return {ask};
})();
