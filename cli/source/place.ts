import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Connection } from '../../functions/shared/door/connection.ts';
import { kindOf } from '../../functions/shared/door/kinds.ts';
import type { Templates } from '../../functions/shared/door/template.ts';
import * as templates from '../../functions/templates.ts';
import { type Client, slices, turnedOn } from '../../lib/client.ts';
import { typedOn } from '../target/command.ts';
import { ROOT } from '../target/project.ts';
import type { Target } from '../target/target.ts';
import { WrongInput } from '../terminal/errors.ts';

// biome-ignore lint/suspicious/noExplicitAny: each has settings of its own, which only it reads
export type AnyConnection = Connection<any, any>;

/** A source as a client file turns it on. */
export interface Place {
  readonly template: string;
  /** Its name in the client file: that of its route and of its secret. */
  readonly source: string;
  readonly kind: string;
  readonly settings: unknown;
  readonly templateSettings: unknown;
}

const fileOf = (template: string, kind: string): string =>
  `${ROOT}/functions/${template}/sources/${kind}/connection.ts`;

/** Sources that can be connected by a command, `<template>/<kind>`, by the files that there are. */
export const connectables = (): readonly (readonly [template: string, kind: string])[] =>
  Object.entries<Templates[string]>(templates).flatMap(([template, { sources }]) =>
    Object.keys(sources).flatMap((kind) => (existsSync(fileOf(template, kind)) ? [[template, kind] as const] : [])),
  );

/** Every source that a client file turns on, with its settings as the function knows them. */
const placesOf = (client: Client): readonly Place[] => {
  const told = slices(client) as Readonly<Record<string, { readonly sources: Readonly<Record<string, unknown>> }>>;
  return turnedOn(client).flatMap(
    ([
      template,
      {
        template: { sources },
      },
    ]) => {
      const templateSettings = told[template];
      return Object.entries(templateSettings?.sources ?? {}).map(([source, settings]) => {
        return { template, source, kind: kindOf(sources, source) ?? source, settings, templateSettings };
      });
    },
  );
};

/** Those of a client that a command can connect. */
export const connectablePlaces = (client: Client): readonly Place[] =>
  placesOf(client).filter(({ template, kind }) => existsSync(fileOf(template, kind)));

/** @throws WrongInput that lists what there is */
export const placeNamed = (client: Client, source: string, template: string | undefined): Place => {
  const all = placesOf(client);
  const named = all.filter((one) => one.source === source);
  const found = named.filter((one) => template === undefined || one.template === template);
  const [place, second] = found;
  if (place === undefined) {
    const where = template === undefined || named.length === 0 ? '' : ` in ${template}`;
    const names = [...new Set(all.map((one) => one.source))].join(', ');
    throw new WrongInput(`${client.name} has no source "${source}"${where}. Turned on are: ${names || 'none'}.`);
  }
  if (second !== undefined) {
    const of = found.map((one) => one.template).join(', ');
    throw new WrongInput(`${source} is a source of ${of}: say which with --template.`);
  }
  if (existsSync(fileOf(place.template, place.kind))) return place;
  const others = connectables().map(([, kind]) => kind);
  throw new WrongInput(
    `${source} is connected by hand: functions/${place.template}/sources/${place.kind}/README.md says how. By command: ${[...new Set(others)].join(', ')}.`,
  );
};

/** What to type for a source of a client. */
export const commandFor = (
  target: Target,
  { template, source }: Place,
  verb = 'connect',
  ...more: readonly string[]
): string => {
  const { client } = target;
  const twice = connectablePlaces(client).filter((one) => one.source === source).length > 1;
  const which = twice ? ['--template', template] : [];
  return typedOn(target, 'source', verb, client.name, source, ...which, ...more);
};

/** What its folder says of connecting it. */
export const connectionOf = async ({ template, kind }: Place): Promise<AnyConnection> =>
  (await import(pathToFileURL(fileOf(template, kind)).href)).connection;

/** Makes the secret of a source that a command connects, where it is ours to choose. */
export const newSecretOf = async (client: Client, source: string): Promise<AnyConnection['newSecret']> => {
  const place = connectablePlaces(client).find((one) => one.source === source);
  return place && (await connectionOf(place)).newSecret;
};
