// Which shortcut a key press means, on any keyboard layout.
const Keys = (() => {
  const fields = "input, textarea, select, [contenteditable]:not([contenteditable='false'])";
  const inField = (event) => Boolean(event.target.closest?.(fields));
  const composing = (event) => event.isComposing || event.keyCode === 229;
  const modified = (event) => event.ctrlKey || event.metaKey || event.altKey || event.getModifierState("AltGraph");

  /** The value of a decimal digit of any script: they stand in Unicode in tens, each from nought to nine. */
  function digit(character) {
    let steps = 0;
    while (/\p{Nd}/u.test(String.fromCodePoint(character.codePointAt(0) - steps - 1))) steps += 1;
    return String(steps % 10);
  }

  /** "0"–"9", "a"–"z" or null: by what the key writes, where that is Latin or a digit, else by where it lies. */
  function plain(event) {
    if (/^[0-9a-z]$/i.test(event.key)) return event.key.toLowerCase();
    if (/^\p{Nd}$/u.test(event.key)) return digit(event.key);
    if (event.shiftKey || [...event.key].length !== 1) return null;
    return /^(?:Digit|Key)([0-9A-Z])$/.exec(event.code)?.[1].toLowerCase() ?? null;
  }

  /** The shortcut of a press outside fields, without modifiers and not repeated by a held key; else null. */
  function shortcut(event) {
    if (event.defaultPrevented || event.repeat || composing(event) || modified(event) || inField(event)) return null;
    return plain(event);
  }

  return {shortcut, inField, composing};
})();
