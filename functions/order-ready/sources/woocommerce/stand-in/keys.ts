/** A key of the REST API, which acts for a user of the shop. */
export interface Key {
  readonly secret: string;
  readonly permissions: 'read' | 'write' | 'read_write';
  /** Its user has the right `manage_woocommerce`. */
  readonly manages: boolean;
}

/** The shop's keys, by what WooCommerce calls the consumer key. */
const KEYS: Readonly<Record<string, Key>> = {
  ck_demo: { secret: 'cs_demo', permissions: 'read_write', manages: true },
  ck_reader: { secret: 'cs_reader', permissions: 'read', manages: true },
  ck_clerk: { secret: 'cs_clerk', permissions: 'read_write', manages: false },
};

/** Of basic authentication, or of the address where a server takes the header away; undefined for none and for one that there is not. */
export const keyOf = (
  authorization: string | undefined,
  query: Readonly<Record<string, string>>,
): Key | 'wrong secret' | undefined => {
  const [, encoded = ''] = /^Basic ([\w+/=]+)$/.exec(authorization ?? '') ?? [];
  const [id, secret] = query.consumer_key
    ? [query.consumer_key, query.consumer_secret]
    : Buffer.from(encoded, 'base64').toString('utf8').split(':');
  const found = KEYS[id ?? ''];
  return found && found.secret !== secret ? 'wrong secret' : found;
};
