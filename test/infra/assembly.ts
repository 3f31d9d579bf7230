import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { written } from '../../clients/demo.ts';
import { type Client, defineClient, turnedOn } from '../../lib/client.ts';

/** The demo client's assembly, which the tests share and only read; loading the CDK takes longer than all of them. */
export const DEMO_ASSEMBLY = process.env.EZW_ASSEMBLY ?? '';

/** A resource as the template holds it. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Template {
  readonly [section: string]: unknown;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Metadata: Readonly<Record<string, unknown>>;
  readonly Parameters: Readonly<Record<string, { readonly Type: string; readonly Default?: unknown }>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

/** The demo as it is written: what was added since changes nothing that these tests look at. */
export const demoClient = (): Client => defineClient(written);

/** The templates that it has. */
export const KNOWN: readonly string[] = turnedOn(demoClient()).map(([name]) => name);

export function templateOf(outdir: string, client: string): Template {
  return JSON.parse(readFileSync(join(outdir, `Ezw-${client}.template.json`), 'utf8'));
}

/** `[logical id, resource]` of every resource of a type. */
export function ofType(template: Template, type: string): [string, Resource][] {
  return Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
}

/** The one resource of a type with this short name. */
export function byName(template: Template, type: string, name: string): [string, Resource] {
  const found = ofType(template, type).filter(([, { Metadata }]) => Metadata?.['ezw:name'] === name);
  const [only] = found;
  if (!only || found.length > 1) throw new Error(`${found.length} resources of ${type} are named "${name}"`);
  return only;
}

/** Logical id that a `Ref` or `Fn::GetAtt` points to. */
export function target(value: unknown): string {
  const { Ref, 'Fn::GetAtt': attribute } = (value ?? {}) as { Ref?: string; 'Fn::GetAtt'?: [string, string] };
  const id = Ref ?? attribute?.[0];
  if (!id) throw new Error(`Not a reference: ${JSON.stringify(value)}`);
  return id;
}
