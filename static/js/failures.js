// Says when a request came to nothing, and keeps an answer that is not ours (a proxy's error page) out of the page.
{
  const explained = (ctx) => /<hx-partial[\s>]/i.test(ctx.text ?? "");
  const fragment = (ctx) => ctx.text?.trim() && !/<(?:html|body)[\s>]/i.test(ctx.text);
  const ours = (ctx) => explained(ctx) || (ctx.response.status < 500 && !/^none\b/.test(ctx.swap) && fragment(ctx));
  // What is kept in the outbox is shown as unsent.
  // The page asks for news by itself, and will ask again.
  const tell = (ctx) => ctx.sourceElement?.id === "news" || Posting.keeps(ctx) || Toasts.show(ctx.request.method === "GET" ? "unloaded" : "failed");

  document.addEventListener("htmx:before:swap", (event) => {
    const {ctx} = event.detail;
    if (!ctx.response || ctx.response.status < 400 || ours(ctx)) return;
    event.preventDefault();
    tell(ctx);
  });
  document.addEventListener("htmx:error", ({detail: {ctx}}) => {
    if (ctx && !ctx.response) tell(ctx);
  });
}
