// The class on the wall: it warms while the class marks, and turns its pages by the keys of a presenter.
{
  const REST = 1000; // ms between two drawings at least
  const PAGE = 0.85; // of what can be seen
  const TURNS = {PageDown: 1, ArrowDown: 1, ArrowRight: 1, " ": 1, PageUp: -1, ArrowUp: -1, ArrowLeft: -1};
  const page = document.querySelector("main.projector[data-reading]");
  let timer = 0;

  const rtl = () => getComputedStyle(document.querySelector(".wall__text")).direction === "rtl";

  function draw() {
    timer = 0;
    htmx.trigger(document.getElementById("wall"), "fresh");
  }

  function turn(way) {
    const seen = innerHeight - Reader.header();
    scrollBy({top: way * PAGE * seen, behavior: Reader.calm() ? "instant" : "smooth"});
  }

  function fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch(() => null);
  }

  function pressed(event) {
    if (Keys.shortcut(event) === "f") return fullScreen();
    if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented || Keys.inField(event)) return null;
    const onControl = event.target.closest?.("button, a, [popover]");
    if (!(event.key in TURNS) || (onControl && event.key === " ")) return null;
    event.preventDefault();
    const backwards = (event.key === " " && event.shiftKey) || (rtl() && /Left|Right/.test(event.key));
    return turn(backwards ? -TURNS[event.key] : TURNS[event.key]);
  }

  if (page) {
    const name = page.dataset.reading;
    for (const told of ["margin", "revealed"]) Stream.listen(told, () => { timer ||= setTimeout(draw, REST * Math.random()); });
    Stream.listen("again", () => location.reload());
    Stream.open(() => Reader.at(`readings/${name}/stream?since=${page.dataset.cursor}`));
    document.addEventListener("keydown", pressed);
    document.addEventListener("click", ({target}) => { if (target.closest?.("[data-full-screen]")) fullScreen(); });
  }
}
