// The whole conversation of a reading in the margin's place, beside the text: narrowed, ordered and answered there.
{
  const panel = () => document.getElementById("conversation");
  const button = () => document.querySelector("[data-conversation]");
  const isOpen = () => Boolean(panel() && !panel().hidden);
  let search = "?order=new";

  async function load(wanted = search) {
    search = wanted;
    await htmx.ajax("GET", `${Reader.url("annotations")}${search}`, {target: panel(), source: panel(), swap: "innerHTML"});
  }

  async function toggle(open) {
    panel().hidden = !open;
    button().setAttribute("aria-pressed", String(open));
    Reader.page().toggleAttribute("data-conversing", open);
    if (open) {
      await load();
      panel().scrollTop = 0;
    }
    Margin.layout();
  }

  /** To the words that a card is about; on a narrow screen the drawer makes way. */
  function show(card) {
    const block = document.getElementById(`p${card.dataset.n}`);
    if (!block) return false;
    if (!Reader.wide()) Drawer.toggle(false);
    if (card.dataset.start) Current.showWords(card.dataset.uid);
    else block.scrollIntoView({block: "center", behavior: Reader.calm() ? "instant" : "smooth"});
    return true;
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-conversation]")) return toggle(!isOpen());
    const link = event.target.closest?.("#conversation a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const card = link.matches(".annotation__where") && link.closest(".annotation");
    if (card ? show(card) : link.getAttribute("href").startsWith("?")) event.preventDefault();
    if (!card && link.getAttribute("href").startsWith("?")) load(link.getAttribute("href"));
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches?.("#conversation .narrowing")) return;
    event.preventDefault();
    load(`?${new URLSearchParams(new FormData(event.target))}`);
  });
  document.addEventListener("postil:sent", () => isOpen() && load());
  // What was done to a post here is seen here.
  document.addEventListener("htmx:finally:request", ({detail: {ctx}}) => {
    if (isOpen() && ctx.request.method !== "GET" && panel().contains(ctx.request.form)) load();
  });
}
