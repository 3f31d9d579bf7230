import { acceptedSecrets, type SourceSecret } from '../../functions/shared/door/signatures.ts';
import type { Sources } from '../../functions/shared/door/source.ts';
import type { Templates } from '../../functions/shared/door/template.ts';
import * as templates from '../../functions/templates.ts';
import { fieldsOf, readSecret } from '../secrets/store.ts';
import { Failed, WrongInput } from '../terminal/errors.ts';
import type { Target } from './target.ts';

export type AnyTemplate = Templates[string];
export type AnySource = Sources<unknown>[string];

const named = <T>(all: Readonly<Record<string, T>>, name: string, what: string): T => {
  const found = Object.hasOwn(all, name) ? all[name] : undefined;
  if (found !== undefined) return found;
  throw new WrongInput(`${what} "${name}". Choose one of: ${Object.keys(all).join(', ')}.`);
};

/** @throws WrongInput that lists what there is */
export const templateNamed = (name: string): AnyTemplate => named<AnyTemplate>(templates, name, 'There is no template');

/** @throws WrongInput that lists what there is */
export const sourceNamed = (template: string, name: string): AnySource =>
  named<AnySource>(templateNamed(template).sources, name, `${template} has no source`);

/** The source of a template's own event: its name, and what it is. */
export const ownSourceOf = (template: AnyTemplate): readonly [name: string, AnySource] | undefined =>
  Object.entries(template.sources).find(([, { isOurs }]) => isOurs);

/** A template and the name of its own event's source, for examples. */
export const usualEvent = (): readonly [template: string, source: string] => {
  const all = Object.entries<AnyTemplate>(templates).map(([name, one]) => [name, ownSourceOf(one)?.[0] ?? ''] as const);
  return all.at(-1) ?? ['<template>', '<source>'];
};

/** How a source's secret is made, where it is ours to make; the same for all templates that have a source of this name. */
export const secretMakerOf = (source: string): AnySource['newSecret'] =>
  Object.values<AnyTemplate>(templates).flatMap(({ sources }) => sources[source]?.newSecret ?? [])[0];

/** The stored secret of a source. @throws Failed when none is stored */
export const sourceSecretOf = async (target: Target, source: string): Promise<SourceSecret> => {
  const entry = fieldsOf(await readSecret(target, 'sources'))[source];
  const secret = (typeof entry === 'string' ? { current: entry } : entry) as SourceSecret | undefined;
  if (secret !== undefined && acceptedSecrets(secret)[0]) return secret;
  throw new Failed(
    `No secret is stored for ${source}. Run "npx ezw secrets set ${target.client.name} sources.${source}".`,
  );
};
