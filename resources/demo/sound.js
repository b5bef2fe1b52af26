// Sound as it stands in JSON: PCM16 little-endian in base64.

/** @param {Int16Array} pcm a piece of some milliseconds */
export function encoded(pcm) {
  const bytes = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  return btoa(String.fromCharCode(...bytes));
}

/** @param {string} text */
export function decoded(text) {
  const raw = atob(text);
  const pcm = new Int16Array(raw.length >> 1);
  const bytes = new Uint8Array(pcm.buffer);
  for (let n = 0; n < bytes.length; n += 1) bytes[n] = raw.charCodeAt(n);
  return pcm;
}

/** @param {number} peak 0 to 1 */
export const decibels = (peak) => (peak < 0.001 ? null : Math.round(20 * Math.log10(peak)));
