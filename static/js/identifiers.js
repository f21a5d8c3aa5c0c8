// Ids made by the client, so that the server knows a repeated request as the same one.
const Identifiers = (() => {
  const HOLD = 600; // ms after the answer in which the same wish again is a double press
  const wishes = new Map();

  /** A UUIDv7 (RFC 9562, section 5.7) as lowercase text. By getRandomValues: randomUUID is missing on plain HTTP. */
  function uuid7(now = Date.now()) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    new DataView(bytes.buffer).setUint32(0, Math.floor(now / 2 ** 16));
    new DataView(bytes.buffer).setUint16(4, now % 2 ** 16);
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  /** A new id for a new wish, and the same id for the same wish until it has been granted. */
  function forWish(parts) {
    const wish = JSON.stringify(parts);
    if (!wishes.has(wish)) wishes.set(wish, uuid7());
    return wishes.get(wish);
  }

  function granted(uid) {
    const wish = [...wishes].find(([, made]) => made === uid)?.[0];
    setTimeout(() => wishes.delete(wish), HOLD);
  }

  return {uuid7, forWish, granted};
})();
