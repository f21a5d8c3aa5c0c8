// Walks what is new since the reader was here: U goes to the next paragraph of the trail, Shift+U to the one before.
{
  const trail = () => document.querySelector("[data-trail]");
  const stops = () => trail().dataset.trail.split(" ").map((n) => document.getElementById(`p${n}`)).filter(Boolean);

  function walk(back) {
    const line = Reader.header() + 32;
    const there = stops();
    const top = (block) => block.getBoundingClientRect().top;
    const next = back ? there.findLast((one) => top(one) < line - 24) : there.find((one) => top(one) > line);
    const block = next ?? there.at(back ? -1 : 0);
    window.scrollBy({top: top(block) - line + 8, behavior: Reader.calm() ? "instant" : "smooth"});
    block.querySelector(".block__number")?.focus({preventScroll: true});
  }

  for (const block of trail() ? stops() : []) block.setAttribute("data-unread", "");
  document.addEventListener("keydown", (event) => {
    if (!trail() || Keys.inField(event) || Keys.composing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.toLowerCase() !== "u" || !stops().length) return;
    event.preventDefault();
    walk(event.shiftKey);
  });
}
