// Sends what the outbox holds, in order, one after the other, one page at a time, until the server has answered each.
const Delivery = (() => {
  const FIRST = 1000; // ms until the first retry; each further one waits twice as long, up to LONGEST
  const LONGEST = 60000;
  const PATIENCE = 20000; // ms for one answer
  const LEASE = 25000; // ms for which a page without locks may send alone
  const lease = `postil:sending:${Outbox.viewer}`;
  let timer = 0;
  let wait = FIRST;
  let busy = false;
  let signedOut = false;

  /** Runs `work` unless another page is at it. Plain HTTP has no locks: a lease then, and the server counts ids anyway. */
  function alone(work) {
    if (navigator.locks) return navigator.locks.request(lease, {ifAvailable: true}, (lock) => (lock ? work() : later()));
    const [holder, until] = (localStorage.getItem(lease) ?? "").split(" ");
    if (holder && holder !== Outbox.page && Number(until) > Date.now()) return later();
    return work().finally(() => localStorage.removeItem(lease));
  }

  function holdOn() {
    if (!navigator.locks) localStorage.setItem(lease, `${Outbox.page} ${Date.now() + LEASE}`);
  }

  async function answerTo({address, fields}) {
    try {
      const answer = await fetch(address, {
        method: "POST",
        headers: {"HX-Request": "true", Accept: "text/html", ...Posting.headers()},
        body: new URLSearchParams(fields),
        signal: AbortSignal.timeout(PATIENCE),
      });
      return {status: answer.status, text: await answer.text()};
    } catch {
      return {status: 0, text: ""};
    }
  }

  /** Why the server said no, in its words, with what stands there now when somebody else has changed it. */
  function refuse(entry, status, text) {
    const page = new DOMParser().parseFromString(text ?? "", "text/html");
    const words = (where) => page.querySelector(where)?.textContent.trim() ?? "";
    const why = words(".field__error, .toast span, .notice--error");
    const refused = {status, why, theirs: words(".conflict dd"), version: page.querySelector("[name='version']")?.value};
    Outbox.put({...entry, state: "refused", refused});
  }

  /** Sends one entry. False when it did not arrive and nothing after it may be sent either. */
  async function send(entry) {
    holdOn();
    Outbox.put({...entry, state: "sending", page: Outbox.page, at: Date.now()});
    const {status, text} = await answerTo(entry);
    signedOut = status === 401;
    if (signedOut || Posting.isLost(status)) {
      Outbox.put({...entry, state: "unsent", tries: entry.tries + 1});
      return false;
    }
    // What was to be deleted is gone, by whoever it was.
    if (status < 400 || (entry.kind === "delete" && status === 404)) await delivered(entry, text);
    else refuse(entry, status, text);
    return true;
  }

  async function delivered(entry, text) {
    try {
      if (entry.reading && entry.reading === Reader.page()?.dataset.reading) {
        await Hand.quietly(() => htmx.swap({text, sourceElement: document.body, target: document.body, swap: "none"}));
      }
    } finally {
      Outbox.remove(entry.id);
      Identifiers.granted(entry.id);
      Reader.tell("sent", entry);
    }
  }

  async function pass() {
    for (let entry = Outbox.next(); entry; entry = Outbox.next()) {
      if (entry === "busy" || !(await send(entry))) return signedOut || later();
      wait = FIRST;
    }
  }

  /** Try again after a while, longer each time, and not all at the same moment. */
  function later() {
    clearTimeout(timer);
    timer = setTimeout(run, wait * (0.5 + Math.random() / 2));
    wait = Math.min(2 * wait, LONGEST);
  }

  async function run() {
    if (busy || !Outbox.next()) return;
    busy = true;
    try {
      await alone(pass);
    } finally {
      busy = false;
      Reader.tell("outbox");
    }
  }

  function now() {
    clearTimeout(timer);
    wait = FIRST;
    return run();
  }

  for (const name of ["online", "pageshow"]) window.addEventListener(name, now);
  document.addEventListener("postil:signed-in", now);
  document.addEventListener("visibilitychange", () => document.hidden || now());

  return {now, later, refuse, isSignedOut: () => signedOut};
})();
