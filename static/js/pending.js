// Draws a mark at the key press, before the server has answered; the answer, good or bad, takes the sketch away.
{
  const waiting = new Map();

  const repaint = (layer) =>
    Painting.paint(layer, [...waiting.values()].filter((mark) => mark.layer === layer).map((mark) => mark.span));

  document.addEventListener("postil:marking", ({detail: {uid, start, end, colour}}) => {
    const layer = `pending-${colour}`;
    waiting.set(uid, {layer, span: {start, end}});
    repaint(layer);
  });

  document.addEventListener("htmx:finally:request", ({detail: {ctx}}) => {
    const uid = ctx.request.body?.get?.("uid");
    if (!waiting.has(uid)) return;
    const {layer} = waiting.get(uid);
    waiting.delete(uid);
    repaint(layer);
  });
}
