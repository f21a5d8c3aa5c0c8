// A click on a mark lists all that stands there, narrowest first, in the popover #pile beside the pointer.
{
  const pile = () => document.getElementById("pile");

  function run(event) {
    if (event.button !== 0 || event.defaultPrevented || Selecting.wasDrag() || !getSelection().isCollapsed) return null;
    const inked = event.target.closest?.("#text mark");
    if (!inked) return null;
    const at = Reader.offsetAt(event.clientX, event.clientY);
    const {start, end} = Reader.spanOf(inked);
    return at === null ? null : Math.min(Math.max(at, start), end - 1);
  }

  async function list(offset, point) {
    const url = Reader.url(`pile?start=${offset}&end=${offset + 1}`);
    await htmx.ajax("GET", url, {target: pile(), source: pile(), swap: "innerHTML"});
    if (!pile().childElementCount || !getSelection().isCollapsed) return;
    if (!pile().matches(":popover-open")) pile().showPopover();
    Floating.beside(pile(), point);
    pile().querySelector("a[href], button")?.focus({preventScroll: true});
  }

  document.addEventListener("click", (event) => {
    const offset = pile() && run(event);
    if (offset !== null && offset !== undefined) list(offset, {x: event.clientX, y: event.clientY});
  });
  document.addEventListener("click", (event) => {
    const item = event.target.closest?.("#pile [data-uid]");
    if (!item || event.ctrlKey || event.metaKey || event.shiftKey || !Reader.card(item.dataset.uid)) return;
    event.preventDefault();
    pile().hidePopover();
    Current.showCard(item.dataset.uid);
  });
  document.addEventListener("postil:selection", ({detail}) => {
    if (detail && pile()?.matches(":popover-open")) pile().hidePopover();
  });
}
