import { isDeepStrictEqual } from 'node:util';
import type { NotifierName } from '../../../functions/escalation/config.ts';
import { lineToken } from '../../../functions/shared/ezwhatsapp/tokens.ts';
import { mailIdentities } from '../../../lib/mail-identities.ts';
import { parameterName, SALT, SALTED } from '../../../lib/parameter-names.ts';
import { parametersOf } from '../../../lib/parameters.ts';
import { fingerprint } from '../../deploy/salt.ts';
import { oneLine } from '../../run.ts';
import { crmSecretsOf } from '../../secrets/crms.ts';
import { sourcesOf } from '../../secrets/names.ts';
import { entriesOf, fieldsOf, PLACEHOLDER, readParameter, readSecret, readsParameters } from '../../secrets/store.ts';
import { commandOn, deployOn } from '../../target/command.ts';
import { isDeployed, type Target } from '../../target/target.ts';
import type { Check } from '../check.ts';
import type { Finding } from '../finding.ts';

const lineTokenFinding = async (target: Target): Promise<Finding> => {
  const about = 'line token';
  const secret = await readSecret(target, 'line-token');
  try {
    lineToken(secret?.value ?? '');
    return { level: 'good', about, found: `stored, version ${secret?.versionId}` };
  } catch (error) {
    const found = oneLine(error instanceof Error ? error.message : 'unusable');
    return { level: 'bad', about, found, todo: commandOn(target, 'secrets set', 'line-token') };
  }
};

/** Whether the salt is there, and the one that was made. */
const saltFindings = async (target: Target): Promise<readonly Finding[]> => {
  const about = `parameter ${parameterName(target.client.name, SALT)}`;
  const [stored, made] = await Promise.all([SALT, SALTED].map((name) => readParameter(target, name)));
  const putBack = 'put back the one that was made, from where you keep it';
  if (!stored) {
    const found = 'missing: nobody who said stop is known, so nothing is sent, nothing told, and a form answers 503';
    return [{ level: 'bad', about, found, todo: isDeployed(target) ? putBack : deployOn(target) }];
  }
  if (!made || made.value === fingerprint(stored.value)) return [];
  const found = 'not the one that was made: nobody who said stop is known';
  return [{ level: 'bad', about, found, todo: `${putBack} or from the history of the parameter` }];
};

/** What the functions read in Parameter Store: whether it is there. */
const parameterFindings = async (target: Target): Promise<readonly Finding[]> => {
  const { client } = target;
  const each = parametersOf(client).map(async ({ name }): Promise<readonly Finding[]> => {
    if (name === SALT) return saltFindings(target);
    if (await readParameter(target, name)) return [];
    const about = `parameter ${parameterName(client.name, name)}`;
    const found = 'missing: what needs it waits, and a door answers 503';
    return [{ level: 'bad', about, found, todo: deployOn(target) }];
  });
  return (await Promise.all(each)).flat();
};

const ofBefore = (target: Target): Finding => {
  const found = 'of a release before this one: what it reads is stored elsewhere, and is not looked at';
  return { level: 'warning', about: 'stack', found, todo: deployOn(target) };
};

const sourceFindings = async (target: Target): Promise<readonly Finding[]> => {
  const entries = await entriesOf(target);
  return sourcesOf(target.client).map((source): Finding => {
    const about = `secret of ${source}`;
    const [entry, ...others] = entries(source);
    const rotating = typeof entry === 'object' && entry !== null && 'previous' in entry;
    const todoSet = commandOn(target, 'secrets set', `sources.${source}`);
    if ([entry, ...others].some((one) => one === undefined || one === ''))
      return { level: 'bad', about, found: 'missing: its events are answered 503', todo: todoSet };
    if (!others.every((one) => isDeepStrictEqual(one, entry)))
      return { level: 'bad', about, found: 'not the same for all templates that have it', todo: todoSet };
    if (!rotating) return { level: 'good', about, found: 'stored' };
    const todo = commandOn(target, 'secrets rotate', `sources.${source} --finish`);
    const when = 'when what comes is signed with the new one: ';
    return { level: 'warning', about, found: 'stored, a rotation is under way', todo: `${when}${todo}` };
  });
};

/** Of several CRMs each on its own. */
const crmFindings = async (target: Target): Promise<readonly Finding[]> => {
  const found = 'missing: what is for it waits for three days, then it is a dead letter';
  return (await crmSecretsOf(target)).map(({ name, isStored, todo }): Finding => {
    const about = `secret of ${name}`;
    return isStored ? { level: 'good', about, found: 'stored' } : { level: 'bad', about, found, todo };
  });
};

/** Of notifiers that show one: a mail goes out by the rights of the function. */
const notifierFindings = async (target: Target): Promise<readonly Finding[]> => {
  const { notifiers } = target.client.escalation;
  const names = (Object.keys(notifiers) as NotifierName[]).filter(
    (name) => notifiers[name] !== undefined && mailIdentities({ [name]: notifiers[name] }).length === 0,
  );
  if (names.length === 0) return [];
  const stored = fieldsOf(await readSecret(target, 'notifiers'));
  return names.map((name): Finding => {
    const about = `secret of notifier ${name}`;
    if (!['', PLACEHOLDER, undefined].includes(stored[name] as string | undefined))
      return { level: 'good', about, found: 'stored' };
    const found = 'missing: what is urgent waits for three days, then it is a dead letter';
    return { level: 'bad', about, found, todo: commandOn(target, 'secrets set', `notifiers.${name}`) };
  });
};

/** Whoever reads a secret pays for it, and what was stored stays. */
const WATCHED = { every: 60 } as const;

export const parameters: Check = {
  id: 'parameters',
  about: 'parameters',
  look: ({ target }) => (readsParameters(target) ? parameterFindings(target) : ofBefore(target)),
  watched: WATCHED,
};

export const token: Check = {
  id: 'line-token',
  about: 'line token',
  look: ({ target }) => lineTokenFinding(target),
  watched: WATCHED,
};

export const sources: Check = {
  id: 'source-secrets',
  about: 'secrets of sources',
  look: ({ target }) => (readsParameters(target) ? sourceFindings(target) : []),
  watched: WATCHED,
};

export const crm: Check = {
  id: 'crm-secrets',
  about: 'secret of the CRM',
  look: ({ target }) => (readsParameters(target) ? crmFindings(target) : []),
  watched: WATCHED,
};

export const notifierSecrets: Check = {
  id: 'notifier-secrets',
  about: 'secrets of notifiers',
  look: ({ target }) => (readsParameters(target) ? notifierFindings(target) : []),
  watched: WATCHED,
};
