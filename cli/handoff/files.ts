import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Failed, WrongInput } from '../terminal/errors.ts';
import { html } from './html.ts';
import { hashOf, type Report } from './report.ts';

/** `handoff/<client>-<date>`, without its ending. */
const baseOf = (folder: string, { evidence }: Report): string =>
  `${folder}/${evidence.client}-${evidence.startedAt.slice(0, 10)}`;

export interface WrittenReport {
  readonly html: string;
  readonly json: string;
}

/** Writes both forms, over those of an earlier run of the same day. */
export const writeReport = (folder: string, report: Report): WrittenReport => {
  mkdirSync(folder, { recursive: true });
  const base = baseOf(folder, report);
  const files = { html: `${base}.html`, json: `${base}.json` };
  writeFileSync(files.json, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(files.html, html(report));
  return files;
};

/** @throws Failed when the file is no report */
export const readReport = (file: string): Report => {
  let report: Partial<Report>;
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as Partial<Report>;
  } catch {
    throw new Failed(`${file} cannot be read as JSON.`);
  }
  if (report.report !== 'ezwhatsapp-handoff' || !report.evidence || !report.signOffs) {
    throw new Failed(`${file} is no hand-off report.`);
  }
  // The stored hash is for people; what counts is computed from what stands in the file now.
  return { ...(report as Report), hash: hashOf(report.evidence) };
};

/** The newest report of a client. @throws WrongInput when there is none */
export const newestReport = (folder: string, client: string): string => {
  const found = newest(folder, client);
  if (found !== undefined) return found;
  throw new WrongInput(`There is no report of "${client}" in ${folder}. Run "npx ezw handoff ${client}" first.`);
};

export const newest = (folder: string, client: string): string | undefined => {
  const pattern = new RegExp(`^${client.replace(/[^\w-]/g, '')}-\\d{4}-\\d\\d-\\d\\d\\.json$`);
  try {
    const [last] = readdirSync(folder)
      .filter((name) => pattern.test(name))
      .sort()
      .reverse();
    return last === undefined ? undefined : `${folder}/${last}`;
  } catch {
    return undefined;
  }
};
