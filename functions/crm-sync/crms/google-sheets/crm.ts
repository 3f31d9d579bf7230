import * as z from 'zod/mini';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';
import { cut } from '../../../shared/runtime/characters.ts';
import { Permanent, Unavailable } from '../../../shared/runtime/errors.ts';
import { withoutSlash } from '../../../shared/runtime/without-slash.ts';
import { type ApiRequest, crmApi } from '../../api.ts';
import type { Crm, CrmContact, CrmEntry } from '../../crm.ts';
import { HIDDEN } from '../../entry-text.ts';
import { serviceAccount } from './service-account.ts';

/** https://developers.google.com/workspace/sheets/api/limits is of it; no page names an end. */
const API = 'v4';
const SCOPE = 'https://www.googleapis.com/auth/spreadsheets';
const KEY = 'EZW key';
/** Names of the columns, in the order in which an empty tab gets them; people may move them. */
const COLUMNS = [
  'Time',
  'Direction',
  'Type',
  'Phone',
  'Name',
  'Text',
  'Form',
  'Conversation',
  'Link',
  'Opted out',
  KEY,
] as const;
type Row = Partial<Record<(typeof COLUMNS)[number], string | undefined>>;

/** Characters of a cell. */
const MAX_CELL = 50_000;
/** A column of keys: some eighty thousand rows. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

const settings = z.strictObject({
  spreadsheet: z
    .string()
    .check(z.regex(/^[\w-]{20,}$/, 'write the id that stands between /d/ and /edit in the address of the spreadsheet')),
  /** The tab at its foot. It is there already, and empty or begun by us. */
  tab: z._default(z.string().check(z.minLength(1)), 'WhatsApp'),
  api: z._default(outsideUrl, 'https://sheets.googleapis.com'),
  accounts: z._default(outsideUrl, 'https://oauth2.googleapis.com'),
});

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const field = (value: unknown, name: string): unknown => (value as Record<string, unknown> | undefined)?.[name];
const words = (json: unknown): string => String(field(field(json, 'error'), 'message') ?? '');

const rowOf = ({ phone, name }: CrmContact, { conversationId, hidden, ...entry }: CrmEntry): Row => ({
  [KEY]: entry.key,
  Time: entry.at,
  Direction: entry.direction,
  Type: entry.type,
  Phone: phone ?? entry.phone ?? (hidden ? HIDDEN : undefined),
  Name: name,
  Text: entry.text,
  Form: [
    ...(entry.from === undefined ? [] : [`From ${entry.from}`]),
    ...(entry.answers ?? []).map(({ question, value }) => `${question}: ${value}`),
  ].join('\n'),
  Conversation: conversationId,
  Link: entry.link,
});

/** `C` for 2, `AA` for 26. */
const letters = (index: number): string =>
  (index < 26 ? '' : letters(Math.floor(index / 26) - 1)) + String.fromCharCode(65 + (index % 26));

/**
 * A tab of a spreadsheet, one row for each message. Needs the key file of a service account with which the spreadsheet is shared. The
 * tab is people's: they sort, filter and move columns, so a column is found by its name and a row by its key.
 */
export const crm: Crm<typeof settings> = {
  settings,
  apis: [{ what: 'Sheets API', version: API }],
  example: { spreadsheet: '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms' },
  connect({ spreadsheet, tab, ...at }, secret, tools) {
    const token = serviceAccount(`${withoutSlash(at.accounts)}/token`, SCOPE, secret, tools);
    const patient = {
      ...tools,
      http: (request) => tools.http({ ...request, maxAnswerBytes: MAX_ANSWER_BYTES }),
    } satisfies typeof tools;
    const api = crmApi(`${withoutSlash(at.api)}/${API}/spreadsheets/${spreadsheet}/values`, patient, async (fresh) => ({
      authorization: `Bearer ${await token(fresh)}`,
    }));

    const refusal = (status: number, said: string): Error => {
      if (status === 403) {
        const why =
          'Share the spreadsheet with the client_email of the secret, as an editor, and turn on the Google Sheets API.';
        return new Unavailable('sheet_not_shared', why);
      }
      if (status === 404)
        return new Permanent('sheet_not_found', 'No spreadsheet has the id that the client file names.');
      if (/protected/i.test(said)) {
        return new Unavailable('sheet_protected', `The tab ${tab} is protected: let the service account write there.`);
      }
      if (/unable to parse range/i.test(said)) {
        return new Permanent(
          'sheet_tab_not_found',
          `The spreadsheet has no tab ${tab}: make it, empty, or correct its name.`,
        );
      }
      if (/grid limits/i.test(said)) {
        return new Permanent('sheet_too_narrow', `The tab ${tab} has too few columns: ${COLUMNS.length} are needed.`);
      }
      if (/limit of \d+ cells/i.test(said)) {
        return new Permanent(
          'sheet_full',
          'The spreadsheet is full: name another one, or another tab after rows were deleted.',
        );
      }
      return new Permanent(`sink_${status}`, 'Google Sheets can never take this.');
    };
    /** A call of a range of the tab, by A1 notation. */
    const call = async (
      method: ApiRequest<unknown>['method'],
      range: string,
      rest = '',
      body?: object,
    ): Promise<unknown> => {
      const name = encodeURIComponent(`'${tab.replaceAll("'", "''")}'${range}`);
      const { status, json } = await api({ method, path: `/${name}${rest}`, body, expect: [400, 403, 404] });
      if (status >= 400) throw refusal(status, words(json));
      if (json === undefined) throw new Unavailable('sink_unreadable', 'Google Sheets answered with what is no JSON.');
      return json;
    };
    const read = async (range: string, rest = ''): Promise<readonly (readonly unknown[])[]> =>
      list(field(await call('GET', range, rest), 'values')).map(list);

    /** The names in the first row; of an empty tab they are written, and to write them twice is as once. */
    const columns = async (): Promise<readonly string[]> => {
      const named = (row: readonly unknown[] = []) => row.map((name) => String(name).trim());
      let [names = []] = (await read('!1:1')).map(named);
      if (!names.some(Boolean)) {
        const rows = await read('');
        names = named(rows[0]);
        if (rows.length === 0) {
          await call('PUT', '!A1', '?valueInputOption=RAW', { values: [COLUMNS] });
          return COLUMNS;
        }
      }
      if (!names.includes(KEY)) {
        throw new Permanent(
          'sheet_key_column_gone',
          `No column of the tab ${tab} is named "${KEY}" in row 1: write that above the keys again, or name an empty tab in the client file.`,
        );
      }
      // A row is added below the table in which A1 stands, and from that table's first column on.
      if (!names[0]) {
        throw new Permanent(
          'sheet_first_column_unnamed',
          `Column A of the tab ${tab} has no name in row 1: write one.`,
        );
      }
      return names;
    };
    const add = async (row: Row, again: boolean): Promise<void> => {
      const names = await columns();
      if (again) {
        const column = letters(names.indexOf(KEY));
        const [keys = []] = await read(`!${column}:${column}`, '?majorDimension=COLUMNS');
        if (keys.includes(row[KEY])) return;
      }
      const known: Readonly<Record<string, string | undefined>> = row;
      // Nothing is written to a column of their own; of two with one name the first is ours.
      const values = names.map((name, i) =>
        names.indexOf(name) === i ? cut(known[name] ?? '', MAX_CELL) || null : null,
      );
      await call('POST', '!A1', ':append?valueInputOption=RAW&insertDataOption=INSERT_ROWS', { values: [values] });
    };

    return {
      // A sheet has no contacts, and the phone stays out of our table.
      contactId: async () => 'in-each-row',
      addEntry: (_, contact, entry, again) => add(rowOf(contact, entry), again),
      // One message may have to tell both, when another word overtook it: each is a row of its own, and few enough to look for each.
      setOptOut(_, contact, optedOut, { at, day, conversationId, phone, hidden, key }) {
        const type = optedOut ? 'opt-out' : 'opt-in';
        const row = rowOf(contact, {
          key: `${type}:${key}`,
          at,
          day,
          conversationId,
          phone,
          hidden,
          direction: 'inbound',
          type,
        });
        return add({ ...row, 'Opted out': optedOut ? 'yes' : 'no' }, true);
      },
    };
  },
};
