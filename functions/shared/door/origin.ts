import type { OwnNotice } from '../people/notice.ts';
import { cut } from '../runtime/characters.ts';
import { withoutSlash } from '../runtime/without-slash.ts';
import type { Origin, SourceRequest } from './source.ts';
import type { OwnSettings } from './whose.ts';

/** `https://www.shop.example/he/?lang=he` is `shop.example/he` and, for that may be a language of the same site, `shop.example`. */
const LANGUAGE = /\/[a-z]{2}(-[a-z]{2,4})?$/;

/**
 * An address of the web as it is compared, exact first: host and path. Whether it is https, `www.`, a slash at its end and what is
 * asked for make no difference; a folder does, but for one that may be a language. None for what is no address.
 */
export const siteNames = (text: string): readonly string[] => {
  const address = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(address)) return [];
  const { host, pathname } = new URL(address);
  const exact = `${host.replace(/^www\./, '')}${withoutSlash(pathname)}`.toLowerCase();
  return [...new Set([exact, exact.replace(LANGUAGE, '')])];
};

/** An id of digits, as it is compared. */
export const numberNames = (text: string): readonly string[] => (/^[1-9]\d*$/.test(text) ? [text] : []);

/** An id or a name as it stands. */
export const plainNames = (text: string): readonly string[] => (text === '' ? [] : [text]);

type AnyOrigin = Origin<never>;

/** Where a whole request says that it comes from. */
export const originOf = (origin: AnyOrigin | undefined, { headers }: SourceRequest): string | undefined =>
  origin?.headers?.flatMap((name) => headers[name] ?? [])[0];

/** Where something comes from, if it says so and that is none of the client's own: undefined for all that is to be worked on. */
export const elsewhere = (
  origin: AnyOrigin | undefined,
  { origin: own }: OwnSettings,
  said: string | undefined,
): string | undefined => {
  if (!origin || !own || said === undefined) return undefined;
  const [exact, ...others] = origin.names(said.trim());
  return exact === undefined || [exact, ...others].some((name) => own.includes(name)) ? undefined : exact;
};

const MAX_SHOWN = 60;

/** Of an address, an id, a name of a form: what goes into logs and reasons. */
const shown = (place: string): string => cut(place.replace(/[^\p{L}\p{N}.:/_-]+/gu, '-'), MAX_SHOWN);

export const otherShop = (source: string, place: string): string => `other_shop:${source}:${shown(place)}`;

/** People are told once of each place and day. @param at epoch milliseconds */
export const tellOther = ({ what }: AnyOrigin, place: string, at: number): OwnNotice => {
  const time = new Date(at).toISOString();
  return {
    id: `other_shop#${shown(place)}#${time.slice(0, 10)}`,
    code: 'other_shop',
    says: `Events of another ${what} come in under this client's secret: ${shown(place)}. None of them is sent. Remove the webhook there, or add it to "origin" of the source in the client file.`,
    severity: 'warning',
    at: time,
  };
};
