/** The fields a GraphQL query asks for; null for a plain field, a nested selection for an object. */
export interface Selection {
  [field: string]: Selection | null;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*|\.\.\.|[^\s,]/g;

/** Reads the selection of one operation. Throws on aliases, fragments and directives: the look-up needs none of them. */
export function readSelection(query: string): Selection {
  const tokens = query.replaceAll(/#.*/g, '').match(TOKEN) ?? [];
  let at = 0;
  while (at < tokens.length && tokens[at] !== '{') skipOne();
  const selection = readFields();
  if (at < tokens.length) throw new Error(`unexpected "${tokens[at]}" after the operation`);
  return selection;

  function readFields(): Selection {
    at += 1;
    const fields: Selection = {};
    while (tokens[at] !== '}') {
      const name = tokens[at];
      if (name === undefined) throw new Error('the query ends before its last "}"');
      if (!/^[A-Za-z_]/.test(name)) throw new Error(`unexpected "${name}": the stand-in reads plain fields only`);
      at += 1;
      if (tokens[at] === '(') skipOne();
      fields[name] = tokens[at] === '{' ? readFields() : null;
    }
    at += 1;
    return fields;
  }

  /** One token, or a whole pair of parentheses with all that is in it. */
  function skipOne(): void {
    const opens = tokens[at] === '(';
    at += 1;
    if (!opens) return;
    while (at < tokens.length && tokens[at] !== ')') skipOne();
    at += 1;
  }
}
