/** What must come of a sample: the state and key of one send, with the reason where there is no message. */
export interface End {
  readonly state: 'ACCEPTED' | 'REJECTED' | 'EXPIRED';
  readonly reason?: string;
  /** May hold placeholders, and an ellipsis for an id that is made of what was answered. */
  readonly key: string;
}

/** Whether a send's key is the one that a sample says; an ellipsis in that stands for anything. */
export const isSaid = (said: string, key: string): boolean => {
  const [start = '', end] = said.split('…');
  return end === undefined ? key === said : key.startsWith(start) && key.slice(start.length).endsWith(end);
};

/** What the sandbox must hold before the event comes, for a source that looks up: what the vendor's API would answer. */
export interface Held {
  readonly path: string;
  readonly body: string;
}

/** One event as a vendor sends it, with placeholders where it must be fresh; see docs/samples.md for the format of the file. */
export interface Sample {
  /** One line for people. */
  readonly title: string;
  /** Where the body was read: an address of the vendor's documentation, a capture, or "our own event". */
  readonly from: string;
  /** What ids look like here; every letter and digit of it is drawn anew unless an id is given. */
  readonly id: string;
  /** None for an event that leads to no send, now or later. */
  readonly ends: readonly End[];
  /** The message's exact text, or its beginning where it ends in an ellipsis; may hold placeholders. */
  readonly says?: string;
  /** What is sent where no sample is named; one for each source at most. */
  readonly isUsual?: true;
  /** In lower case. An empty one is the signature's, which is made when it is sent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly held: readonly Held[];
}

/** A sample's file that cannot be used. The message says what is wrong and what to write. */
export class SampleError extends Error {
  override readonly name = 'SampleError';
}

const FIELDS = ['from', 'id', 'ends', 'says', 'usual'];
const PARTS = /^((?:#.*\n)*#.*)\n\n((?:.+\n)*.+)\n\n([\s\S]*)$/;
const HELD = /^### PUT (\/_sandbox\/\S+)$/m;
const END = /^(?:(ACCEPTED)|(REJECTED|EXPIRED) (\w[\w:-]*)) (\S+)$/;

const endOf = (text: string): End => {
  const [, accepted, state = accepted, reason, key = ''] = END.exec(text) ?? [];
  if (state === undefined)
    throw new SampleError(
      `"# ends: ${text}" must be "ACCEPTED <key>", "REJECTED <reason> <key>", "EXPIRED <reason> <key>" or "nothing".`,
    );
  return { state: state as End['state'], ...(reason && { reason }), key };
};

const headersOf = (lines: readonly string[]): Sample['headers'] =>
  Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
      if (name === undefined)
        throw new SampleError(`"${line}" is neither a comment ("# …") nor a header ("Name: value").`);
      return [name.toLowerCase(), value ?? ''];
    }),
  );

const heldIn = (parts: readonly string[]): Held[] =>
  parts.flatMap((path, i) => (i % 2 === 0 ? [{ path, body: (parts[i + 1] ?? '').trim() }] : []));

/**
 * Reads a sample's file: comments with a title and `# name: value` facts, an empty line, headers, an empty line, the body, and
 * after `### PUT /_sandbox/…` what the sandbox must hold. Line ends at the end of the body belong to the file.
 * @throws SampleError
 */
export const readSample = (text: string): Sample => {
  const [event = '', ...held] = text.replaceAll('\r\n', '\n').split(HELD);
  const [, about = '', headers = '', body] = PARTS.exec(event) ?? [];
  if (body === undefined)
    throw new SampleError('It must be comments, an empty line, headers, an empty line, and the body.');
  const comments = about.split('\n').map((line) => line.replace(/^#\s?/, ''));
  const facts = comments.flatMap((line) => {
    const [, name = '', value = ''] = /^(\w+): (.+)$/.exec(line) ?? [];
    return FIELDS.includes(name) ? [[name, value.trim()] as const] : [];
  });
  const fact = (name: string): string | undefined => facts.find(([one]) => one === name)?.[1];
  const [title = ''] = comments;
  const unknown = comments.find((line) => /^[a-z]+: /.test(line) && !FIELDS.includes(line.split(':')[0] ?? ''));
  if (unknown !== undefined)
    throw new SampleError(
      `"# ${unknown}" is no fact of a sample; there are ${FIELDS.join(', ')}. A note begins with a capital.`,
    );
  if (facts.some(([name, value]) => name === 'usual' && value !== 'yes'))
    throw new SampleError('"# usual:" can only be "yes".');
  const from = fact('from');
  if (title === '' || FIELDS.includes(title.split(':')[0] ?? '') || from === undefined)
    throw new SampleError('The first lines must be "# <title>" and "# from: <where the body was read>".');
  const ends = facts.flatMap(([name, value]) => (name === 'ends' ? [value] : []));
  if (ends.length === 0)
    throw new SampleError('What must come of it is missing: "# ends: ACCEPTED <key>", or "# ends: nothing".');
  const says = fact('says');
  return {
    title,
    from,
    id: fact('id') ?? '1000000001',
    ends: ends[0] === 'nothing' ? [] : ends.map(endOf),
    ...(says !== undefined && { says }),
    ...(fact('usual') === 'yes' && { isUsual: true }),
    headers: headersOf(headers.split('\n')),
    body: body.replace(/\n+$/, ''),
    held: heldIn(held),
  };
};
