// Previous and next annotation, in text order, from the one in hand or else from the place being read.
{
  const byText = (one, other) =>
    Reader.span(one).start - Reader.span(other).start || Reader.span(one).end - Reader.span(other).end;

  function readFrom() {
    const block = Reader.blocks().find((one) => one.getBoundingClientRect().bottom > Reader.header());
    return block ? Number(block.dataset.start) : 0;
  }

  function neighbour(forward) {
    const cards = Reader.cards().filter((card) => !card.hasAttribute("data-filtered")).sort(byText);
    const here = cards.indexOf(Reader.card(Current.uid()));
    if (here >= 0) return cards[here + (forward ? 1 : -1)] ?? cards.at(forward ? 0 : -1);
    const start = readFrom();
    if (forward) return cards.find((card) => Reader.span(card).start >= start) ?? cards[0];
    return cards.findLast((card) => Reader.span(card).start < start) ?? cards.at(-1);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-step]");
    const card = button && neighbour(button.dataset.step === "next");
    if (card) Current.showCard(card.dataset.uid);
  });
}
