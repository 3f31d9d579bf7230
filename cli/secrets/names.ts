import { crmName, crmsOf } from '../../functions/crm-sync/named.ts';
import { lineToken } from '../../functions/shared/ezwhatsapp/tokens.ts';
import type { Client } from '../../lib/client.ts';
import { oneLine } from '../run.ts';
import { WrongInput } from '../terminal/errors.ts';
import type { SecretName } from './store.ts';

/** What a person calls a secret: which secret it lies in and, for those that hold several, whose it is. */
export interface NamedSecret {
  readonly secret: SecretName;
  readonly field?: string;
}

const PLAIN: readonly SecretName[] = ['line-token', 'webhook-token', 'crm'];

/** The sources that the client file turns on, over all templates. */
export const sourcesOf = ({ templates }: Client): readonly string[] => [
  ...new Set(Object.values(templates).flatMap((template) => Object.keys(template?.sources ?? {}))),
];

/** @throws WrongInput that lists the names there are */
export const namedSecret = (name: string, client: Client): NamedSecret => {
  const crms = crmsOf(client.crm).map(crmName);
  const several = crms.length > 1 ? crms.map((one) => `crm.${one}`) : [];
  if (name === 'crm' && several.length > 0)
    throw new WrongInput(`There are several CRMs, and each has a secret of its own: ${several.join(', ')}.`);
  if (PLAIN.includes(name as SecretName)) return { secret: name as SecretName };
  const [, secret, field] = /^(sources|notifiers)\.([\w-]+)$/.exec(name) ?? [];
  if (secret === 'sources' && field !== undefined && sourcesOf(client).includes(field)) return { secret, field };
  if (secret === 'notifiers' && field !== undefined) return { secret, field };
  const [, crm] = /^crm\.([\w-]+)$/.exec(name) ?? [];
  if (crm !== undefined && crms.includes(crm)) return { secret: 'crm', field: crm };
  const sources = sourcesOf(client).map((source) => `sources.${source}`);
  throw new WrongInput(
    `There is no secret "${name}". Choose one of: ${[...PLAIN.filter((one) => one !== 'crm' || several.length === 0), ...several, ...sources, 'notifiers.<name>'].join(', ')}.`,
  );
};

const TOKEN = /^ezw_line_|^[\w-]{8,}\.[\w-]{8,}\.[\w-]*$/;
const LEAST_WEBHOOK_TOKEN = 32;

/**
 * Refuses a value that cannot be right, without repeating it: the wrong token family, a token in the place of a secret.
 * @throws WrongInput
 */
export const assertFits = ({ secret, field }: NamedSecret, value: string): void => {
  if (secret === 'line-token') {
    try {
      lineToken(value);
    } catch (error) {
      throw new WrongInput(oneLine(error instanceof Error ? error.message : 'This is no line token.'));
    }
    return;
  }
  if (TOKEN.test(value)) {
    throw new WrongInput(
      `This is an EZWhatsApp token, not the secret of ${field ?? secret}. Line tokens go to line-token.`,
    );
  }
  if (secret === 'webhook-token' && !/^[\w-]+$/.test(value)) {
    throw new WrongInput('The webhook token stands in an address: write letters, digits, - and _ only.');
  }
  if (secret === 'webhook-token' && value.length < LEAST_WEBHOOK_TOKEN) {
    throw new WrongInput(
      `The webhook token must have ${LEAST_WEBHOOK_TOKEN} characters or more; "secrets rotate" makes one.`,
    );
  }
};
