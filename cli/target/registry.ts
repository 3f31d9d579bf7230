import { kindOf, sourceBy } from '../../functions/shared/door/kinds.ts';
import { acceptedSecrets, type SourceSecret } from '../../functions/shared/door/signatures.ts';
import type { Sources } from '../../functions/shared/door/source.ts';
import type { Templates } from '../../functions/shared/door/template.ts';
import * as templates from '../../functions/templates.ts';
import { type Client, turnedOn } from '../../lib/client.ts';
import { fieldsOf, readSecret } from '../secrets/store.ts';
import { Failed, WrongInput } from '../terminal/errors.ts';
import { commandOn } from './command.ts';
import type { Target } from './target.ts';

export type AnyTemplate = Templates[string];
export type AnySource = Sources<unknown>[string];

/** @throws WrongInput that lists what there is */
export const templateNamed = (name: string): AnyTemplate => {
  const all: Templates = templates;
  const found = Object.hasOwn(all, name) ? all[name] : undefined;
  if (found) return found;
  throw new WrongInput(`There is no template "${name}". Choose one of: ${Object.keys(all).join(', ')}.`);
};

/** What a source is, by its name in a client file. @throws WrongInput that lists the kinds there are */
export const sourceNamed = (template: string, name: string): AnySource => {
  const { sources } = templateNamed(template);
  const found = sourceBy(sources, name);
  if (found) return found;
  throw new WrongInput(`${template} has no source "${name}". Choose one of: ${Object.keys(sources).join(', ')}.`);
};

/** The kind of a source by its name in a client file: its samples lie there. @throws WrongInput that lists the kinds there are */
export const kindNamed = (template: string, name: string): string => {
  sourceNamed(template, name);
  return kindOf(templateNamed(template).sources, name) ?? name;
};

/** The source of a template's own event: its kind, and what it is. */
export const ownSourceOf = (template: AnyTemplate): readonly [name: string, AnySource] | undefined =>
  Object.entries(template.sources).find(([, { isOurs }]) => isOurs);

/** A template and the name of its own event's source, for examples. */
export const usualEvent = (): readonly [template: string, source: string] => {
  const all = Object.entries<AnyTemplate>(templates).map(([name, one]) => [name, ownSourceOf(one)?.[0] ?? ''] as const);
  return all.at(-1) ?? ['<template>', '<source>'];
};

/** The template of a client whose alarms are set by rows, and the table of these; undefined where it has none. */
export const alarmsOf = (client: Client): { readonly name: string; readonly table: string } | undefined =>
  turnedOn(client).flatMap(([name, { template }]) =>
    template.alarmsFrom === undefined ? [] : [{ name, table: template.alarmsFrom }],
  )[0];

/** How a source's secret is made, where it is ours to make; the same for all templates that have a source of this name. */
export const secretMakerOf = (source: string): AnySource['newSecret'] =>
  Object.values<AnyTemplate>(templates).flatMap(({ sources }) => sourceBy(sources, source)?.newSecret ?? [])[0];

/** The stored secret of a source. @throws Failed when none is stored */
export const sourceSecretOf = async (target: Target, source: string): Promise<SourceSecret> => {
  const entry = fieldsOf(await readSecret(target, 'sources'))[source];
  const secret = (typeof entry === 'string' ? { current: entry } : entry) as SourceSecret | undefined;
  if (secret !== undefined && acceptedSecrets(secret)[0]) return secret;
  throw new Failed(
    `No secret is stored for ${source}. Run "${commandOn(target, 'secrets set', `sources.${source}`)}".`,
  );
};
