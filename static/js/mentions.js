// Completes a name after an @ in the notes and replies of a class.
{
  let list = null;
  let field = null;
  let asked = 0;

  const typed = () => /(?:^|\s)@([\p{L}\p{N}][\p{L}\p{N} .'’-]{0,40})$/u.exec(field.value.slice(0, field.selectionStart))?.[1];
  const names = () => [...(list?.querySelectorAll("[data-name]") ?? [])];

  function close() {
    list?.remove();
    list = null;
  }

  async function suggest() {
    const begun = typed();
    const turn = ++asked;
    if (!begun || !Reader.page()) return close();
    const answer = await fetch(Reader.url(`mentionable?q=${encodeURIComponent(begun)}`), {headers: {"HX-Request": "true"}});
    if (!answer.ok || turn !== asked || document.activeElement !== field) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("[data-name]");
    close();
    if (!found.length) return;
    list = Object.assign(document.createElement("div"), {className: "names"});
    list.append(...found);
    field.after(list);
  }

  /** A comma after the name would belong to the sentence; a blank is what one goes on with. */
  function take(name) {
    const before = field.value.slice(0, field.selectionStart);
    const at = before.lastIndexOf("@");
    field.setRangeText(`@${name} `, at, before.length, "end");
    field.dispatchEvent(new Event("input", {bubbles: true}));
    close();
    field.focus();
  }

  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("[data-mentions]")) return;
    field = event.target;
    suggest();
  });
  document.addEventListener("click", (event) => {
    const one = event.target.closest?.(".names [data-name]");
    if (one) take(one.dataset.name);
    else if (event.target !== field) close();
  });
  document.addEventListener("keydown", (event) => {
    if (!list || Keys.composing(event)) return;
    const at = names().indexOf(document.activeElement);
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown") names()[Math.min(at + 1, names().length - 1)]?.focus();
    else if (event.key === "ArrowUp") (names()[at - 1] ?? field).focus();
    else if (event.key === "Tab" && at < 0) take(names()[0].dataset.name);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
}
