import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import type { CrmRequest, CrmServer, CrmStandIn } from '../../../../local/sandbox/crms/crm.ts';
import { type CrmStand, Refused } from '../../../../local/sandbox/crms/store.ts';
import type { crm } from './crm.ts';

const SPREADSHEET = 'demo-spreadsheet-of-the-sandbox';
/** There, and shared with nobody. */
const NOT_SHARED = 'demo-spreadsheet-not-shared-with-us';
const TAB = 'WhatsApp';
const ACCOUNT = 'demo@sandbox.iam.gserviceaccount.example';

let pem: string | undefined;
/** Made for the first who asks: it takes a while. */
const privateKey = (): string => {
  pem ??= generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  return pem;
};

const error = (code: number, status: string, message: string) => ({ error: { code, message, status } });

interface Range {
  top: number;
  left: number;
  bottom: number;
  right: number;
}
interface Position {
  row: number;
  column: number;
}
/** Nothing in a cell is an empty text. */
type Grid = string[][];

const A1 = /^'((?:[^']|'')+)'(?:!(?:([A-Z]+)(\d+)|([A-Z]+):([A-Z]+)|(\d+):(\d+)))?$/;
const columnOf = (letters: string): number =>
  [...letters].reduce((sum, one) => sum * 26 + one.charCodeAt(0) - 64, 0) - 1;
const lettersOf = (column: number): string =>
  (column < 26 ? '' : lettersOf(Math.floor(column / 26) - 1)) + String.fromCharCode(65 + (column % 26));

const rangeOf = (text: string): Range => {
  const [, tab, letters, row, from, to, first, last] = A1.exec(text) ?? [];
  if (tab?.replaceAll("''", "'") !== TAB) throw new Refused('invalid', `Unable to parse range: ${text}`);
  const at = { top: 0, left: 0, bottom: Number.POSITIVE_INFINITY, right: Number.POSITIVE_INFINITY };
  if (letters && row) return { ...at, top: Number(row) - 1, left: columnOf(letters) };
  if (from && to) return { ...at, left: columnOf(from), right: columnOf(to) };
  return first && last ? { ...at, top: Number(first) - 1, bottom: Number(last) - 1 } : at;
};

const trimmed = <T>(cells: readonly T[], isEmpty: (cell: T) => boolean): T[] => {
  let end = cells.length;
  while (end > 0 && isEmpty(cells[end - 1] as T)) end -= 1;
  return cells.slice(0, end);
};
const isBlank = (row: readonly string[]): boolean => row.every((cell) => cell === '');

/** The cells around one that touch each other: what `append` calls a table. */
const tableAt = (grid: Grid, { row, column }: Position): Range | undefined => {
  if (!grid[row]?.[column]) return undefined;
  const at = { top: row, bottom: row, left: column, right: column };
  const any = (rows: [number, number], columns: [number, number]) =>
    grid
      .slice(Math.max(0, rows[0]), rows[1] + 1)
      .some((cells) => !isBlank(cells.slice(Math.max(0, columns[0]), columns[1] + 1)));
  for (;;) {
    const sides: [keyof Range, number][] = [
      ['bottom', any([at.bottom + 1, at.bottom + 1], [at.left - 1, at.right + 1]) ? 1 : 0],
      ['right', any([at.top - 1, at.bottom + 1], [at.right + 1, at.right + 1]) ? 1 : 0],
      ['top', at.top > 0 && any([at.top - 1, at.top - 1], [at.left - 1, at.right + 1]) ? -1 : 0],
      ['left', at.left > 0 && any([at.top - 1, at.bottom + 1], [at.left - 1, at.left - 1]) ? -1 : 0],
    ];
    if (sides.every(([, step]) => step === 0)) return at;
    for (const [side, step] of sides) at[side] += step;
  }
};

/** As typed by a person: a number loses its plus, and a formula is one. */
const entered = (value: string): string => {
  if (value.startsWith('=')) return '#a formula ran';
  return /^\+?\d+$/.test(value) ? String(Number(value)) : value;
};

const serve = ({ contacts, entries, grants }: CrmStand): CrmServer => {
  let grid: Grid = [];
  let width = 26;
  const row = (index: number): string[] => {
    while (grid.length <= index) grid.push([]);
    return grid[index] as string[];
  };
  /** What people see of the sheet on the sandbox's desk: its rows, and who they are about. */
  const show = (): void => {
    const [names = [], ...rows] = grid;
    contacts.records.length = 0;
    entries.records.length = 0;
    for (const cells of rows.filter((one) => !isBlank(one))) {
      const fields = Object.fromEntries(cells.map((cell, i) => [names[i] || lettersOf(i), cell]));
      const key = fields.Phone || fields.Conversation;
      entries.add({ ...fields, contactId: key });
      const about = Object.entries(fields).filter(([name, cell]) => cell && /^(Phone|Name|Opted out)$/.test(name));
      if (key) contacts.upsert({ key }, Object.fromEntries(about));
    }
  };
  const sheet = (req: CrmRequest): void => {
    if (req.param('id') === NOT_SHARED) throw new Refused('taken');
    if (req.param('id') !== SPREADSHEET) throw new Refused('absent');
    // Whoever clears the desk clears the sheet.
    if (grid.length > 1 && entries.records.length === 0) grid = [];
  };
  const write = ({ row: top, column }: Position, values: unknown[][], req: CrmRequest): string => {
    const option = req.query('valueInputOption');
    if (option !== 'RAW' && option !== 'USER_ENTERED') {
      throw new Refused('invalid', "'valueInputOption' is required but not specified");
    }
    for (const [i, cells] of values.entries()) {
      if (column + cells.length > width) {
        const where = `${TAB}!${lettersOf(column)}${top + i + 1}`;
        throw new Refused('invalid', `Range (${where}) exceeds grid limits. Max rows: 1000, max columns: ${width}`);
      }
      for (const [j, value] of cells.entries()) {
        if (value === null) continue;
        const text = String(value);
        if (text.length > 50_000) {
          throw new Refused(
            'invalid',
            'Your input contains more than the maximum of 50000 characters in a single cell.',
          );
        }
        const target = row(top + i);
        while (target.length <= column + j) target.push('');
        target[column + j] = option === 'RAW' ? text : entered(text);
      }
    }
    return `${TAB}!${lettersOf(column)}${top + 1}`;
  };
  return {
    guard: { below: '/v4', allows: (req) => grants.valid(req.header('authorization')?.replace('Bearer ', '')) },
    refusals: {
      unauthorized: () => [401, error(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.')],
      taken: () => [403, error(403, 'PERMISSION_DENIED', 'The caller does not have permission')],
      absent: () => [404, error(404, 'NOT_FOUND', 'Requested entity was not found.')],
      invalid: (why) => [400, error(400, 'INVALID_ARGUMENT', why)],
    },
    routes: {
      'POST /token': async (req) => {
        const form = new URLSearchParams(await req.text());
        const [head = '', body = '', signature = ''] = (form.get('assertion') ?? '').split('.');
        const part = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString() || '{}');
        const [{ alg }, { iss, scope, aud, iat, exp }] = [part(head), part(body)];
        // The keys of other accounts are not known here.
        const own = iss === ACCOUNT;
        const proven =
          !own ||
          verify(
            'RSA-SHA256',
            Buffer.from(`${head}.${body}`),
            createPublicKey(privateKey()),
            Buffer.from(signature, 'base64url'),
          );
        const good =
          form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer' &&
          alg === 'RS256' &&
          scope === 'https://www.googleapis.com/auth/spreadsheets' &&
          String(aud).endsWith('/token') &&
          exp > iat &&
          exp - iat <= 3600;
        if (!good || !proven) return [400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }];
        return { access_token: grants.issue(), expires_in: 3599, token_type: 'Bearer' };
      },
      'GET /v4/spreadsheets/:id/values/:range': (req) => {
        sheet(req);
        const { top, left, bottom, right } = rangeOf(req.param('range') ?? '');
        const cells = grid
          .slice(top, bottom + 1)
          .map((one) => trimmed(one.slice(left, right + 1), (cell) => cell === ''));
        const rows = trimmed(cells, isBlank);
        if (req.query('majorDimension') !== 'COLUMNS')
          return { majorDimension: 'ROWS', ...(rows.length > 0 && { values: rows }) };
        const wide = Math.max(0, ...rows.map((one) => one.length));
        const columns = Array.from({ length: wide }, (_, j) => rows.map((one) => one[j] ?? ''));
        return { majorDimension: 'COLUMNS', ...(wide > 0 && { values: columns }) };
      },
      'PUT /v4/spreadsheets/:id/values/:range': async (req) => {
        const { values } = await req.json<{ values: unknown[][] }>();
        sheet(req);
        const { top, left } = rangeOf(req.param('range') ?? '');
        const updatedRange = write({ row: top, column: left }, values, req);
        show();
        return { spreadsheetId: SPREADSHEET, updatedRange };
      },
      'POST /v4/spreadsheets/:id/values/:range': async (req) => {
        const { values } = await req.json<{ values?: unknown[][] }>();
        sheet(req);
        const [, text = '', verb] = /^(.*):(append|clear)$/.exec(req.param('range') ?? '') ?? [];
        const { top, left } = rangeOf(text);
        if (verb === 'clear') {
          grid = [];
          show();
          return { spreadsheetId: SPREADSHEET };
        }
        const table = tableAt(grid, { row: top, column: left });
        const at = { row: table ? table.bottom + 1 : top, column: table?.left ?? left };
        if (req.query('insertDataOption') === 'INSERT_ROWS') {
          grid.splice(at.row, 0, ...(values ?? []).map(() => []));
        } else {
          // Two that append at once find the same end of the table, and the later one overwrites the earlier.
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        const updatedRange = write(at, values ?? [], req);
        show();
        return { spreadsheetId: SPREADSHEET, updates: { updatedRange, updatedRows: values?.length } };
      },
      // Of all that a person may do by hand: to take columns off the grid, by which the rest moves to the left.
      'POST /v4/spreadsheets/:batch': async (req) => {
        const { requests } = await req.json<{
          requests: { deleteDimension: { range: { startIndex: number; endIndex: number } } }[];
        }>();
        for (const { deleteDimension } of requests) {
          const { startIndex, endIndex } = deleteDimension.range;
          for (const cells of grid) cells.splice(startIndex, endIndex - startIndex);
          width -= endIndex - startIndex;
        }
        show();
        return { spreadsheetId: SPREADSHEET };
      },
    },
  };
};

/** Google Sheets: tokens for a signed JWT, values by A1 notation, and rows that are added below the table in which a cell stands. */
export const standIn: CrmStandIn<typeof crm> = {
  serve,
  connection: (api) => ({
    settings: { spreadsheet: SPREADSHEET, api, accounts: api },
    secret: { client_email: ACCOUNT, private_key: privateKey() },
  }),
  showsOptOut: (contact) => contact['Opted out'] === 'yes',
  keepsContacts: false,
  renewsToken: true,
};
