import { type Client, type ClientInput, defineClient } from '../../lib/client.ts';
import { everythingOn } from '../../lib/everything-on.ts';

/** Nobody's: where it lives and whom it tells changes nothing of what it costs. */
const INPUT: ClientInput = {
  name: 'anybody',
  lineId: 'line-anybody',
  country: 'US',
  zone: 'Etc/UTC',
  locale: 'en',
  contacts: { operator: { name: 'Nobody', phone: '+12125550123', email: 'nobody@agency.example' } },
  templates: {},
};

/** A client with everything on, or the first so many templates of it. */
export const anybody = (templates?: number): Client => {
  const input = everythingOn(INPUT, 'https://stand-in.example');
  return defineClient({
    ...input,
    templates: Object.fromEntries(Object.entries(input.templates).slice(0, templates)),
  });
};
