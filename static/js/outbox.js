// What was marked or typed and has not reached the server: kept on this device for this person (<html data-viewer>), over
// reloads, closed windows and sign-ins that end, until the server has answered or the person throws it away.
const Outbox = (() => {
  const STALE = 30000; // ms after which a request of a page that is gone counts as lost
  const KINDS = {
    "readings annotations": "mark", "readings remarks": "remark", "readings undo": "undo",
    "readings annotations/share": "share", "annotations ": "edit", "annotations delete": "delete",
    "annotations restore": "restore", "annotations replies": "reply", "annotations reactions": "reaction",
    "annotations resolve": "settle", "annotations pin": "pin", "annotations hide": "hide", "annotations reports": "report",
  };
  const TEXTS = ["note", "words", "word"];
  const page = Identifiers.uuid7(); // this page among those that share the store
  const {viewer} = document.documentElement.dataset;
  const prefix = `postil:unsent:${viewer}:`;

  /** What a form at this address does; undefined when it is none that is kept. */
  function kind(address) {
    const parts = /\/(readings|annotations)\/[^/]+\/?([^?]*)/.exec(address);
    return viewer && parts ? KINDS[`${parts[1]} ${parts[2]}`] : undefined;
  }

  function read(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  }

  /** All that is kept, the oldest first. */
  function all() {
    const keys = viewer ? Object.keys(localStorage).filter((key) => key.startsWith(prefix)) : [];
    const found = keys.map(read).filter((entry) => entry?.id);
    return found.sort((one, other) => one.made - other.made || (one.id < other.id ? -1 : 1));
  }

  /** Keep an entry, or keep it as it is now. False when the store is full or forbidden. */
  function put(entry) {
    try {
      localStorage.setItem(prefix + entry.id, JSON.stringify(entry));
    } catch {
      return false;
    }
    Reader.tell("outbox");
    return true;
  }

  function remove(id) {
    localStorage.removeItem(prefix + id);
    Reader.tell("outbox");
  }

  /** A form on its way, as it is kept: `fields` are its pairs of name and value. */
  function entry(id, address, fields) {
    const reading = Reader.page()?.dataset.reading ?? null;
    return {id, address, fields, reading, page, kind: kind(address), made: Date.now(), at: Date.now(), state: "sending", tries: 0};
  }

  const get = (id) => read(prefix + id);
  const text = ({fields}) => fields.find(([name]) => TEXTS.includes(name))?.[1] ?? "";
  const field = ({fields}, name) => fields.find(([one]) => one === name)?.[1];
  const gone = (one) => one.state === "sending" && Date.now() - one.at > STALE;
  const isWaiting = (one) => one.state === "unsent" || gone(one);
  /** What is older than a new form and must arrive before it. */
  const waiting = (id) => all().some((one) => one.id !== id && isWaiting(one));
  /** What to send next; "busy" while another page is sending something older. */
  function next() {
    const first = all().find((one) => one.state !== "refused");
    return !first || isWaiting(first) ? first : "busy";
  }
  /** What the person is told of: not what is on its way for the first time. */
  const shown = () => all().filter((one) => one.state === "refused" || one.tries > 0);

  // Whatever this page has under way when it goes is sent again by the next one; the server knows it by its id.
  window.addEventListener("pagehide", () => {
    for (const one of all().filter((found) => found.page === page && found.state === "sending")) {
      put({...one, state: "unsent"});
      Reader.tell("kept", {...one, form: null});
    }
  });
  window.addEventListener("storage", ({key}) => {
    if (viewer && (key === null || key.startsWith(prefix))) Reader.tell("outbox");
  });

  return {viewer, page, kind, all, get, put, remove, entry, text, field, waiting, next, shown};
})();
