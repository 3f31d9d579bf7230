/** A pattern as it stands in a source file. */
export interface Found {
  readonly source: string;
  readonly flags: string;
}

/** After these a slash divides; after anything else it begins a pattern. */
const ENDS_A_VALUE = /[\w$)\]]$/;
const KEYWORD = /(?:^|[^\w$.])(?:return|typeof|case|in|of|await|yield)$/;

/** The end of what begins at `from`, up to and with an unescaped `close`; in a class a slash is itself. */
const endOf = (text: string, from: number, close: string): number => {
  let inClass = false;
  for (let i = from + 1; i < text.length; i += 1) {
    const char = text[i];
    if (char === '\\') i += 1;
    else if (close === '/' && char === '[') inClass = true;
    else if (close === '/' && char === ']') inClass = false;
    else if (char === close && !inClass) return i + 1;
  }
  throw new Error(`Nothing ends with ${close} what begins at ${from}.`);
};

/** Every pattern that is written out in the text of a module. */
export const patternsIn = (text: string): readonly Found[] => {
  const found: Found[] = [];
  let before = '';
  /** Of each template literal around: how many braces are open in its `${}`. */
  const templates: number[] = [];
  const inTemplate = (from: number): number => {
    for (let i = from; i < text.length; i += 1) {
      if (text[i] === '\\') i += 1;
      else if (text[i] === '`') return i + 1;
      else if (text.startsWith('${', i)) {
        templates.push(0);
        return i + 2;
      }
    }
    throw new Error(`No template ends that begins at ${from}.`);
  };
  for (let i = 0; i < text.length; ) {
    const char = text[i] ?? '';
    const open = templates.length - 1;
    if (text.startsWith('//', i)) i = text.indexOf('\n', i);
    else if (text.startsWith('/*', i)) i = text.indexOf('*/', i) + 2;
    else if (char === "'" || char === '"') {
      i = endOf(text, i, char);
      before = '""';
    } else if (char === '`' || (char === '}' && templates[open] === 0)) {
      if (char === '}') templates.pop();
      i = inTemplate(i + 1);
      before = text[i - 1] === '`' ? '``)' : '(';
    } else if (char === '/' && (!ENDS_A_VALUE.test(before) || KEYWORD.test(before))) {
      const end = endOf(text, i, '/');
      const flags = /^[a-z]*/.exec(text.slice(end, end + 10))?.[0] ?? '';
      found.push({ source: text.slice(i + 1, end - 1), flags });
      i = end + flags.length;
      before = '/)';
    } else {
      if (char === '{' && open >= 0) templates[open] = (templates[open] ?? 0) + 1;
      if (char === '}' && open >= 0) templates[open] = (templates[open] ?? 0) - 1;
      if (char.trim() !== '') before = (before + char).slice(-12);
      else if (/[\w$]$/.test(before)) before += ' ';
      i += 1;
      if (before.endsWith(' ') && KEYWORD.test(before.trimEnd())) before = '(';
      else before = before.trimEnd();
    }
  }
  return found;
};
