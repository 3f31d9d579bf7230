import { paginateListStacks, StackStatus, type StackSummary } from '@aws-sdk/client-cloudformation';
import type { Sight } from '../cli/doctor/check.ts';
import { once, sightOf } from '../cli/doctor/sight.ts';
import { allServicesOf, targetAt } from '../cli/target/aws.ts';
import { healthOf } from '../cli/target/line.ts';
import { localResources, localTarget } from '../cli/target/local.ts';
import { tableOf } from '../cli/target/named.ts';
import { stackOf, templateOf } from '../cli/target/stack.ts';
import type { StackTemplate, Target } from '../cli/target/target.ts';
import { Failed } from '../cli/terminal/errors.ts';
import { waitingSends } from '../functions/shared/ledger/waiting-sends.ts';
import { type Client, storedLineOf } from '../lib/client.ts';
import { CLIENT, READS } from '../lib/parameter-names.ts';
import type { Patience } from './patience.ts';
import type { Watched } from './watcher.ts';

const PREFIX = 'Ezw-';

/** A stack that stands, or is just being changed. One that is being made or goes is nobody's yet, or any more. */
const STANDS: readonly StackStatus[] = Object.values(StackStatus).filter((status) =>
  /^(?:CREATE_COMPLETE|(?:UPDATE|IMPORT)_)/.test(status),
);

/** More of them waiting is no other news. */
const MOST_WAITING = 1_000;

/** What the checks see, without reading a whole table. @param now epoch milliseconds */
const sightFrom = (target: Target, now: number, patience: Patience): Sight => ({
  ...sightOf(target, now, {
    waiting: once(() =>
      waitingSends(tableOf(target, 'sends'), storedLineOf(target.client), target.dynamodb, MOST_WAITING),
    ),
    sends: () => Promise.reject(new Failed('The watcher reads no whole table.')),
  }),
  health: once(() => patience.ask(new URL(target.ezwUrl).host, () => healthOf(target))),
});

/** The client file as it was deployed. @throws Failed for a stack of a release that did not write it there */
const clientIn = ({ Metadata = {} }: StackTemplate, name: string): Client => {
  const client = Metadata[CLIENT] as Client | undefined;
  if (client) return client;
  throw new Failed(`it was deployed by an earlier release, which the watcher cannot look at: npx ezw deploy ${name}`);
};

/** A stack as it is remembered from one run to the next: without the template itself, of which 200 would fill the memory. */
interface Known {
  /** Of the stack, and when it was changed last. */
  readonly as: string;
  readonly target: Target;
}

const shortened = ({ Metadata = {} }: StackTemplate): StackTemplate => ({
  Metadata: { [READS]: Metadata[READS] },
  Resources: {},
});

const changeOf = ({ StackId, LastUpdatedTime, CreationTime, StackStatus }: StackSummary): string =>
  [StackId, (LastUpdatedTime ?? CreationTime)?.getTime(), StackStatus].join(' ');

/** The clients' stacks of an account and region. What CloudFormation says of one is asked anew only when it was changed: it lets an account ask a few times a second. */
export class AccountStacks {
  readonly #services = allServicesOf({});
  readonly #known = new Map<string, Known>();
  #asked: Promise<unknown> = Promise.resolve();

  /** All that stand now. @param now epoch milliseconds @param patience with their lines */
  async all(now: number, patience: Patience): Promise<readonly Watched[]> {
    const summaries: StackSummary[] = [];
    const pages = paginateListStacks({ client: this.#services.cloudFormation }, { StackStatusFilter: [...STANDS] });
    for await (const { StackSummaries = [] } of pages) summaries.push(...StackSummaries);
    const ours = summaries.filter(({ StackName = '' }) => /^Ezw-(?!watch$)[a-z][a-z0-9-]*$/.test(StackName));
    return ours.map((summary) => ({
      client: (summary.StackName ?? '').slice(PREFIX.length),
      open: async () => sightFrom(await this.#open(summary), now, patience),
    }));
  }

  async #open(summary: StackSummary): Promise<Target> {
    const { StackName: name = '' } = summary;
    const as = changeOf(summary);
    const known = this.#known.get(name);
    if (known?.as === as) return known.target;
    const target = await this.#oneByOne(() => this.#look(name));
    this.#known.set(name, { as, target });
    return target;
  }

  async #look(name: string): Promise<Target> {
    const { cloudFormation } = this.#services;
    const template = await templateOf(cloudFormation, name);
    const client = clientIn(template, name.slice(PREFIX.length));
    const stack = await stackOf(cloudFormation, name);
    if (!stack) throw new Failed(`${name} is gone.`);
    const target = await targetAt(client, stack, template, this.#services);
    return { ...target, template: shortened(template) };
  }

  /** After a cold start all of them are asked for. */
  #oneByOne<T>(look: () => Promise<T>): Promise<T> {
    const next = this.#asked.then(look);
    this.#asked = next.catch(() => undefined);
    return next;
  }
}

/** The one stack of this machine, at its address, by the rights of this function. */
export const localStacks = async (url: string, now: number, patience: Patience): Promise<readonly Watched[]> => {
  const template = (await localResources(url)).template as StackTemplate;
  const client = clientIn(template, 'demo');
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = process.env;
  const own = { accessKeyId, secretAccessKey };
  const open = async () => sightFrom(await localTarget(client, url, own), now, patience);
  return [{ client: client.name, url, open }];
};
