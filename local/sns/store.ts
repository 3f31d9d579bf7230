import { randomUUID } from 'node:crypto';
import { accountId, region } from '../account.ts';
import { SnsError } from './sns-error.ts';

/** A message that was published. */
export interface Told {
  /** ISO 8601. */
  readonly at: string;
  /** The attribute `client`, all of its texts; undefined where it says none. */
  readonly client: string | undefined;
  readonly subject: string | undefined;
  readonly message: string;
  /** Addresses that it goes to, sorted. */
  readonly to: readonly string[];
}

/** What is to be published. */
export interface Publication {
  readonly topicArn: string;
  readonly message: string;
  readonly subject?: string | undefined;
  /** Texts by name; one attribute may have several. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

interface Subscription {
  readonly endpoint: string;
  /** For each attribute the texts that it may have. */
  readonly filter: Readonly<Record<string, readonly string[]>> | undefined;
}

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const MAX_BYTES = 256 * 1024;
const MAX_SUBJECT = 100;
/** As long as no page says that more than ASCII is taken everywhere, none is taken here. */
const SUBJECT = /^[\x21-\x7e][\x20-\x7e]*$/;

/** Nobody looks further back. */
const KEPT = 1_000;

const topicArn = (name: string): string => `arn:aws:sns:${region}:${accountId}:${name}`;

const invalid = (what: string): SnsError => new SnsError(400, 'InvalidParameter', `Invalid parameter: ${what}`);

/** The topics, who hears them, and what was told. */
export class SnsStore {
  readonly #topics = new Map<string, Subscription[]>();
  readonly #inbox: Told[] = [];
  readonly #now: () => number;

  /** @param now epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Makes a topic, or finds it; who heard it is forgotten. Returns its ARN. */
  create(name: string): string {
    const arn = topicArn(name);
    this.#topics.set(arn, []);
    return arn;
  }

  /** Everybody confirms at once. */
  subscribe(arn: string, endpoint: string, filter?: Subscription['filter']): void {
    this.#find(arn).push({ endpoint, filter });
  }

  /** Returns the id of the message. @throws SnsError */
  publish({ topicArn: arn, message, subject, attributes }: Publication): string {
    const subscriptions = this.#find(arn);
    if (message === '') throw invalid('Empty message');
    const sizes = [message, ...Object.entries(attributes).flat(2)].map((text) => Buffer.byteLength(text));
    if (sizes.reduce((sum, bytes) => sum + bytes, 0) > MAX_BYTES) throw invalid('Message too long');
    if (subject !== undefined && (subject.length > MAX_SUBJECT || !SUBJECT.test(subject))) throw invalid('Subject');
    const to = subscriptions.filter(({ filter }) => passes(filter, attributes)).map(({ endpoint }) => endpoint);
    this.#inbox.push({
      at: new Date(this.#now()).toISOString(),
      client: attributes.client?.join(', '),
      subject,
      message,
      to: [...new Set(to)].sort(),
    });
    this.#inbox.splice(0, this.#inbox.length - KEPT);
    return randomUUID();
  }

  /** What was told, the first one first. */
  get inbox(): readonly Told[] {
    return this.#inbox;
  }

  #find(arn: string): Subscription[] {
    const found = this.#topics.get(arn);
    if (!found) throw new SnsError(404, 'NotFound', 'Topic does not exist');
    return found;
  }
}

/** An attribute that a message does not have matches no text: https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html */
const passes = (filter: Subscription['filter'] = {}, attributes: Publication['attributes']): boolean =>
  Object.entries(filter).every(([name, texts]) => attributes[name]?.some((one) => texts.includes(one)));
