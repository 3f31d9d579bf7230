import { existsSync } from 'node:fs';
import type { Connection } from '../../functions/shared/door/connection.ts';
import type { Templates } from '../../functions/shared/door/template.ts';
import * as templates from '../../functions/templates.ts';

// biome-ignore lint/suspicious/noExplicitAny: each has settings of its own, which only it reads
export type AnyConnection = Connection<any, any>;

type Load = () => Promise<{ readonly connection: AnyConnection }>;

const FUNCTIONS = new URL('../../functions/', import.meta.url);

/**
 * How sources are connected, by `<template>/<kind>`: those of whose folders there is a `connection.ts`. A bundle has no folders: in its
 * place stands a list that is made with it (`lib/connections.ts`).
 */
export const connections: Readonly<Record<string, Load>> = Object.fromEntries(
  Object.entries<Templates[string]>(templates).flatMap(([template, { sources }]) =>
    Object.keys(sources).flatMap((kind): [string, Load][] => {
      const file = new URL(`${template}/sources/${kind}/connection.ts`, FUNCTIONS);
      return existsSync(file) ? [[`${template}/${kind}`, () => import(file.href)]] : [];
    }),
  ),
);
