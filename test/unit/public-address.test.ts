import { describe, expect, it } from 'vitest';
import { http } from '../../functions/shared/runtime/http.ts';
import { isPublicAddress } from '../../functions/shared/runtime/public-address.ts';

describe('addresses', () => {
  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
  it.each([
    '127.0.0.1',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    'not an address',
    '',
  ])('%s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('a call that must stay public', () => {
  const call = (url: string) => http({ method: 'POST', url, body: '{}', publicOnly: true });
  it.each([
    'https://127.0.0.1/x',
    'https://10.0.0.1/x',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/x',
    'https://0x7f.1/x',
    'https://2130706433/x',
    'http://127.0.0.1:1/x',
    'http://shop.example/x',
  ])('never leaves for %s', async (url) => {
    expect(await call(url)).toEqual({ kind: 'never-left', code: 'private_address' });
  });
  it('never leaves for a name that resolves to this machine', async () => {
    expect(await call('https://localhost/x')).toEqual({ kind: 'never-left', code: 'private_address' });
  });
});
