import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Networks that an address from outside must never lead to: our own, the machine itself, and the cloud's metadata service. */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
  ] as const),
  ...([
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
    ['192.168.0.0', 16],
  ] as const),
  ...([
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const),
]) {
  PRIVATE.addSubnet(network, prefix, 'ipv4');
}
/** Of IPv6 only the global unicast range is public, without the parts that wrap or tunnel an IPv4 address. */
const PUBLIC_V6 = new BlockList();
PUBLIC_V6.addSubnet('2000::', 3, 'ipv6');
const WRAPPING_V6 = new BlockList();
for (const [network, prefix] of [
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const) {
  WRAPPING_V6.addSubnet(network, prefix, 'ipv6');
}

export const isPublicAddress = (address: string): boolean => {
  if (isIP(address) === 4) return !PRIVATE.check(address, 'ipv4');
  return isIP(address) === 6 && PUBLIC_V6.check(address, 'ipv6') && !WRAPPING_V6.check(address, 'ipv6');
};

export const PRIVATE_ADDRESS = 'private_address';

const refusal = (): NodeJS.ErrnoException =>
  Object.assign(new Error('The address leads to a private network.'), { code: PRIVATE_ADDRESS });

/** The stand-ins of the local stack are on this machine, and so are its AWS services; deployed functions have neither. */
const isLocalStack = (): boolean => /^http:\/\/127\.0\.0\.1:/.test(process.env.AWS_ENDPOINT_URL_SQS ?? '');

/** Throws for a host that is itself a private address: those are connected to without a look-up. */
export const refusePrivateHost = (url: URL): void => {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol === 'http:' && host === '127.0.0.1' && isLocalStack()) return;
  if (url.protocol !== 'https:' || (isIP(host) !== 0 && !isPublicAddress(host))) throw refusal();
};

/** DNS, with private addresses refused after the resolution: the address that is checked is the one that is connected to. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[] = []) => {
    const [first] = addresses;
    const problem = error ?? (first && addresses.every(({ address }) => isPublicAddress(address)) ? null : refusal());
    if (problem || !first) callback(problem ?? refusal(), '', 0);
    else if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};
