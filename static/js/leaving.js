// Signing out asks first while something is not sent: it stays on this device for its author, or is thrown away by them.
{
  const dialog = () => document.getElementById("unsent-leaving");
  let leaving = null;

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form === leaving || !/\/sign-out$/.test(form.action) || !dialog() || !Outbox.all().length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    leaving = form;
    dialog().showModal();
  }, true);
  document.addEventListener("click", ({target}) => {
    const button = target.closest?.("#unsent-leaving button");
    if (!button) return;
    dialog().close();
    const form = leaving;
    if (button.matches("[data-stay]")) leaving = null;
    if (button.matches("[data-drop]")) for (const one of Outbox.all()) Outbox.remove(one.id);
    if (leaving) form.requestSubmit();
  });
  document.addEventListener("close", ({target}) => {
    if (target === dialog()) queueMicrotask(() => { leaving = null; });
  }, true);
}
