// The annotation in hand: its card and its words light up together, from whichever side one comes.
const Current = (() => {
  let uid = null;
  let noting = null;
  let pointed = null;

  const card = () => uid && Reader.card(uid);

  /** Light the words of the chosen card, of a card pointed at, and of the note being written. */
  function paint() {
    const spans = [card(), pointed].filter((one) => one?.isConnected).map(Reader.span);
    Painting.paint("current", noting ? [...spans, noting] : spans);
  }

  function mark() {
    for (const other of document.querySelectorAll(".annotation[data-current]")) {
      if (other !== card()) other.removeAttribute("data-current");
    }
    card()?.setAttribute("data-current", "");
    paint();
    Reader.tell("current", {uid, card: card()});
  }

  function choose(wanted) {
    uid = wanted;
    mark();
  }

  /** The card's words come into view and light up. */
  function showWords(wanted) {
    choose(wanted);
    const words = card() && Reader.range(Reader.span(card()));
    if (words) Reader.bringIntoView(words);
  }

  /** The card takes the focus; its words come into view too. False when the card is not in this page. */
  function showCard(wanted) {
    if (!Reader.card(wanted)) return false;
    choose(wanted);
    Margin.reveal(card());
    card().focus({preventScroll: true});
    showWords(wanted);
    return true;
  }

  function lightCards(run) {
    const lit = run ? Reader.cardsOver(run) : [];
    for (const one of document.querySelectorAll(".annotation[data-lit]")) {
      if (!lit.includes(one)) one.removeAttribute("data-lit");
    }
    for (const one of lit) one.setAttribute("data-lit", "");
  }

  const cardOf = (event) => event.target.closest?.(".annotation[data-start]") ?? null;

  document.addEventListener("pointerover", (event) => {
    const inked = event.target.closest?.("#text mark");
    lightCards(inked ? Reader.spanOf(inked) : null);
    if (cardOf(event) === pointed) return;
    pointed = cardOf(event);
    paint();
  });
  document.addEventListener("focusin", (event) => {
    const focused = cardOf(event);
    if (focused && focused.dataset.uid !== uid) choose(focused.dataset.uid);
  });
  // The card that loses the focus folds and the one that gets it unfolds, so that a control would go from under the
  // pointer between its press and its release. It gets the focus with the click, and not with the press.
  const pressed = (event) => event.target.closest?.(".margin .annotation :is(a, button, summary)") ?? null;
  document.addEventListener("mousedown", (event) => { if (pressed(event)) event.preventDefault(); });
  document.addEventListener("click", (event) => pressed(event)?.focus({preventScroll: true}), true);
  document.addEventListener("click", (event) => {
    const clicked = cardOf(event);
    const control = event.target.closest?.("a, button, input, textarea, select, label, summary");
    if (clicked && !control && getSelection().isCollapsed) showWords(clicked.dataset.uid);
    else if (uid && event.target.closest?.("#text")) choose(null);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.(".annotation[data-uid]")) showWords(event.target.dataset.uid);
  });
  document.addEventListener("postil:selection", ({detail}) => detail && uid && choose(null));
  document.addEventListener("postil:noting", ({detail}) => {
    noting = detail;
    paint();
  });
  document.addEventListener("htmx:after:swap", mark);

  return {choose, showWords, showCard, uid: () => uid};
})();
