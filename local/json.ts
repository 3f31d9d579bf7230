/** What JSON says, or undefined for text that is none: JSON itself has no undefined. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
