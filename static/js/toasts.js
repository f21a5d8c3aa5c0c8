// Short messages in #toasts (role=status): they leave by themselves unless looked at. Ctrl+Z takes the last change back.
const Toasts = (() => {
  const STAY = 8000; // ms
  const region = () => document.getElementById("toasts");
  const busy = (toast) => toast.matches(":hover, :focus-within");
  const timed = new WeakSet();

  function leave(toast) {
    if (busy(toast)) setTimeout(leave, STAY / 4, toast);
    else toast.remove();
  }

  function watch() {
    for (const toast of region()?.children ?? []) {
      if (timed.has(toast)) continue;
      timed.add(toast);
      setTimeout(leave, STAY, toast);
    }
  }

  /** Show a copy of <template id="toast-…">, so that the words are the server's and translated. */
  function show(name) {
    const template = document.getElementById(`toast-${name}`);
    if (template && region()) region().replaceChildren(template.content.cloneNode(true));
  }

  const undo = () => region()?.querySelector("[data-undo]")?.form ?? document.querySelector("form[action$='/undo']");

  document.addEventListener("keydown", (event) => {
    const wanted = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "z";
    if (!wanted || event.repeat || Keys.inField(event) || !undo()) return;
    event.preventDefault();
    undo().requestSubmit();
  });
  if (region()) {
    new MutationObserver(watch).observe(region(), {childList: true});
    watch();
  }

  return {show};
})();
