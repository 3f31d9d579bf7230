import * as bookings from '../../../functions/appointment-reminder/sources.ts';
import * as leads from '../../../functions/lead-first-touch/sources.ts';
import * as orders from '../../../functions/order-ready/sources.ts';
import type { SourceSecret } from '../../../functions/shared/door/signatures.ts';
import type { Sources } from '../../../functions/shared/door/source.ts';
import type { Contract } from '../../../local/sandbox/contract/assumptions.ts';
import { createConversations } from '../../../local/sandbox/conversations.ts';
import { SECRETS } from './wiring.ts';
import { type Delivery, HOUR, type Loss, MINUTE, type World } from './world.ts';

export interface Person {
  readonly name: string;
  readonly phone: string;
  readonly conversationId: string;
}

/** What somebody wrote, or the team wrote to them. */
export interface Said {
  readonly id: string;
  readonly by: 'customer' | 'team';
  readonly person: Person;
  readonly text: string;
  readonly at: number;
}

/** What a source told, by the key under which it is sent. */
export interface Told {
  readonly key: string;
  readonly person: Person;
  /** Whether they must have it on their phone in the end, must not, or may. */
  readonly meant: 'arrives' | 'never' | 'may';
  /** Of one that arrives, between when, epoch milliseconds. */
  readonly from: number;
  readonly by: number;
}

/** A word about being written to, with the times between which it was surely taken in. */
export interface Word {
  readonly person: Person;
  readonly word: 'stop' | 'start';
  readonly at: number;
}

const TEMPLATES: Readonly<Record<string, Sources<unknown>>> = {
  'order-ready': orders,
  'appointment-reminder': bookings,
  'lead-first-touch': leads as Sources<unknown>,
};

/** The line is away for an hour, and its token for twenty minutes. */
const PATIENCE_MS = 3 * HOUR;

const conversations = createConversations();
let next = 0;

export const iso = (at: number): string => new Date(at).toISOString();

/** What stories do in a world, and what they did, for whoever looks at it afterwards. */
export class Scene {
  readonly world: World;
  readonly contract: Contract;
  readonly random: () => number;
  readonly people: Person[] = [];
  readonly said: Said[] = [];
  readonly told: Told[] = [];
  readonly words: Word[] = [];
  /** Keys of what was read. */
  readonly reads: string[] = [];
  /** Digests of old messages that are due. */
  digests = 0;
  /** How many messages they are of. */
  old = 0;

  constructor(world: World, contract: Contract, random: () => number) {
    this.world = world;
    // Nothing is left of a run before.
    if (world.happened) next = 0;
    this.contract = contract;
    this.random = random;
  }

  /** Somebody whom no other run knows. */
  person(name: string): Person {
    next += 1;
    const phone = `+97250123${String(next).padStart(4, '0')}`;
    const person = { name: `${name} ${next}`, phone, conversationId: conversations.idOf(phone) };
    this.people.push(person);
    return person;
  }

  /** An id of the outside world that no other run has. */
  id(name: string): string {
    next += 1;
    return `${name}-${next}`;
  }

  /** An event of a source, signed as it signs. */
  async tell(template: string, source: string, body: object): Promise<void> {
    const found = TEMPLATES[template]?.[source];
    const secret = SECRETS.sources?.[source];
    if (!found || secret === undefined) throw new Error(`There is no source ${template}/${source}.`);
    const signing = (typeof secret === 'string' ? { current: secret } : secret) as SourceSecret;
    for (let tries = 1; ; tries += 1) {
      const signed = found.sign(JSON.stringify(body), signing, new Date());
      const status = await this.world.ask('POST', `/${template}/${source}`, signed);
      if (status === 200) return;
      // As every shop does it: again, and again later.
      if (status < 500 || !this.world.happened || tries > 8)
        throw new Error(`${template}/${source} answered ${status}.`);
      await this.world.pause(tries * MINUTE);
    }
  }

  /** A key that a source's event has, and what shall become of it. @param from when it may come, and soon after must */
  expect(key: string, person: Person, meant: Told['meant'] = 'arrives', from = this.world.now): void {
    if (this.told.some((one) => one.key === key)) return;
    this.told.push({ key, person, meant, from, by: from + PATIENCE_MS });
  }

  /** They read it. */
  async read(key: string): Promise<void> {
    if (!this.world.sandbox.phone().some((one) => one.key === key)) return;
    this.reads.push(key);
    await this.world.control('POST', 'statuses', { key, status: 'read' });
    await this.world.control('POST', 'statuses', { key, status: 'delivered' });
  }

  /** An order of a person, as it is ready (or another of its steps). */
  async order(person: Person, meant: Told['meant'] = 'arrives', { id = this.id('order'), update = 'ready' } = {}) {
    const key = `order:${id}:${update}`;
    this.expect(key, person, meant);
    const at = this.world.now;
    const tell = () =>
      this.tell('order-ready', 'custom', {
        type: update === 'ready' ? 'order.ready_for_pickup' : 'order.updated',
        timestamp: iso(at),
        data: {
          order_id: id,
          order_number: id,
          ...(update !== 'ready' && { update }),
          status_url: `https://shop.example/o/${id}`,
          customer: { name: person.name, phone: person.phone },
        },
      });
    await tell();
    return { id, key, again: tell };
  }

  /** What the sender had in hand comes to it once more, as somebody who redrives brings it. */
  redrive(key: string): void {
    this.world.commands.get(key)?.();
  }

  lose(key: string, how: Loss['how']): void {
    this.world.losses.push({ key, how });
  }

  /** A message of a customer. @param over as the sandbox takes it: type, content, at */
  async says(person: Person, text: string, over: { readonly type?: string; readonly at?: string } = {}): Promise<void> {
    const { id } = (await this.world.control('POST', 'customer-messages', { phone: person.phone, text, ...over })) as {
      id: string;
    };
    const at = over.at === undefined ? this.world.now : Date.parse(over.at);
    this.said.push({ id, by: 'customer', person, text, at });
  }

  /** A word about being written to. It counts once it is surely taken in. */
  async word(person: Person, word: 'stop' | 'start', over: { readonly at?: string } = {}): Promise<void> {
    await this.says(person, word.toUpperCase(), over);
    // Where workers are killed and stand still it is taken in when the queue has brought it back, perhaps more than once.
    const patience = this.world.happened && word === 'stop' ? 4 * HOUR : 5 * MINUTE;
    this.words.push({ person, word, at: this.world.now + patience });
  }

  /** The team answers, in the workspace. */
  async team(person: Person, text: string): Promise<void> {
    const { id } = (await this.world.control('POST', 'human-messages', { phone: person.phone, text })) as {
      id: string;
    };
    this.said.push({ id, by: 'team', person, text, at: this.world.now });
  }

  /** What would go to the door one by one while this is done comes in one body; what is no message comes as it was. */
  async inOneBody(say: () => Promise<void>): Promise<void> {
    const caught: Delivery[] = [];
    this.world.catcher = (delivery) => caught.push(delivery) > 0;
    await say();
    this.world.catcher = undefined;
    const all = caught.map((delivery) => ({ delivery, body: JSON.parse(delivery.body) as { messages?: object[] } }));
    const messages = all.flatMap(({ body }) => body.messages ?? []);
    const first = all.find(({ body }) => body.messages);
    if (first) {
      const body = JSON.stringify({ ...first.body, messages });
      void this.world.deliver({ ...first.delivery, body }, true);
    }
    for (const { delivery, body } of all) if (!body.messages) void this.world.deliver(delivery, true);
  }
}
