import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { Contacts } from './constructs/contacts.ts';
import type { Sender } from './constructs/sender.ts';
import type { Extras, TemplateParts } from './constructs/template-parts.ts';

/** What a stack has that templates share. */
export interface Shared {
  readonly contacts: Contacts;
  readonly sender: Sender;
  /** Rows that waiting messages are held against. */
  readonly premises: Table | undefined;
  /** The client's, IANA. */
  readonly zone: string;
}

/** What one template needs of AWS beside the usual; `lib/templates/<template>.ts` exports it as `resources`. */
export interface TemplateResources {
  /** Makes the table of rows that a waiting message is held against before it leaves, which the sender may read; in every stack. */
  premises?(stack: Construct): Table;
  /**
   * Makes those resources of its own that hold something, in every stack, and returns what makes the others, for a client that
   * has the template on, and says what the function needs to use them all.
   */
  extras(parts: TemplateParts, shared: Shared): () => Extras;
}

const FOLDER = new URL('./templates/', import.meta.url);

/** By the template's name; most templates need none. */
export const templateResources: Readonly<Record<string, TemplateResources | undefined>> = Object.fromEntries(
  await Promise.all(
    readdirSync(FOLDER)
      .filter((file) => file.endsWith('.ts'))
      .map(async (file) => {
        const { resources } = (await import(new URL(file, FOLDER).href)) as { resources: TemplateResources };
        return [basename(file, '.ts'), resources] as const;
      }),
  ),
);
